import process from 'node:process'
import type { Clock } from '../src/credentials/index.ts'
import { runInPod } from './runInPod.ts'
import type { Exchanges } from './sidecar/exchanges.ts'
import { v8Collector } from './sidecar/memory.ts'
import { startSidecar } from './sidecar/start.ts'
import { systemClock } from './systemClock.ts'

/** In place of four: one may wait for names, of which libuv lets half of them do so, and the other reads files. */
const THREADS = '2'

/** Runs the sidecar until SIGTERM. */
export function run(exchanges: Exchanges, clock: Clock = systemClock): Promise<void> {
  // Read when the first is needed.
  process.env['UV_THREADPOOL_SIZE'] ??= THREADS
  return runInPod((given) => startSidecar({ ...given, clock, collect: v8Collector(), exchanges }))
}
