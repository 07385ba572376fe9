import type { Instant, Milliseconds } from '../../../src/credentials/index.ts'

export type Window = { readonly from: Instant; readonly until: Instant }

/** Calls a second on average; whole seconds count. */
export function meanRate(calls: Uint32Array, { from, until }: Window): number {
  const [first, end] = secondsOf(calls, { from, until })
  return sum(calls, first, end) / (end - first)
}

/** The calls a second of the busiest bin that lies in the window as a whole. */
export function peakRate(calls: Uint32Array, bin: Milliseconds, window: Window): number {
  const [first, end] = secondsOf(calls, window)
  const seconds = bin / 1000
  let peak = 0
  for (let at = first; at + seconds <= end; at += seconds) peak = Math.max(peak, sum(calls, at, at + seconds) / seconds)
  return peak
}

function secondsOf(calls: Uint32Array, { from, until }: Window): readonly [number, number] {
  const [first, end] = [Math.ceil(from / 1000), Math.floor(Math.min(until, calls.length * 1000) / 1000)]
  if (!(first >= 0 && first < end)) throw new Error(`nothing was seen from ${from} to ${until} ms`)
  return [first, end]
}

function sum(calls: Uint32Array, first: number, end: number): number {
  let total = 0
  for (let second = first; second < end; second += 1) total += calls[second] ?? 0
  return total
}
