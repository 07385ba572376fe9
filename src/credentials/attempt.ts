import { Failure, toFailure } from '../errors/index.ts'
import type { Clock } from './clock.ts'
import type { Milliseconds, Obtain, SessionCredentials } from './types.ts'

type Attempt = {
  readonly obtain: Obtain
  readonly clock: Clock
  readonly within: Milliseconds
  /** Called once, in time even if whoever obtains ignores the signal. */
  readonly done: (result: SessionCredentials | Failure) => void
}

/** Whoever obtains knows best what it waited for, and has that long to say it once its time is over. */
export const LAST_WORDS: Milliseconds = 200

/** Makes one attempt to obtain credentials; what it returns ends it without a word. */
export function startAttempt({ obtain, clock, within, done }: Attempt): () => void {
  const controller = new AbortController()
  const deadline = clock.uptime() + within
  const overdue = (): Failure =>
    new Failure({ code: 'StsTimeout', message: `no credentials within ${within / 1000} s` })
  let open = true
  const end = (): void => {
    open = false
    cancelWake()
  }
  const settle = (result: SessionCredentials | Failure): void => {
    if (!open) return
    end()
    done(result)
  }
  let cancelWake = clock.wakeAt(clock.now() + within, () => {
    controller.abort()
    cancelWake = clock.wakeAt(clock.now() + LAST_WORDS, () => settle(overdue()))
  })
  const called = async (): Promise<SessionCredentials> => obtain(controller.signal)
  called().then(
    // A node that slept meanwhile: its timers did too, and the answer's Date tells nothing of the clock any more.
    (credentials) => settle(clock.uptime() > deadline ? overdue() : credentials),
    (thrown: unknown) =>
      settle(controller.signal.aborted && !(thrown instanceof Failure) ? overdue() : toFailure(thrown)),
  )
  return () => {
    end()
    controller.abort()
  }
}
