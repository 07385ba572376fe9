import type { Milliseconds } from '../../../src/credentials/index.ts'
import { simulateAll } from './pool.ts'
import { meanRate, peakRate } from './rates.ts'
import { HOUR, MINUTE, type Scenario, SECOND } from './scenarios.ts'
import type { Herd } from './simulate.ts'

export type AfterOutage = {
  /** The busiest minute, the busiest second of the hour after it, over the mean rate. */
  readonly minute: number
  readonly second: number
  /** The busiest minute from half an hour after its end on. */
  readonly later: number
  /** The busiest minute while it lasted: calls in vain. */
  readonly during: number
}

/** What a herd shows. Rates are calls of STS a second, peaks are over the mean rate of the steady time. */
export type HerdResult = {
  readonly name: string
  readonly mean: number
  /** How long the steady time is, in whole minutes. */
  readonly minutes: number
  /** The busiest minute of the steady time. */
  readonly peak: number
  /** The busiest minute from two minutes after the cold start on until the steady time: the first cycle. */
  readonly firstCycle: number
  readonly afterOutages: readonly AfterOutage[]
  readonly calls: number
  readonly callsPerCredentials: number
  /** How many sidecars could ever not serve what they held, and the longest time of one. */
  readonly expired: number
  readonly longestLack: Milliseconds
  /** From the first start of a container to its first credentials: half of them, all of them. */
  readonly medianWait: Milliseconds
  readonly longestWait: Milliseconds
  readonly withoutAny: number
  readonly restarts: number
}

/** Figures of a herd. Throws where the scenario's times were not simulated. */
export function resultOf({ name, steady, outages, options }: Scenario, herd: Herd): HerdResult {
  const { calls, credentials, waits, without, expired, longestLack, restarts } = herd
  const mean = meanRate(calls, steady)
  const peak = (bin: Milliseconds, from: number, until: number): number => peakRate(calls, bin, { from, until }) / mean
  const [first] = options.starts
  const started = first === undefined ? 0 : first.from + first.within
  const total = calls.reduce((sum, count) => sum + count, 0)
  const after = outages.map(({ from, until }, index) => ({
    minute: peak(MINUTE, until, until + HOUR),
    second: peak(SECOND, until, until + HOUR),
    later: peak(MINUTE, until + HOUR / 2, outages[index + 1]?.from ?? options.span),
    during: peak(MINUTE, from, until),
  }))
  return {
    name,
    mean,
    minutes: Math.floor((steady.until - steady.from) / MINUTE),
    peak: peak(MINUTE, steady.from, steady.until),
    firstCycle: peak(MINUTE, started + 2 * MINUTE, steady.from),
    afterOutages: after,
    calls: total,
    callsPerCredentials: total / credentials,
    expired,
    longestLack,
    medianWait: waits[waits.length >> 1] ?? Number.NaN,
    longestWait: waits.at(-1) ?? Number.NaN,
    withoutAny: without,
    restarts,
  }
}

/** Simulates herds that have names. */
export async function resultsOf<Name extends string>(
  scenarios: Readonly<Record<Name, Scenario>>,
): Promise<Readonly<Record<Name, HerdResult>>> {
  const list = Object.entries<Scenario>(scenarios)
  const herds = await simulateAll(list.map(([, { options }]) => options))
  const results = list.map(([name, scenario], index) => {
    const herd = herds[index]
    if (herd === undefined) throw new Error(`${name} was not simulated`)
    return [name, resultOf(scenario, herd)] as const
  })
  return Object.fromEntries(results) as Record<Name, HerdResult>
}
