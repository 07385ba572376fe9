import type { Milliseconds } from '../credentials/index.ts'

/** Why an exchange was ended before its answer was whole; undefined as long as it was not. */
type End = 'connect' | 'total' | 'caller'

/** Ends one exchange: when there is no connection or no whole answer in time, or when whoever asked gives up. */
export type Deadline = {
  readonly signal: AbortSignal
  readonly ended: () => End | undefined
  /** The connection stands. */
  readonly connected: () => void
  /** Must be called when all is over; what is still open is closed. */
  readonly stop: () => void
}

export function startDeadline(connect: Milliseconds, total: Milliseconds, outer: AbortSignal): Deadline {
  const controller = new AbortController()
  let ended: End | undefined
  const end = (why: End) => (): void => {
    ended ??= why
    controller.abort()
  }
  const giveUp = end('caller')
  const connecting = setTimeout(end('connect'), connect)
  const whole = setTimeout(end('total'), total)
  if (outer.aborted) giveUp()
  outer.addEventListener('abort', giveUp, { once: true })
  return {
    signal: controller.signal,
    ended: () => ended,
    connected: () => clearTimeout(connecting),
    stop: () => {
      clearTimeout(connecting)
      clearTimeout(whole)
      outer.removeEventListener('abort', giveUp)
      controller.abort()
    },
  }
}
