import type { Clock } from '../../src/credentials/clock.ts'
import type { Instant, Milliseconds } from '../../src/credentials/types.ts'

/** A machine's clock whose time passes when the test says so. Timers count elapsed time, as those of Node do. */
export type VirtualClock = Clock & {
  /** Time passes: timers fire in order, and after each of them promises settle. */
  readonly advance: (time: Milliseconds) => Promise<void>
  /** Somebody sets the clock, forward or back: no time passes. */
  readonly jump: (by: Milliseconds) => void
  /** The machine sleeps: time passes for the world and on the clock, but not for timers. */
  readonly suspend: (time: Milliseconds) => void
  /** What no clock setting changes: `start` plus all the time that has passed, asleep or not. */
  readonly trueNow: () => Instant
  /** How many timers are armed. */
  readonly pending: () => number
}

type VirtualClockOptions = {
  readonly start?: Instant
  /** Lets promises settle. The default sees to all of them; a test of very many timers may take a cheaper one. */
  readonly settle?: () => Promise<void>
}

type Timer = { readonly due: Milliseconds; readonly fn: () => void }

/** The machine has run for that long at the start. */
export const UPTIME: Milliseconds = 86_400_000

const everything = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Enough for chains of a few promises, and much cheaper than a turn of the event loop. */
export async function aFewMicrotasks(): Promise<void> {
  for (let round = 0; round < 12; round += 1) await undefined
}

/** Stands at `start` (2026-03-04T05:06:07.890Z by default) until it is told otherwise. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { start = Date.UTC(2026, 2, 4, 5, 6, 7, 890), settle = everything } = options
  let elapsed = 0
  let asleep = 0
  let set = 0
  const timers = new Set<Timer>()
  const now = (): Instant => start + elapsed + asleep + set

  const nextWithin = (end: Milliseconds): Timer | undefined => {
    let next: Timer | undefined
    // The order of insertion decides between equals.
    for (const timer of timers) if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer
    return next
  }

  const advance = async (time: Milliseconds): Promise<void> => {
    const end = elapsed + time
    await settle()
    for (let timer = nextWithin(end); timer !== undefined; timer = nextWithin(end)) {
      timers.delete(timer)
      elapsed = Math.max(elapsed, timer.due)
      timer.fn()
      await settle()
    }
    elapsed = end
  }

  return {
    now,
    uptime: () => UPTIME + elapsed + asleep,
    wakeAt: (at, fn) => {
      const timer: Timer = { due: elapsed + Math.max(0, at - now()), fn }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance,
    jump: (by) => {
      set += by
    },
    suspend: (time) => {
      asleep += time
    },
    trueNow: () => start + elapsed + asleep,
    pending: () => timers.size,
  }
}
