import { CLIENT_WINDOWS, type Instant, type Milliseconds } from '../../../src/credentials/index.ts'
import type { Window } from './rates.ts'
import type { HerdOptions, Start } from './simulate.ts'
import type { Limit, Outage } from './sts.ts'

export const SECOND: Milliseconds = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** A herd, and what is looked at in it. */
export type Scenario = {
  readonly name: string
  readonly options: HerdOptions
  /** Long after its start and without an outage: what peaks are held against. */
  readonly steady: Window
  readonly outages: readonly Outage[]
}

/** The mean time between two renewals of sessions of an hour: 30 minutes, 5 % early on average. */
const CYCLE = 28.5 * MINUTE
const hour = { lifetime: HOUR, window: CLIENT_WINDOWS.container, seed: 1 } as const

/** All containers of the cluster within a few seconds, and kubelets that keep step: nothing is worse. */
const inStep = (sidecars: number): { starts: readonly Start[]; slack: Milliseconds } => ({
  starts: [{ sidecars, from: 0, within: 10 * SECOND }],
  slack: 0,
})
/** A hundred pods on each node, one every 5 s; kubelet looks at one that backs off every 10 to 15 s. */
const asNodesDo = (sidecars: number): { starts: readonly Start[]; slack: Milliseconds } => ({
  starts: [{ sidecars, from: 0, within: 500 * SECOND }],
  slack: 15 * SECOND,
})
const outageOf = (from: Instant, minutes: number, how: Outage['how'] = 'refuses'): Outage => ({
  from,
  until: from + minutes * MINUTE,
  how,
})
/** One and a half times what the herd needs on average, and 10 s of that at once. */
const limitOf = (sidecars: number): Limit => {
  const rate = (1.5 * sidecars) / (CYCLE / SECOND)
  return { rate, burst: 10 * rate }
}

/**
 * Two days of a herd of sessions of an hour: all start within 10 s; two outages of 20 minutes, of an STS that refuses and
 * of one that is silent; and a twentieth of all pods is replaced during the first, so that they meet its gate and kubelet's
 * restart backoff.
 */
export function twoDays(sidecars: number): Scenario {
  const refused = outageOf(16 * HOUR + 7 * MINUTE, 20)
  const silent = outageOf(32 * HOUR + 7 * MINUTE, 20, 'hangs')
  const late = Math.round(sidecars / 20)
  const starts = [
    { sidecars: sidecars - late, from: 0, within: 10 * SECOND },
    { sidecars: late, from: refused.from, within: 20 * MINUTE },
  ]
  const outages = [refused, silent]
  return {
    name: 'two days, two outages of 20 min',
    options: { ...hour, starts, slack: 15 * SECOND, span: 48 * HOUR, sts: { outages } },
    steady: { from: 30 * MINUTE, until: refused.from },
    outages,
  }
}

/** A cold start and some hours in which nothing happens, for other herds, lifetimes and windows. */
export function quietDay(
  sidecars: number,
  change: Partial<HerdOptions> & { readonly cycle?: Milliseconds } = {},
): Scenario {
  const { cycle = 30 * MINUTE, ...options } = change
  const span = options.span ?? 6 * HOUR
  return {
    name: 'nothing happens',
    options: { ...hour, ...inStep(sidecars), span, ...options },
    steady: { from: cycle, until: span },
    outages: [],
  }
}

export const fifteenMinutes = (sidecars: number): Scenario =>
  quietDay(sidecars, { lifetime: 15 * MINUTE, span: 3 * HOUR, cycle: 6 * MINUTE })
export const twelveHours = (sidecars: number): Scenario =>
  quietDay(sidecars, { lifetime: 12 * HOUR, span: 48 * HOUR, cycle: 6 * HOUR })
export const imdsClients = (sidecars: number): Scenario => quietDay(sidecars, { window: CLIENT_WINDOWS.imds })

type Places = { readonly starts: readonly Start[]; readonly slack: Milliseconds }

/** STS is away from the first start on, for 20 minutes. */
function coldOutage(name: string, places: Places): Scenario {
  const outages = [outageOf(0, 20)]
  return {
    name: `cold start into an outage of 20 min, ${name}`,
    options: { ...hour, ...places, span: 5 * HOUR, sts: { outages } },
    steady: { from: 3 * HOUR, until: 5 * HOUR },
    outages,
  }
}

/** Longer than any session lasts: all of them end. */
function longOutage(sidecars: number): Scenario {
  const outages = [outageOf(3 * HOUR + 7 * MINUTE, 120)]
  return {
    name: 'outage of 2 h',
    options: { ...hour, ...asNodesDo(sidecars), span: 8 * HOUR, sts: { outages } },
    steady: { from: HOUR, until: 3 * HOUR },
    outages,
  }
}

function throttled(name: string, places: Places, sidecars: number): Scenario {
  return {
    name: `cold start, throttled STS, ${name}`,
    options: { ...hour, ...places, span: 9 * HOUR, sts: { limit: limitOf(sidecars) } },
    steady: { from: 6 * HOUR, until: 9 * HOUR },
    outages: [],
  }
}

function throttledOutage(sidecars: number): Scenario {
  const outages = [outageOf(4 * HOUR + 7 * MINUTE, 20)]
  return {
    name: 'outage of 20 min, throttled STS',
    options: { ...hour, ...asNodesDo(sidecars), span: 8 * HOUR, sts: { outages, limit: limitOf(sidecars) } },
    steady: { from: 2 * HOUR, until: 4 * HOUR },
    outages,
  }
}

/** For an hour only one call of five succeeds. */
function brownout(sidecars: number): Scenario {
  const [from, until] = [3 * HOUR, 4 * HOUR]
  return {
    name: 'four calls of five fail for 1 h',
    options: { ...hour, ...asNodesDo(sidecars), span: 6 * HOUR, sts: { brownout: { from, until, share: 0.8 } } },
    steady: { from: HOUR, until: 3 * HOUR },
    outages: [],
  }
}

/** What has no goal, but must be known. */
export const furtherScenarios = (sidecars: number) => ({
  coldOutage: coldOutage('as nodes do', asNodesDo(sidecars)),
  coldOutageInStep: coldOutage('all in step', inStep(sidecars)),
  longOutage: longOutage(sidecars),
  throttledStart: throttled('as nodes do', asNodesDo(sidecars), sidecars),
  throttledStartInStep: throttled('all in step', inStep(sidecars), sidecars),
  throttledOutage: throttledOutage(sidecars),
  brownout: brownout(sidecars),
})
