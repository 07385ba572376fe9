/** When credentials are renewed: small functions of what is handed in. All times are milliseconds. */
import type { Retry } from '../errors/index.ts'
import type { Instant, Milliseconds } from './types.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** The widest refresh window of the clients, and some more: a client inside its window asks on every call. */
export const CLIENT_WINDOWS = { container: 20 * MINUTE, imds: 35 * MINUTE } as const
export type ClientWindow = Milliseconds

/** Renewals are at least this far apart, whatever a clock or an answer says. */
const LEAST_AGE = MINUTE
/** Credentials are not served any more when this little of their life is left. */
export const HARD_STOP = MINUTE

/** How long before expiry credentials of this lifetime are renewed: min(max(window, L/2), 0.6 L). */
const leadOf = (lifetime: Milliseconds, window: ClientWindow): Milliseconds =>
  Math.min(Math.max(window, lifetime / 2), 0.6 * lifetime)

export type Lifetime = {
  readonly received: Instant
  readonly lifetime: Milliseconds
  readonly window: ClientWindow
  /** When what they replace was to be renewed; absent where nothing was held. */
  readonly due?: Instant | undefined
}

/** Renewals come early by up to this share of their age: without, pods that are in step would stay so. */
const EARLY = 0.1

/**
 * The instant of the next renewal: the rule's age, up to 10 % early. It is counted from the instant at which this one was
 * due, so that a session keeps its place among the others: an outage gathers them all at its end, and counted from there
 * they would stay together for hours. The first one of a session, and the first after an outage that left no room for its
 * place, is anywhere in the cycle. `jitter` is in [0, 1).
 */
export function renewAt({ received, lifetime, window, due }: Lifetime, jitter: number): Instant {
  const age = lifetime - leadOf(lifetime, window)
  if (age <= LEAST_AGE) return received + LEAST_AGE
  const next = due === undefined ? received : due + age * (1 - EARLY * jitter)
  if (next < received + LEAST_AGE) return received + spread(age, jitter)
  return Math.min(next, received + age)
}

/**
 * From LEAST_AGE on, the age at which a session that one finds at any time is renewed next: evenly up to the earliest age
 * of renewals, then ever less. Evenly up to the last, the second cycle would begin before the first one ends, and together
 * they would be half as many again.
 */
function spread(age: Milliseconds, jitter: number): Milliseconds {
  const mean = age * (1 - EARLY / 2)
  const earliest = age * (1 - EARLY)
  // The share of those that come later than an age is the square of what is missing to the last one, over this.
  const later = 2 * EARLY * age * mean
  // No later than the rule's age.
  const most = LEAST_AGE < age - earliest ? 1 - LEAST_AGE ** 2 / later : (age - LEAST_AGE) / mean
  const share = most * (1 - jitter)
  const after = share * mean <= earliest ? share * mean : age - Math.sqrt((1 - share) * later)
  return LEAST_AGE + after
}

const BACKOFF_FIRST = SECOND
const BACKOFF_CAP = 2 * MINUTE
const BACKOFF_FLOOR = 250
/** What a few seconds do not mend is an outage, and that is waited for by what is left to serve. */
const QUICK_TRIES = 4
/** With more than that left there is no hurry. */
const PLENTY = 8 * MINUTE
const PATIENCE = 14 * MINUTE
const LAST_TRIES = 10 * SECOND
/** No failure is waited for any longer. */
export const LONGEST_WAIT = PATIENCE
/** IAM takes about that long to spread a change; later, somebody repairs a policy sooner or later. */
const SLOW = [5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE] as const
/** A token that STS refuses is read anew a few times; after that it is a matter of configuration. */
const REREADS = 4

/**
 * How long to wait after the `failures`-th failure of that policy in a row (from 1), where what is held can be served for
 * `left` more, 0 where nothing is. `jitter` is in [0, 1).
 */
export function retryAfter(policy: Retry, failures: number, left: Milliseconds, jitter: number): Milliseconds {
  if (policy === 'slow') return slow(failures, jitter)
  if (policy === 'rereadToken' && failures > REREADS) return slow(failures - REREADS, jitter)
  const isOutage = policy === 'backoff' && failures > QUICK_TRIES
  if (isOutage && left > PLENTY) return Math.min(PATIENCE, left / 2) * (0.5 + 0.5 * jitter)
  const ceiling = Math.min(capOf(left), BACKOFF_FIRST * 2 ** Math.min(failures - 1, 20))
  return Math.max(BACKOFF_FLOOR, ceiling * jitter)
}

/**
 * The less is left, the more often STS is asked: at the end of an outage it may not have answers for all at once, and those
 * who have time, or none to lose any more, must not stand in the way of those who have not.
 */
const capOf = (left: Milliseconds): Milliseconds =>
  left > 0 ? Math.min(BACKOFF_CAP, Math.max(LAST_TRIES, left / 8)) : BACKOFF_CAP

/** Up to a tenth early, so that many pods with the same mistake do not ask in step. */
function slow(failures: number, jitter: number): Milliseconds {
  const step = SLOW[Math.min(failures, SLOW.length) - 1] ?? MINUTE
  return step * (1 - 0.1 * jitter)
}
