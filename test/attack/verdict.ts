import type { Protocol } from '../conformance/client.ts'
import type { Asked } from './clientChild.ts'
import type { Memory } from './memory.ts'

export type Outcome = {
  readonly name: string
  readonly protocol: Protocol
  readonly expected: string
  readonly seen: string
  readonly note?: string
  /** When it was under way: Date.now. */
  readonly from: number
  readonly to: number
  /** Of the sidecar behind it, in MiB. */
  readonly memory: number
}

export type Served = {
  readonly asked: number
  readonly failures: readonly string[]
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly slowest: readonly { readonly took: number; readonly during: string }[]
}

export type Side = {
  readonly protocol: Protocol
  readonly memory: Memory
  readonly served: Served
  /** The client's p99 before the attacks. */
  readonly baseline: number
}

export const GROWTH = 5
/**
 * The roles of two containers and that of IMDS: each session is renewed once at most while the suite runs, since its first
 * renewal is at any instant and the next one 20 minutes later at the earliest.
 */
export const SESSIONS = 3
/** Milliseconds. */
export const SLOWEST_P99 = 250
/** A machine on which everything takes long makes the client wait as well: so many times its p99 of before. */
export const BUSY = 10
/** Of fewer requests, the p99 is but the slowest ones. */
export const FEWEST_JUDGED = 500
/** The sidecar's limit, so that it is never killed. */
export const MEMORY_LIMIT = 128

export const passed = ({ expected, seen }: Outcome): boolean => expected === seen

/** How long a client may wait at its p99, in milliseconds. */
export const slowestOf = ({ baseline }: Side): number => Math.max(SLOWEST_P99, BUSY * baseline)

/** How long this share of the requests, the quickest ones, took at most. */
export function quantile(asked: readonly Asked[], share: number): number {
  const sorted = asked.map(({ took }) => took).toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** What a client lived through until then (Date.now), and what was under way when it waited longest. */
export function summarise(asked: readonly Asked[], outcomes: readonly Outcome[], until: number): Served {
  const meanwhile = asked.filter(({ at }) => at <= until)
  const during = ({ at: when, took }: Asked): string => {
    const found = outcomes.filter(({ from, to }) => from <= when + took && when <= to)
    return found.map(({ name, protocol }) => `${name} (${protocol})`).join(', ') || 'no attack'
  }
  return {
    asked: meanwhile.length,
    failures: meanwhile.flatMap((one) => (one.error === undefined ? [] : [`${one.error}, during ${during(one)}`])),
    p50: quantile(meanwhile, 0.5),
    p99: quantile(meanwhile, 0.99),
    max: quantile(meanwhile, 1),
    slowest: meanwhile
      .toSorted((a, b) => b.took - a.took)
      .slice(0, 3)
      .map((one) => ({ took: one.took, during: during(one) })),
  }
}

/** What is wrong beside the attacks whose answer was another one. */
export function findFaults(side: Side): readonly string[] {
  const { protocol, memory, served } = side
  const { before, peak, after } = memory
  const faults = [
    after > before + GROWTH && `private memory grew from ${before.toFixed(1)} to ${after.toFixed(1)} MiB`,
    peak > MEMORY_LIMIT && `private memory reached ${peak.toFixed(1)} MiB`,
    served.asked === 0 && 'the real client asked for nothing',
    served.asked >= FEWEST_JUDGED &&
      served.p99 >= slowestOf(side) &&
      `the real client's p99 was ${served.p99.toFixed(0)} ms, ${slowestOf(side).toFixed(0)} ms are too many`,
    served.failures.length > 0 &&
      `the real client failed ${served.failures.length} times, first: ${served.failures[0]}`,
  ]
  return faults.filter((fault) => fault !== false).map((fault) => `${protocol}: ${fault}`)
}
