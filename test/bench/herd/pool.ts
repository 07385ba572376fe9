import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Herd, HerdOptions } from './simulate.ts'

/**
 * Each state lives for about half an hour of the simulation, in which the herd makes some 200 MB of others: with less room
 * for what is young, most of the time would go into copying it.
 */
const YOUNG_MIB = 384

/** Simulates herds, as many at a time as there are cores; the order of the results is that of the options. */
export async function simulateAll(list: readonly HerdOptions[]): Promise<readonly Herd[]> {
  const herds: Herd[] = []
  const queue = [...list.entries()]
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    })
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        worker.postMessage(next[1])
        const [herd] = await once(worker, 'message')
        herds[next[0]] = herd
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(list.length, availableParallelism()) }, work))
  return herds
}
