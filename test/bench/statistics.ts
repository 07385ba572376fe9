import type { Point, Spread } from './bench.ts'

/** The value below which that share of them lies; not a number where there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Of an even number of values, the mean of the two in the middle. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

/** Throws where there is nothing to tell of. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0 || !values.every(Number.isFinite))
    throw new Error(`no figure can be made of [${values.join(', ')}]`)
  return { median: medianOf(values), min: Math.min(...values), max: Math.max(...values), count: values.length }
}

export type Pair = { readonly ours: number; readonly baseline: number }

/** Round by round: what disturbed a round disturbed both. */
export const ratioOf = (
  pairs: readonly Pair[],
): { readonly value: Spread; readonly ours: Spread; readonly baseline: Spread } => ({
  value: spreadOf(pairs.map(({ ours, baseline }) => ours / baseline)),
  ours: spreadOf(pairs.map(({ ours }) => ours)),
  baseline: spreadOf(pairs.map(({ baseline }) => baseline)),
})

/** Ours as it is, and the baseline beside it. */
export function besideOf(
  ours: readonly number[],
  baseline: readonly number[],
): { readonly value: Spread; readonly ours: Spread; readonly baseline: Spread } {
  const value = spreadOf(ours)
  return { value, ours: value, baseline: spreadOf(baseline) }
}

/**
 * The slope of the logarithms, by least squares: 0 for what does not grow, 1 for what grows in step. Throws where two
 * points, all of them above 0, are not there.
 */
export function exponentOf(points: readonly Point[]): number {
  const logs = points.map(({ at, value }) => ({ x: Math.log(at), y: Math.log(value) }))
  const mean = (of: (log: { x: number; y: number }) => number): number =>
    logs.reduce((sum, log) => sum + of(log), 0) / logs.length
  const [x, y] = [mean((log) => log.x), mean((log) => log.y)]
  const exponent = mean((log) => (log.x - x) * (log.y - y)) / mean((log) => (log.x - x) ** 2)
  if (!Number.isFinite(exponent)) throw new Error(`no exponent can be made of ${JSON.stringify(points)}`)
  return exponent
}

/** Whoever comes first changes with every round. */
export const turns = (count: number, round: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => (index + round) % count)
