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
  /**
   * Answers then ask clients to close while we still listen, until nothing was asked for `quiet`, or for `most`. A connection
   * that we close at the moment at which its client uses it again costs a review, which no API server sends twice.
   */
  readonly shed: { readonly quiet: number; readonly most: number }
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
  await untilQuiet(options, timer.signal)
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

async function untilQuiet({ server, sleep, shed }: DrainOptions, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < shed.most; waited += shed.quiet) {
    const before = server.received()
    await sleep(shed.quiet, signal)
    if (server.received() === before) return
  }
}
