import type { Failure } from '../errors/index.ts'
import { toFailure } from '../errors/index.ts'
import { type Looking, look } from './look.ts'
import { nothingSeen } from './memory.ts'
import type { Milliseconds, Round } from './types.ts'
import { pause } from './withinTime.ts'

/** Where rounds are shown. */
export type Watcher = {
  readonly round: (round: Round) => void
  /** The pods could not be listed this time. */
  readonly failed: (failure: Failure) => void
}

export type Watching = {
  readonly looking: Looking
  /** From the end of a round to the beginning of the next; a round that took longer is given as long a rest. */
  readonly interval: Milliseconds
  readonly signal: AbortSignal
}

/**
 * Looks again and again until the signal aborts: a pod is asked at most once in an interval. What fails at first is thrown, so
 * that nobody waits for what cannot be; later it is told, and may pass.
 */
export async function watchStatus({ looking, interval, signal }: Watching, watcher: Watcher): Promise<void> {
  let memory = nothingSeen
  let isFirst = true
  while (!signal.aborted) {
    const began = looking.clock.now()
    try {
      const looked = await look(looking, memory)
      memory = looked.memory
      if (!signal.aborted) watcher.round(looked.round)
    } catch (thrown) {
      // Ended from outside: what was under way had to fail.
      if (signal.aborted) return
      if (isFirst) throw thrown
      watcher.failed(toFailure(thrown))
    }
    isFirst = false
    await pause(looking.clock, Math.max(interval, looking.clock.now() - began), signal)
  }
}

/** Calls every second until the signal aborts. */
export async function everySecond({ clock }: Looking, signal: AbortSignal, call: () => void): Promise<void> {
  while (!signal.aborted) {
    await pause(clock, 1_000, signal)
    if (!signal.aborted) call()
  }
}
