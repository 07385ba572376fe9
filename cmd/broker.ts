import process from 'node:process'
import type { Clock } from '../src/credentials/index.ts'
import { terminationMessage } from '../src/files/index.ts'
import { startBroker } from './broker/start.ts'
import { runUntilSignal } from './run.ts'
import { systemClock } from './systemClock.ts'
import { writeTo } from './writeTo.ts'

/** Runs the broker until SIGTERM. What it says goes to standard error; why it could not start, to the termination message too. */
export async function run(clock: Clock = systemClock): Promise<void> {
  const { env } = process
  const write = writeTo(2)
  const tell = (failure: Error): void => {
    write(`${failure.message}\n`)
    terminationMessage(env['LANYARD_TERMINATION_LOG'] ?? '/dev/termination-log').write(failure.message)
  }
  await runUntilSignal(() => startBroker({ env, write, clock }), tell, process)
}
