/** Linux takes 131,072 bytes for a variable with its name (MAX_ARG_STRLEN), and no program starts with a longer one. */
export const LONGEST_VARIABLE = 120_000
/** As UTF-8. */
export function bytesOf(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}

/** A number without quotes that JavaScript cannot hold would become another one: IDs of apps are long. */
const isExact = (value: unknown): boolean =>
  typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)
const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value) && isExact(value)

/** What YAML or JSON holds as the text that a kind parses: lists of single words are joined by blanks; undefined for the rest. */
export function textOfValue(value: unknown): string | undefined {
  if (isScalar(value)) return String(value)
  return Array.isArray(value) && value.every((item) => isScalar(item) && !/\s/.test(String(item)))
    ? value.join(' ')
    : undefined
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
