import { Failure, toFailure } from '../errors/index.ts'
import { initialState, type SessionEffect, type SessionEvent, type SessionState, step, viewOf } from './machine.ts'
import type { ClientWindow } from './schedule.ts'
import type { Instant, Milliseconds, Obtain, Session, SessionCredentials } from './types.ts'

/** Time, as it is handed in. `wakeAt` calls once, soon if the instant has passed, and returns how to cancel. */
export type Clock = { readonly now: () => Instant; readonly wakeAt: (at: Instant, fn: () => void) => () => void }

export type SessionParts = {
  readonly name: string
  readonly roleArn: string
  readonly obtain: Obtain
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly window: ClientWindow
  /** What an earlier run of the sidecar knew. */
  readonly restored?: SessionState
  /** Told after every attempt, once all else is done: metrics, logs and the state file hang on it. */
  readonly onSettled: (state: SessionState, result: SettledEvent) => void
}

export type SettledEvent = Extract<SessionEvent, { kind: 'obtained' | 'failed' }>
export type RunningSession = Session & { readonly start: () => void; readonly stop: () => void }

/** Turns the machine of one session with the clock it is given. Nothing happens before `start`, or the first who asks. */
export function createSession(parts: SessionParts): RunningSession {
  const { clock, random } = parts
  let state: SessionState = { ...(parts.restored ?? initialState(clock.now())), obtaining: false }
  let cancelWake = (): void => {}
  let cancelAttempt = (): void => {}
  let stopped = false
  const waiting = new Set<() => void>()

  const apply = (event: SessionEvent): void => {
    if (stopped) return
    const next = step(state, event, clock.now(), parts.window)
    state = next.state
    for (const effect of next.effects) perform(effect)
    if (event.kind === 'obtained') for (const release of waiting) release()
    if (event.kind === 'obtained' || event.kind === 'failed') parts.onSettled(state, event)
  }

  const perform = (effect: SessionEffect): void => {
    if (effect.kind === 'obtain') {
      attemptWithin(effect.within)
      return
    }
    cancelWake()
    cancelWake = clock.wakeAt(effect.at, () => apply({ kind: 'due' }))
  }

  /** Settles exactly once, in time even if whoever obtains ignores the signal. */
  const attemptWithin = (within: Milliseconds): void => {
    const controller = new AbortController()
    const deadline = clock.now() + within
    let open = true
    const settle = (event: SettledEvent): void => {
      if (!open) return
      open = false
      cancelDeadline()
      apply(event)
    }
    const fail = (failure: Failure): void => settle({ kind: 'failed', failure, jitter: random() })
    const giveUp = (): void => {
      controller.abort()
      fail(new Failure({ code: 'StsTimeout', message: `no credentials within ${within / 1000} s` }))
    }
    const cancelDeadline = clock.wakeAt(deadline, giveUp)
    cancelAttempt = () => {
      open = false
      cancelDeadline()
      controller.abort()
    }
    const obtain = async (): Promise<SessionCredentials> => parts.obtain(controller.signal)
    obtain().then(
      // A node that slept meanwhile: its timers did too, and the answer's Date tells nothing of the clock any more.
      (credentials) =>
        clock.now() > deadline ? giveUp() : settle({ kind: 'obtained', credentials, jitter: random() }),
      (thrown: unknown) => fail(toFailure(thrown)),
    )
  }

  return {
    name: parts.name,
    roleArn: parts.roleArn,
    view: () => viewOf(state, clock.now()),
    asked: (atMost) => {
      apply({ kind: 'asked' })
      return atMost === 0 || stopped ? Promise.resolve() : released(waiting, clock, atMost)
    },
    start: () => apply({ kind: 'due' }),
    stop: () => {
      stopped = true
      cancelWake()
      cancelAttempt()
      for (const release of waiting) release()
    },
  }
}

/** Until credentials come or the time is over: a failure in between is no reason to send an impatient client away. */
function released(waiting: Set<() => void>, clock: Clock, atMost: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    const release = (): void => {
      cancel()
      waiting.delete(release)
      resolve()
    }
    const cancel = clock.wakeAt(clock.now() + atMost, release)
    waiting.add(release)
  })
}
