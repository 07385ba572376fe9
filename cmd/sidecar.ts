import process from 'node:process'
import type { Clock } from '../src/credentials/index.ts'
import { terminationMessage } from '../src/files/index.ts'
import { runUntilSignal } from './run.ts'
import type { Exchanges } from './sidecar/exchanges.ts'
import { startSidecar } from './sidecar/start.ts'
import { systemClock } from './systemClock.ts'
import { writeTo } from './writeTo.ts'

/** Runs the sidecar until SIGTERM. What it says goes to standard error; why it could not start, to the termination message too. */
export async function run(exchanges: Exchanges, clock: Clock = systemClock): Promise<void> {
  const { env } = process
  const write = writeTo(2)
  const tell = (failure: Error): void => {
    write(`${failure.message}\n`)
    terminationMessage(env['LANYARD_TERMINATION_LOG'] ?? '/dev/termination-log').write(failure.message)
  }
  await runUntilSignal(() => startSidecar({ env, write, clock, exchanges }), tell, process)
}
