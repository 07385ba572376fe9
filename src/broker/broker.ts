import type { Clock, Milliseconds } from '../credentials/index.ts'
import { type Code, Failure, toFailure } from '../errors/index.ts'
import type { Sts } from '../federation/index.ts'
import type { PodUserRole } from '../settings/index.ts'
import { type Bucket, createBucket, createBuckets, wholeSeconds } from './buckets.ts'
import { exchange } from './exchange.ts'
import { cacheKey, grantOf, nameUser } from './names.ts'
import { createSessions } from './sessions.ts'
import type { Outcome, Provider, UserRequest, VerifiedUser } from './types.ts'

export type BrokerParts = {
  readonly providers: ReadonlyMap<string, Provider>
  /** The roles that users can have in this namespace. */
  readonly roles: ReadonlyMap<string, PodUserRole>
  readonly sts: Pick<Sts, 'assumeRoleWithWebIdentity'>
  readonly clock: Pick<Clock, 'now' | 'uptime'>
  /** Ends what is asked of others, when the process does. */
  readonly signal: AbortSignal
  readonly requestsPerMinute: number
  readonly requestsPerSecond: number
  readonly cacheEntries: number
}

export type Broker = {
  /** Never rejects. */
  answer(request: UserRequest): Promise<Outcome>
  /** How many sessions of users are kept. */
  entries(): number
}

/** More subjects than that do not come within a minute, unless so many requests are allowed. */
const MOST_SUBJECTS = 100_000

/**
 * Credentials of roles for users whom a provider vouches for. Every request needs a token that is verified then and there;
 * what is kept is kept under all that it depends on, so that nobody can get what is another's.
 */
export function createBroker(parts: BrokerParts): Broker {
  const sessions = createSessions({ most: parts.cacheEntries, clock: parts.clock })
  const budgets = createBudgets(parts)

  const grant = async (found: Found, { token, nonce }: UserRequest, names: Names): Promise<Outcome> => {
    const verified = await verifyWithin(budgets, names.provider, () =>
      found.provider.verify({ token, ...(nonce !== undefined && { nonce }) }, parts.signal),
    )
    if ('wait' in verified) return limited('BrokerRateExceeded', verified.wait, names)
    const user = nameUser(verified)
    const wait = budgets.users.take(user)
    if (wait > 0) return limited('UserRateExceeded', wait, { ...names, user })
    const granted = grantOf(names.role, found.role, user)
    const { providerId } = found.provider
    const held = await sessions.get(cacheKey(names.provider, verified, granted), () =>
      exchange(parts.sts, { grant: granted, user, verified, token, providerId }, parts.signal),
    )
    if (held.kind === 'held') return { ...names, ...held, kind: 'granted', user }
    return refusal(held.failure, { ...names, user }, held.wait)
  }

  return {
    answer: async (request) => {
      const names = knownNames(request, parts)
      try {
        return await grant(find(request, parts), request, names)
      } catch (thrown) {
        return refusal(toFailure(thrown), names)
      }
    },
    entries: sessions.size,
  }
}

type Found = { readonly provider: Provider; readonly role: PodUserRole }
type Names = Pick<Outcome, 'provider' | 'role' | 'user'>

/** What is not one of the operator's names must not become a label or a line of a log. */
const knownNames = ({ provider, role }: UserRequest, { providers, roles }: BrokerParts): Names => ({
  provider: providers.has(provider) ? provider : 'other',
  role: roles.has(role) ? role : 'other',
})

function find({ provider: name, role: alias }: UserRequest, { providers, roles }: BrokerParts): Found {
  const provider = providers.get(name)
  if (provider === undefined)
    throw new Failure({ code: 'UserProviderUnknown', message: `provider: there are ${listed(providers)}` })
  const role = roles.get(alias)
  if (role === undefined) throw new Failure({ code: 'UserRoleUnknown', message: `role: there are ${listed(roles)}` })
  if (!role.providers.includes(name))
    throw new Failure({ code: 'UserRoleDenied', message: `role ${alias} is for ${role.providers.join(', ')}` })
  return { provider, role }
}

const listed = (names: ReadonlyMap<string, unknown>): string => [...names.keys()].join(', ') || 'none'

type Budgets = {
  readonly all: Bucket
  /** Of providers that must be asked about every token: garbage costs a call there, and is not given back. */
  readonly lookups: ReadonlyMap<string, Bucket>
  readonly users: ReturnType<typeof createBuckets>
}

function createBudgets({ providers, clock, requestsPerMinute, requestsPerSecond }: BrokerParts): Budgets {
  const second = { burst: requestsPerSecond, period: 1_000 }
  const subjects = Math.min(MOST_SUBJECTS, requestsPerSecond * 60)
  const asked = [...providers].filter(([, { providerId }]) => providerId !== undefined)
  return {
    all: createBucket(second, clock.uptime),
    lookups: new Map(asked.map(([name]) => [name, createBucket(second, clock.uptime)])),
    users: createBuckets({ burst: requestsPerMinute, period: 60_000 }, subjects, clock.uptime),
  }
}

/**
 * Verifies within what is allowed for all users together. What is none of a user's tokens is given back what it took: it cost
 * no call to anybody, so that no flood of forgeries keeps users out. Where a provider must be asked about each token, a flood
 * can only keep out that provider's users.
 */
async function verifyWithin(
  { all, lookups }: Budgets,
  name: string,
  verify: () => Promise<VerifiedUser>,
): Promise<VerifiedUser | Wait> {
  const own = lookups.get(name)
  const wait = (own ?? all).take()
  if (wait > 0) return { wait }
  if (own !== undefined) {
    const verified = await verify()
    const then = all.take()
    return then > 0 ? { wait: then } : verified
  }
  try {
    return await verify()
  } catch (thrown) {
    all.giveBack()
    throw thrown
  }
}

type Wait = { readonly wait: Milliseconds }

const limited = (code: Code, wait: Milliseconds, names: Names): Outcome =>
  refusal(new Failure({ code, message: `there is room again in ${wholeSeconds(wait)} s` }), names, wait)

const refusal = (failure: Failure, names: Names, wait: Milliseconds = 0): Outcome => ({
  ...names,
  kind: 'refused',
  failure,
  ...(wait > 0 && { retryAfter: wholeSeconds(wait) }),
})
