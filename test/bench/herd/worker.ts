/** Simulates herds in a thread of its own; `pool.ts` starts it. */
import { parentPort } from 'node:worker_threads'
import { type HerdOptions, simulate } from './simulate.ts'

parentPort?.on('message', (options: HerdOptions) => parentPort?.postMessage(simulate(options)))
