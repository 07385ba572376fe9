import type { Clock, Instant, Milliseconds, SessionCredentials } from '../credentials/index.ts'
import { type Failure, toFailure } from '../errors/index.ts'
import { dropFirst } from './buckets.ts'

/** What an exchange gave, and until when it may be given to others who show the same. */
export type Obtained = { readonly credentials: SessionCredentials; readonly until: Instant }

export type Held =
  | { readonly kind: 'held'; readonly credentials: SessionCredentials; readonly fresh: boolean }
  /** Why there are none, and for how long nobody is asked again. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly wait: Milliseconds }

export type Sessions = {
  /** What is held under the key, else what `obtain` gives: it runs once, however many ask meanwhile. Never rejects. */
  get(key: string, obtain: () => Promise<Obtained>): Promise<Held>
  /** How many sessions are kept. */
  size(): number
}

export type SessionsOptions = { readonly most: number; readonly clock: Pick<Clock, 'now' | 'uptime'> }

type Entry = { readonly credentials: SessionCredentials; readonly ends: Ends }
type Refusal = { readonly failure: Failure; readonly ends: Ends }

/** On both clocks: whichever comes first, so that setting the one makes nothing live longer. */
type Ends = { readonly now: Instant; readonly uptime: Milliseconds }

/** What nobody can help by asking again at once; a token that STS refuses may be followed by a better one. */
const HOLD_OFF: Readonly<Record<Failure['retry'], Milliseconds>> = { backoff: 2_000, slow: 10_000, rereadToken: 0 }

/** The sessions of users, by `cacheKey`: at most so many, those that were asked for longest ago forgotten first. */
export function createSessions({ most, clock }: SessionsOptions): Sessions {
  const held = new Map<string, Entry>()
  const refused = new Map<string, Refusal>()
  const flights = new Map<string, Promise<Held>>()

  const endsAt = (until: Instant): Ends => ({ now: until, uptime: clock.uptime() + until - clock.now() })
  const left = ({ now, uptime }: Ends): Milliseconds => Math.min(now - clock.now(), uptime - clock.uptime())

  const keep = (key: string, { credentials, until }: Obtained): Held => {
    held.set(key, { credentials, ends: endsAt(until) })
    dropFirst(held, most)
    return { kind: 'held', credentials, fresh: true }
  }
  const refuse = (key: string, thrown: unknown): Held => {
    const failure = toFailure(thrown)
    const wait = failure.code === 'Internal' ? 0 : HOLD_OFF[failure.retry]
    if (wait > 0) {
      refused.set(key, { failure, ends: endsAt(clock.now() + wait) })
      dropFirst(refused, most)
    }
    return { kind: 'failed', failure, wait }
  }
  const fly = (key: string, obtain: () => Promise<Obtained>): Promise<Held> => {
    const flight = obtain()
      .then(
        (obtained) => keep(key, obtained),
        (thrown: unknown) => refuse(key, thrown),
      )
      .finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }

  return {
    get: async (key, obtain) => {
      const known = find(held, key, left)
      if (known !== undefined) return { kind: 'held', credentials: known.credentials, fresh: false }
      const refusal = find(refused, key, left)
      if (refusal !== undefined) return { kind: 'failed', failure: refusal.failure, wait: left(refusal.ends) }
      const flight = flights.get(key)
      if (flight === undefined) return await fly(key, obtain)
      const shared = await flight
      return shared.kind === 'held' ? { ...shared, fresh: false } : shared
    },
    size: () => held.size,
  }
}

/** What is there and has not ended; it is then the one that was asked for last. */
function find<T extends { readonly ends: Ends }>(
  map: Map<string, T>,
  key: string,
  left: (ends: Ends) => Milliseconds,
): T | undefined {
  const found = map.get(key)
  if (found === undefined) return undefined
  map.delete(key)
  if (left(found.ends) <= 0) return undefined
  map.set(key, found)
  return found
}
