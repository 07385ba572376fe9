/**
 * The sidecar of the demo: the product's own, with a clock that the demo can set ahead, since nobody waits half an hour
 * for a renewal.
 */
import process from 'node:process'
import type { Clock } from '../src/credentials/index.ts'
import { plainExchanges } from './sidecar/exchanges.ts'
import { run } from './sidecar.ts'
import { systemClock } from './systemClock.ts'

let ahead = 0
process.on('message', (message: { readonly aheadMinutes?: number }) => {
  ahead += (message.aheadMinutes ?? 0) * 60_000
})
// The demo's end is the sidecar's, however it came.
process.on('disconnect', () => process.exit())

const clock: Clock = {
  now: () => systemClock.now() + ahead,
  // Time that has passed, not a clock that somebody set.
  uptime: () => systemClock.uptime() + ahead,
  wakeAt: (at, fn) => systemClock.wakeAt(at - ahead, fn),
}

await run(plainExchanges, clock)
