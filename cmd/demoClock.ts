import process from 'node:process'
import type { Clock } from '../src/credentials/index.ts'
import { systemClock } from './systemClock.ts'

/** A clock that whoever started this process can set ahead; with him the process ends. */
export function demoClock(): Clock {
  let ahead = 0
  process.on('message', (message: { readonly aheadMinutes?: number }) => {
    ahead += (message.aheadMinutes ?? 0) * 60_000
  })
  // The demo's end is the sidecar's, however it came.
  process.on('disconnect', () => process.exit())
  return {
    now: () => systemClock.now() + ahead,
    // Time that has passed, not a clock that somebody set.
    uptime: () => systemClock.uptime() + ahead,
    wakeAt: (at, fn) => systemClock.wakeAt(at - ahead, fn),
  }
}
