import type { Clock, Milliseconds } from './types.ts'

/** What the work comes to; undefined where that takes longer: then its signal has told it to end. */
export async function withinTime<T>(
  clock: Clock,
  time: Milliseconds,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const controller = new AbortController()
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const cancel = clock.wakeAt(clock.now() + time, () => resolve(undefined))
  const working = work(controller.signal)
  // It fails once it is told to end, and nobody waits for it by then.
  working.catch(() => {})
  try {
    return await Promise.race([working, late])
  } finally {
    cancel()
    controller.abort()
  }
}

/** Resolves after that time, or at once when the signal aborts. */
export function pause(clock: Clock, time: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.wakeAt(clock.now() + time, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
