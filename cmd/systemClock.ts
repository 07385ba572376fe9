import { uptime } from 'node:os'
import process from 'node:process'
import type { Clock } from '../src/credentials/index.ts'

/** The clock of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  // Where /proc/uptime tells of the container alone (LXCFS), a restart would set it back; the other stands still in sleep.
  uptime: () => Math.max(Math.round(uptime() * 1_000), Number(process.hrtime.bigint() / 1_000_000n)),
  wakeAt: (at, fn) => {
    const timer = setTimeout(fn, Math.max(0, at - Date.now()))
    return () => clearTimeout(timer)
  },
}
