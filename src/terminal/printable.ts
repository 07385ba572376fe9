/** C0, DEL and C1 controls, line separators and bidirectional overrides: they would forge lines or hide text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not pass
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Foreign text as one printable line of at most `longest` UTF-16 units. */
export function printable(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  return cut.toWellFormed().replace(unprintable, ' ')
}

/** A value as JSON that a terminal shows as it is: JSON itself escapes C0 alone, and lets the others stand in texts. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replaceAll(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
