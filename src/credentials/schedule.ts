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

export type Lifetime = { readonly received: Instant; readonly lifetime: Milliseconds; readonly window: ClientWindow }

/**
 * The instant of the next renewal. The first one of a session, and the first after a failure, is anywhere in its cycle, so
 * that pods that began together do not stay together; the others come up to 10 % early. `jitter` is in [0, 1).
 */
export function renewAt({ received, lifetime, window }: Lifetime, isSpread: boolean, jitter: number): Instant {
  const age = lifetime - leadOf(lifetime, window)
  if (age <= LEAST_AGE) return received + LEAST_AGE
  // From LEAST_AGE on: cut off there instead, a sixth of all 15 min sessions would renew in the same instant.
  if (isSpread) return received + age - (age - LEAST_AGE) * jitter
  return received + Math.max(LEAST_AGE, age * (1 - 0.1 * jitter))
}

const BACKOFF_FIRST = SECOND
const BACKOFF_CAP = 2 * MINUTE
const BACKOFF_FLOOR = 250
/** No failure is waited for any longer. */
export const LONGEST_WAIT = 5 * MINUTE
/** IAM takes about that long to spread a change; later, somebody repairs a policy sooner or later. */
const SLOW = [5 * SECOND, 15 * SECOND, MINUTE, LONGEST_WAIT] as const
/** A token that STS refuses is read anew a few times; after that it is a matter of configuration. */
const REREADS = 4

/** How long to wait after the `failures`-th failure of that policy in a row (from 1). `jitter` is in [0, 1). */
export function retryAfter(policy: Retry, failures: number, jitter: number): Milliseconds {
  if (policy === 'slow') return slow(failures, jitter)
  if (policy === 'rereadToken' && failures > REREADS) return slow(failures - REREADS, jitter)
  const ceiling = Math.min(BACKOFF_CAP, BACKOFF_FIRST * 2 ** Math.min(failures - 1, 20))
  return Math.max(BACKOFF_FLOOR, ceiling * jitter)
}

/** Up to a tenth early, so that many pods with the same mistake do not ask in step. */
function slow(failures: number, jitter: number): Milliseconds {
  const step = SLOW[Math.min(failures, SLOW.length) - 1] ?? MINUTE
  return step * (1 - 0.1 * jitter)
}
