import process from 'node:process'
import { terminationMessage } from '../src/files/index.ts'
import { type Running, runUntilSignal } from './run.ts'
import { writeTo } from './writeTo.ts'

type Starting = { readonly env: NodeJS.ProcessEnv; readonly write: (line: string) => void }

/** Runs a program of a pod until SIGTERM. What it says goes to standard error; why it could not start, to the termination message too. */
export async function runInPod(start: (given: Starting) => Promise<Running>): Promise<void> {
  const { env } = process
  const write = writeTo(2)
  const tell = (failure: Error): void => {
    write(`${failure.message}\n`)
    terminationMessage(env['LANYARD_TERMINATION_LOG'] ?? '/dev/termination-log').write(failure.message)
  }
  await runUntilSignal(() => start({ env, write }), tell, process)
}
