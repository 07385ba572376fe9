/** What several checks of the broker's load share. */
import { type Ground, type RunningBroker, startBroker } from './ground.ts'

export type User = { readonly name: string; readonly token: string }
export type Check = (what: string, holds: boolean, figures?: string) => void

export const PLENTY = { LANYARD_BROKER_REQUESTS_PER_SECOND: '10000', LANYARD_BROKER_REQUESTS_PER_MINUTE: '10000' }

export async function withBroker(
  ground: Ground,
  settings: Readonly<Record<string, string>>,
  use: (broker: RunningBroker) => Promise<void>,
): Promise<void> {
  const broker = await startBroker(ground, settings)
  try {
    await use(broker)
  } finally {
    await broker.stop()
  }
}

/** Runs them so many at a time, and returns how long each took, in milliseconds. */
export async function inParallel(jobs: readonly (() => Promise<void>)[], width: number): Promise<readonly number[]> {
  const times: number[] = []
  const queue = jobs.values()
  const worker = async (): Promise<void> => {
    for (const job of queue) {
      const began = performance.now()
      await job()
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return times.sort((one, other) => one - other)
}
