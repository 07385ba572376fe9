import type { Clock } from '../src/credentials/index.ts'
import { runInPod } from './runInPod.ts'
import type { Exchanges } from './sidecar/exchanges.ts'
import { startSidecar } from './sidecar/start.ts'
import { systemClock } from './systemClock.ts'

/** Runs the sidecar until SIGTERM. */
export const run = (exchanges: Exchanges, clock: Clock = systemClock): Promise<void> =>
  runInPod((given) => startSidecar({ ...given, clock, exchanges }))
