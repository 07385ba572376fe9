import type { Milliseconds } from '../credentials/types.ts'

/** Ends one attempt: when its time is over, or when whoever asked for it gives up. */
export type Timer = { readonly signal: AbortSignal; readonly expired: () => boolean; readonly stop: () => void }

/** Covers the whole exchange, body included. `stop` must be called at its end. */
export function startTimer(after: Milliseconds, outer: AbortSignal): Timer {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  let expired = false
  const timeout = setTimeout(() => {
    expired = true
    abort()
  }, after)
  if (outer.aborted) abort()
  outer.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    expired: () => expired,
    stop: () => {
      clearTimeout(timeout)
      outer.removeEventListener('abort', abort)
    },
  }
}
