import type { Clock } from '../src/credentials/index.ts'

/** The clock of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  wakeAt: (at, fn) => {
    const timer = setTimeout(fn, Math.max(0, at - Date.now()))
    return () => clearTimeout(timer)
  },
}
