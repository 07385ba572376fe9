/** Kubernetes quantities (API conventions, resource.Quantity) as thousandths in a bigint, so that sums are exact. */

const SUFFIXES: Readonly<Record<string, readonly [numerator: bigint, denominator: bigint]>> = {
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1000n],
  '': [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  Pi: [2n ** 50n, 1n],
  Ei: [2n ** 60n, 1n],
}

/** Thousandths, rounded up as Kubernetes does; undefined where it is no quantity. */
export function parseQuantity(text: string): bigint | undefined {
  const match = /^([+-]?)(?=\.?\d)(\d{0,18})(?:\.(\d{0,18}))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/.exec(
    text,
  )
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', suffix = '', exponent = '0'] = match
  const [up, down] = SUFFIXES[suffix] ?? [1n, 1n]
  const power = Number(exponent)
  const numerator = BigInt(whole + fraction) * up * 1000n * 10n ** BigInt(Math.max(power, 0))
  const denominator = down * 10n ** BigInt(fraction.length + Math.max(-power, 0))
  const thousandths = (numerator + denominator - 1n) / denominator
  return sign === '-' ? -thousandths : thousandths
}

const WHOLE_UNITS = ['Gi', 'Mi', 'Ki'] as const

/** The shortest usual spelling: `64Mi`, `1500m`, `2`. */
export function formatQuantity(thousandths: bigint): string {
  if (thousandths % 1000n !== 0n) return `${thousandths}m`
  const value = thousandths / 1000n
  const unit = WHOLE_UNITS.find((suffix) => value !== 0n && value % (SUFFIXES[suffix]?.[0] ?? 1n) === 0n)
  return unit === undefined ? String(value) : `${value / (SUFFIXES[unit]?.[0] ?? 1n)}${unit}`
}

/** The sum of two quantities; the first (if there is one) where they cannot be added. */
export function addQuantities(a: string | undefined, b: string | undefined): string | undefined {
  const [left, right] = [a, b].map((text) => (text === undefined ? undefined : parseQuantity(text)))
  if (left === undefined || right === undefined) return a ?? b
  return formatQuantity(left + right)
}

/** What does not parse is like nothing else. */
export const sameQuantity = (a: string, b: string): boolean => {
  const value = parseQuantity(a)
  return value !== undefined && value === parseQuantity(b)
}
