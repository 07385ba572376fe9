import type { Log } from '../terminal/log.ts'
import type { StoppableServer } from './listen.ts'

export type DrainOptions = {
  readonly server: StoppableServer
  /** Makes `/readyz` answer 503. */
  readonly notReady: () => void
  /** Resolves after the milliseconds, or at once when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly log: Log
  /** How long reviews are answered as before, while the Service takes us out. Milliseconds. */
  readonly waitFor: number
  /** How long answers then ask clients to close while we still listen, so that we close no connection in use. */
  readonly shedFor: number
  /** The longest that reviews under way may still take. */
  readonly finishWithin: number
}

/**
 * Stops the webhook without losing a review: not ready, wait, `Connection: close` on every answer, stop listening,
 * finish what is under way. Tells whether everything was finished in time.
 */
export async function drain(options: DrainOptions): Promise<'finished' | 'aborted'> {
  const { server, sleep, log } = options
  const timer = new AbortController()
  log.info('draining', { waitSeconds: options.waitFor / 1_000 })
  options.notReady()
  await sleep(options.waitFor, timer.signal)
  server.lastAnswers()
  await sleep(options.shedFor, timer.signal)
  const finished = server.finish().then(() => 'finished' as const)
  const late = sleep(options.finishWithin, timer.signal).then(() => 'aborted' as const)
  const result = await Promise.race([finished, late])
  timer.abort()
  if (result === 'aborted') {
    log.warn('reviews under way were cut off')
    server.abort()
    await finished
  }
  log.info('drained')
  return result
}
