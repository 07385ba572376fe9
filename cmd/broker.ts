import { startBroker } from './broker/start.ts'
import { runInPod } from './runInPod.ts'
import { systemClock } from './systemClock.ts'

/** Runs the broker until SIGTERM. */
export const run = (): Promise<void> => runInPod((given) => startBroker({ ...given, clock: systemClock }))
