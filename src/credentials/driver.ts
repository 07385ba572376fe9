import { Failure } from '../errors/index.ts'
import { startAttempt } from './attempt.ts'
import { type Clock, type Look, lookAt } from './clock.ts'
import { initialState, type SessionEffect, type SessionEvent, type SessionState, step, viewOf } from './machine.ts'
import type { ClientWindow } from './schedule.ts'
import type { CredentialsView, Instant, Milliseconds, Obtain, Session, SessionCredentials } from './types.ts'

export type SessionParts = {
  readonly name: string
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
export type RunningSession = Session & {
  readonly start: () => void
  readonly stop: () => void
  /** What an attempt may have waited for is there: it need not wait for its turn. */
  readonly unblock: () => void
}

/** Turns the machine of one session with the clock it is given. Nothing happens before `start`, or the first who asks. */
export function createSession(parts: SessionParts): RunningSession {
  const { name, clock } = parts
  const waiting = new Set<() => void>()
  const machine = turn(parts, waiting)
  return {
    name,
    view: machine.view,
    asked: (atMost) => {
      machine.apply({ kind: 'asked' })
      return atMost === 0 || machine.stopped() ? Promise.resolve() : released(waiting, clock, atMost)
    },
    start: () => machine.apply({ kind: 'due' }),
    unblock: () => machine.apply({ kind: 'unblocked' }),
    stop: () => {
      machine.stop()
      for (const release of waiting) release()
    },
  }
}

type Turning = {
  readonly view: Session['view']
  readonly apply: (event: SessionEvent) => void
  readonly stop: () => void
  readonly stopped: () => boolean
}

/** The state, and what it has under way: an attempt and a wake-up. `waiting` is let go when credentials come. */
function turn(parts: SessionParts, waiting: ReadonlySet<() => void>): Turning {
  const { clock, obtain, random } = parts
  let state: SessionState = { ...(parts.restored ?? initialState(lookAt(clock))), obtaining: false }
  let cancelAttempt = (): void => {}
  let stopped = false
  let asked: Look | undefined

  /** Who asks again in the same moment changes nothing, and a thousand may. */
  const isRepeated = (event: SessionEvent, look: Look): boolean => event.kind === 'asked' && isAt(look, asked)
  const apply = (event: SessionEvent): void => {
    const look = lookAt(clock)
    if (stopped || isRepeated(event, look)) return
    const next = step(state, event, look, parts.window)
    asked = look
    state = next.state
    for (const effect of next.effects) perform(effect)
    if (event.kind === 'obtained' || event.kind === 'failed') settled(event)
  }
  const settled = (event: SettledEvent): void => {
    if (event.kind === 'obtained') for (const release of waiting) release()
    parts.onSettled(state, event)
  }
  const alarm = setAlarm(clock, () => apply({ kind: 'due' }))
  const done = (result: SessionCredentials | Failure): void => apply(eventOf(result, random()))
  const perform = (effect: SessionEffect): void => {
    if (effect.kind === 'wake') alarm.set(effect.at)
    else cancelAttempt = startAttempt({ obtain, clock, within: effect.within, done })
  }
  const stop = (): void => {
    stopped = true
    alarm.cancel()
    cancelAttempt()
  }
  const view = keepView(clock)
  return { view: () => view(state), apply, stop, stopped: () => stopped }
}

const isAt = ({ now, uptime }: Look, other: Look | undefined): boolean => now === other?.now && uptime === other.uptime

/** Made once a moment, however many ask. */
function keepView(clock: Clock): (state: SessionState) => CredentialsView {
  let last: { readonly look: Look; readonly state: SessionState; readonly view: CredentialsView } | undefined
  return (state) => {
    const look = lookAt(clock)
    if (last?.state !== state || !isAt(look, last.look)) last = { look, state, view: viewOf(state, look) }
    return last.view
  }
}

type Alarm = { readonly set: (at: Instant) => void; readonly cancel: () => void }

/**
 * One wake-up, the earliest of those that are set: whoever comes back too early finds nothing to do, and clients that ask
 * all the time would have a timer set anew all the time.
 */
function setAlarm(clock: Clock, ring: () => void): Alarm {
  let rings: Instant = Number.NaN
  let cancel = (): void => {}
  return {
    set: (at) => {
      if (clock.now() < rings && rings <= at) return
      cancel()
      rings = at
      cancel = clock.wakeAt(at, () => {
        rings = Number.NaN
        ring()
      })
    },
    cancel: () => cancel(),
  }
}

const eventOf = (result: SessionCredentials | Failure, jitter: number): SettledEvent =>
  result instanceof Failure
    ? { kind: 'failed', failure: result, jitter }
    : { kind: 'obtained', credentials: result, jitter }

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
