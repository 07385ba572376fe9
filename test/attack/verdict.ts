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

export type Side = { readonly protocol: Protocol; readonly memory: Memory; readonly served: Served }

export const GROWTH = 5
/** Of both sidecars; each is renewed by itself once at most while the suite runs. */
export const SESSIONS = 3
export const SLOWEST_P99 = 250
/** The sidecar's limit, so that it is never killed. */
export const MEMORY_LIMIT = 128

export const passed = ({ expected, seen }: Outcome): boolean => expected === seen

/** What a client lived through, and what was under way when it waited longest. */
export function summarise(asked: readonly Asked[], outcomes: readonly Outcome[]): Served {
  const [from, to] = [outcomes[0]?.from ?? 0, outcomes.at(-1)?.to ?? 0]
  const meanwhile = asked.filter(({ at, took }) => from <= at + took && at <= to)
  const sorted = meanwhile.toSorted((a, b) => a.took - b.took)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.took ?? 0
  const during = ({ at: when, took }: Asked): string => {
    const found = outcomes.filter(({ from, to }) => from <= when + took && when <= to)
    return found.map(({ name, protocol }) => `${name} (${protocol})`).join(', ') || 'no attack'
  }
  return {
    asked: meanwhile.length,
    failures: meanwhile.flatMap((one) => (one.error === undefined ? [] : [`${one.error}, during ${during(one)}`])),
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    slowest: sorted
      .slice(-3)
      .toReversed()
      .map((one) => ({ took: one.took, during: during(one) })),
  }
}

/** What is wrong beside the attacks whose answer was another one. */
export function findFaults({ protocol, memory, served }: Side): readonly string[] {
  const { before, peak, after } = memory
  const faults = [
    after > before + GROWTH && `private memory grew from ${before.toFixed(1)} to ${after.toFixed(1)} MiB`,
    peak > MEMORY_LIMIT && `private memory reached ${peak.toFixed(1)} MiB`,
    served.p99 >= SLOWEST_P99 && `the real client's p99 was ${served.p99.toFixed(0)} ms`,
    served.failures.length > 0 &&
      `the real client failed ${served.failures.length} times, first: ${served.failures[0]}`,
  ]
  return faults.filter((fault) => fault !== false).map((fault) => `${protocol}: ${fault}`)
}
