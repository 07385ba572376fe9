import type { Failure, Retry } from '../errors/index.ts'
import { type ClientWindow, HARD_STOP, renewAt, retryAfter } from './schedule.ts'
import type { CredentialsView, FailureNote, Instant, Milliseconds, SessionCredentials } from './types.ts'

/** What a session holds. Instants are in the pod's clock, so that nothing but `now` is needed to judge them. */
export type Held = { readonly credentials: SessionCredentials; readonly expires: Instant; readonly renewAt: Instant }

/** A session's whole memory: plain data, so that it can be kept over a restart. */
export type SessionState = {
  readonly held?: Held
  readonly obtaining: boolean
  /** Since credentials came last, by policy: a network that was away must not use up what IAM's delay is given. */
  readonly failures: Readonly<Record<Retry, number>>
  readonly lastFailure?: FailureNote
  /** No attempt before that, once an attempt failed. */
  readonly retryAt?: Instant
  /** The latest instant seen: if `now` is before it, the clock was set back. */
  readonly seen: Instant
}

export type SessionEvent =
  | { readonly kind: 'due' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'obtained'; readonly credentials: SessionCredentials; readonly jitter: number }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly jitter: number }

/** What the driver is to do: make an attempt that gives up in time, and come back at an instant. */
export type SessionEffect =
  | { readonly kind: 'obtain'; readonly within: Milliseconds }
  | { readonly kind: 'wake'; readonly at: Instant }

export type Step = { readonly state: SessionState; readonly effects: readonly SessionEffect[] }

/** The start gate waits for the first attempt, so that gives up soon; later ones have time. */
const FIRST_ATTEMPT = 3000
const LATER_ATTEMPT = 10_000
/**
 * The clock is looked at this often at the least, so that a suspended node wakes up right. Half the hard stop: what can
 * go unseen of a clock set back, and an answer's time on the way, must both fit into that.
 */
export const LONGEST_SLEEP = HARD_STOP / 2

const NO_FAILURES = { backoff: 0, rereadToken: 0, slow: 0 } as const

export const initialState = (now: Instant): SessionState => ({
  obtaining: false,
  failures: NO_FAILURES,
  seen: now,
})

/** One event at one instant. Pure; at most one attempt is under way, whoever asks. */
export function step(before: SessionState, event: SessionEvent, now: Instant, window: ClientWindow): Step {
  const state = settle(setBack(before, now), event, now, window)
  if (state.obtaining || !isDue(state, now)) return { state, effects: [wake(state, now)] }
  const within = state.held === undefined && state.lastFailure === undefined ? FIRST_ATTEMPT : LATER_ATTEMPT
  return { state: { ...state, obtaining: true }, effects: [{ kind: 'obtain', within }, wake(state, now)] }
}

/** What the endpoint may serve at this instant: never what has less than a minute left. */
export function viewOf(state: SessionState, now: Instant): CredentialsView {
  // It may be asked between a clock's step and the next look at it: clients would keep an Expiration that is too late.
  const { held, lastFailure } = setBack(state, now)
  if (held !== undefined && now < held.expires - HARD_STOP)
    return { kind: 'held', credentials: held.credentials, expires: held.expires }
  return { kind: 'none', lastFailure }
}

function settle(state: SessionState, event: SessionEvent, now: Instant, window: ClientWindow): SessionState {
  if (event.kind === 'obtained') return obtained(state, event.credentials, { now, jitter: event.jitter, window })
  if (event.kind === 'failed') return failed(state, event.failure, now, event.jitter)
  return state
}

function obtained(
  { held: before, lastFailure, seen }: SessionState,
  credentials: SessionCredentials,
  at: { now: Instant; jitter: number; window: ClientWindow },
): SessionState {
  const { now, jitter, window } = at
  const lifetime = credentials.expires - credentials.issued
  // Counted from now rather than from STS's Date, which is a second coarse; never later than STS says.
  const expires = Math.min(now + lifetime, credentials.expires - credentials.skew)
  // An outage gathers all pods at its end; without a new spread they would stay together for many cycles.
  const isSpread = before === undefined || lastFailure !== undefined
  const held = { credentials, expires, renewAt: renewAt({ received: now, lifetime, window }, isSpread, jitter) }
  return { held, obtaining: false, failures: NO_FAILURES, seen }
}

function failed(state: SessionState, failure: Failure, now: Instant, jitter: number): SessionState {
  const { retry } = failure
  const failures = { ...state.failures, [retry]: state.failures[retry] + 1 }
  const lastFailure = { code: failure.code, message: failure.message, at: now }
  return {
    ...state,
    obtaining: false,
    failures,
    lastFailure,
    retryAt: now + retryAfter(retry, failures[retry], jitter),
  }
}

const isDue = ({ held, retryAt }: SessionState, now: Instant): boolean =>
  now >= (held?.renewAt ?? now) && now >= (retryAt ?? now)

/** At the next thing to do, and every LONGEST_SLEEP at the least. */
function wake({ held, retryAt, obtaining }: SessionState, now: Instant): SessionEffect {
  const next = Math.max(held?.renewAt ?? now, retryAt ?? now)
  return { kind: 'wake', at: obtaining || next <= now ? now + LONGEST_SLEEP : Math.min(next, now + LONGEST_SLEEP) }
}

/**
 * A clock that was set back would stretch every deadline: they all move back with it. The step is at least what is seen of
 * it; what is not, since the last look half a minute ago at most, the hard stop covers.
 */
function setBack(state: SessionState, now: Instant): SessionState {
  const back = state.seen - now
  if (back <= 0) return { ...state, seen: now }
  const { held, retryAt } = state
  return {
    ...state,
    seen: now,
    ...(held !== undefined && { held: { ...held, expires: held.expires - back, renewAt: held.renewAt - back } }),
    ...(retryAt !== undefined && { retryAt: retryAt - back }),
  }
}
