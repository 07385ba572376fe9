import type { Instant, Milliseconds } from './types.ts'

/** Time, as it is handed in. */
export type Clock = {
  readonly now: () => Instant
  /** Since the machine started: nobody sets it, and it goes on while the machine sleeps. */
  readonly uptime: () => Milliseconds
  /** Calls once, soon if the instant has passed, and returns how to cancel. */
  readonly wakeAt: (at: Instant, fn: () => void) => () => void
}

/** Both clocks at one moment: how far the one went and the other did not, it was set. */
export type Look = { readonly now: Instant; readonly uptime: Milliseconds }

/** The uptime first: where the process stood still in between, credentials that came just then lose of their life. */
export const lookAt = ({ now, uptime }: Clock): Look => ({ uptime: uptime(), now: now() })

/** What a clock must have been set by to be told from noise: some systems count their uptime in whole seconds. */
export const NOISE: Milliseconds = 2_000

/** How far the clock was set since an earlier look, forward or back; and this look, to be compared with the next. */
export function compareLooks(
  before: Look,
  { now, uptime }: Look,
): { readonly setBy: Milliseconds; readonly seen: Look } {
  const ahead = now - before.now - (uptime - before.uptime)
  const setBy = Math.abs(ahead) > NOISE ? ahead : 0
  // What is too little to be told from noise is not forgotten: a clock that creeps adds up.
  return { setBy, seen: { now: now - ahead + setBy, uptime } }
}
