import type { Failure, Retry } from '../errors/index.ts'
import { compareLooks, type Look } from './clock.ts'
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
  /** When the clocks were looked at last: the instants here are by the clock as it stood then. */
  readonly seen: Look
}

export type SessionEvent =
  | { readonly kind: 'due' }
  | { readonly kind: 'asked' }
  /** What the last attempt waited for in vain is there. */
  | { readonly kind: 'unblocked' }
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
/** The clock is looked at this often at the least: timers do not count the time that a node is suspended. */
export const LONGEST_SLEEP: Milliseconds = 60_000

const NO_FAILURES = { backoff: 0, rereadToken: 0, slow: 0 } as const

export const initialState = (look: Look): SessionState => ({
  obtaining: false,
  failures: NO_FAILURES,
  seen: look,
})

/** One event at one moment. Pure; at most one attempt is under way, whoever asks. */
export function step(before: SessionState, event: SessionEvent, look: Look, window: ClientWindow): Step {
  const { now } = look
  const state = settle(followClock(before, look), event, look, window)
  if (state.obtaining || !isDue(state, now)) return { state, effects: [wake(state, now)] }
  const within = state.held === undefined && state.lastFailure === undefined ? FIRST_ATTEMPT : LATER_ATTEMPT
  return { state: { ...state, obtaining: true }, effects: [{ kind: 'obtain', within }, wake(state, now)] }
}

/** What the endpoint may serve at this moment: never what has less than a minute left. */
export function viewOf(state: SessionState, look: Look): CredentialsView {
  const { held, lastFailure } = followClock(state, look)
  if (held !== undefined && look.now < held.expires - HARD_STOP)
    return { kind: 'held', credentials: held.credentials, expires: held.expires }
  return { kind: 'none', lastFailure }
}

/**
 * Where somebody set the clock back, all instants move back with it, or lives would get longer. A clock that is ahead of
 * the uptime is believed: it may have been set, but a machine that was paused and resumed looks just like that, and its
 * credentials have died meanwhile. At worst, good ones are renewed early.
 */
export function followClock(state: SessionState, look: Look): SessionState {
  const { setBy, seen } = compareLooks(state.seen, look)
  const { held, retryAt } = state
  if (setBy >= 0) return { ...state, seen }
  return {
    ...state,
    seen,
    ...(held !== undefined && { held: { ...held, expires: held.expires + setBy, renewAt: held.renewAt + setBy } }),
    ...(retryAt !== undefined && { retryAt: retryAt + setBy }),
  }
}

function settle(state: SessionState, event: SessionEvent, look: Look, window: ClientWindow): SessionState {
  if (event.kind === 'obtained') return obtained(state, event.credentials, { look, jitter: event.jitter, window })
  if (event.kind === 'failed') return failed(state, event.failure, look.now, event.jitter)
  if (event.kind === 'unblocked' && state.lastFailure?.code === 'StsChainWaiting') return withoutRetry(state)
  return state
}

function obtained(
  { held: before }: SessionState,
  credentials: SessionCredentials,
  at: { look: Look; jitter: number; window: ClientWindow },
): SessionState {
  const { look, jitter, window } = at
  const { now } = look
  const lifetime = credentials.expires - credentials.issued
  // Counted from now rather than from STS's Date, which is a second coarse; never later than STS says.
  const expires = Math.min(now + lifetime, credentials.expires - credentials.skew)
  const held = {
    credentials,
    expires,
    renewAt: renewAt({ received: now, lifetime, window, due: before?.renewAt }, jitter),
  }
  return { held, obtaining: false, failures: NO_FAILURES, seen: look }
}

function failed(state: SessionState, failure: Failure, now: Instant, jitter: number): SessionState {
  const { retry } = failure
  const failures = { ...state.failures, [retry]: state.failures[retry] + 1 }
  const lastFailure = { code: failure.code, message: failure.message, at: now }
  const left = state.held === undefined ? 0 : state.held.expires - HARD_STOP - now
  const retryAt = now + retryAfter(retry, failures[retry], left, jitter)
  return { ...state, obtaining: false, failures, lastFailure, retryAt }
}

const withoutRetry = ({ retryAt: _, ...state }: SessionState): SessionState => state

const isDue = ({ held, retryAt }: SessionState, now: Instant): boolean =>
  now >= (held?.renewAt ?? now) && now >= (retryAt ?? now)

/** At the next thing to do, and every LONGEST_SLEEP at the least. */
function wake({ held, retryAt, obtaining }: SessionState, now: Instant): SessionEffect {
  const next = Math.max(held?.renewAt ?? now, retryAt ?? now)
  return { kind: 'wake', at: obtaining || next <= now ? now + LONGEST_SLEEP : Math.min(next, now + LONGEST_SLEEP) }
}
