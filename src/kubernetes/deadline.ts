import type { Clock, Milliseconds } from './types.ts'

/** Ends one exchange: when its time is over, or when whoever asked for it gives up. `end` must be called at its end. */
export type Deadline = {
  readonly signal: AbortSignal
  readonly expired: () => boolean
  /** From now on, in place of what was left. */
  readonly renew: (after: Milliseconds) => void
  /** Closes what is still open, too. */
  readonly end: () => void
}

export function startDeadline(clock: Clock, after: Milliseconds, outer: AbortSignal): Deadline {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  let expired = false
  const arm = (time: Milliseconds): (() => void) =>
    clock.wakeAt(clock.now() + time, () => {
      expired = true
      abort()
    })
  let cancel = arm(after)
  if (outer.aborted) abort()
  outer.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    expired: () => expired,
    renew: (time) => {
      cancel()
      cancel = arm(time)
    },
    end: () => {
      cancel()
      outer.removeEventListener('abort', abort)
      abort()
    },
  }
}

/** What the promise comes to; undefined as soon as the signal aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Resolves after the time, or at once when the signal aborts. */
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
