import { createLocalJWKSet } from 'jose/jwks/local'
import type { Instant, Milliseconds } from '../../credentials/index.ts'
import { Failure } from '../../errors/index.ts'
import { isObject } from '../../json/index.ts'
import { measureSkew, type Outbound, redact } from '../index.ts'
import { type Answer, checkAvailable, dateOf, invalid, readObject } from './answers.ts'

/** Where an issuer is asked. */
export type IssuerAddresses = {
  /** Exactly as in its tokens. */
  readonly issuer: string
  /** The discovery document, where it is not below the issuer. */
  readonly discoveryUrl?: string | undefined
  readonly tokenEndpoint?: string | undefined
  readonly jwksUri?: string | undefined
}

/** Selects the key for a header; rejects with an error of jose where there is none. */
export type KeySet = ReturnType<typeof createLocalJWKSet>

/** An issuer with what it publishes. All of it throws Failure. */
export type Issuer = {
  readonly tokenEndpoint: (signal: AbortSignal) => Promise<string>
  readonly keys: (signal: AbortSignal) => Promise<KeySet>
  /** What is asked next is fetched anew. */
  readonly forget: () => void
  /** Asks for something, and learns by it how far the issuer's clock is from the pod's. */
  readonly ask: (request: Parameters<Outbound>[0], signal: AbortSignal) => Promise<Answer>
  /** The issuer's clock minus the pod's, where it is large enough to matter. */
  readonly skew: () => Milliseconds
}

/** After that a key that was withdrawn is no longer trusted, and an address that has moved is followed. */
const KEYS_AGE: Milliseconds = 600_000
const DISCOVERY_AGE: Milliseconds = 3_600_000
/** The largest providers have about ten. */
const MOST_KEYS = 100

type Document = Readonly<Record<string, unknown>>

export function openIssuer(addresses: IssuerAddresses, outbound: Outbound, now: () => Instant): Issuer {
  let skew: Milliseconds = 0
  const ask: Issuer['ask'] = async (request, signal) => {
    const answer = await outbound(request, signal)
    skew = measureSkew(dateOf(answer), answer.localTime)
    return { ...answer, place: placeOf(request.url) }
  }
  const discovery = cache(DISCOVERY_AGE, now, (signal) => discover(addresses, ask, signal))
  const keys = cache(KEYS_AGE, now, async (signal) => {
    const url = addresses.jwksUri ?? addressIn(await discovery.get(signal), 'jwks_uri', addresses)
    return readKeys(await ask(get(url), signal))
  })
  return {
    tokenEndpoint: async (signal) =>
      addresses.tokenEndpoint ?? addressIn(await discovery.get(signal), 'token_endpoint', addresses),
    keys: keys.get,
    forget: () => {
      discovery.drop()
      keys.drop()
    },
    ask,
    skew: () => skew,
  }
}

type Cache<T> = { readonly get: (signal: AbortSignal) => Promise<T>; readonly drop: () => void }

/** Only what was fetched without a failure is kept; a clock that was set back makes it old. */
function cache<T>(age: Milliseconds, now: () => Instant, fetch: (signal: AbortSignal) => Promise<T>): Cache<T> {
  let held: { readonly value: T; readonly at: Instant } | undefined
  return {
    get: async (signal) => {
      const since = held === undefined ? Number.POSITIVE_INFINITY : now() - held.at
      if (held !== undefined && since >= 0 && since < age) return held.value
      const value = await fetch(signal)
      held = { value, at: now() }
      return value
    },
    drop: () => {
      held = undefined
    },
  }
}

const get = (url: string) => ({ method: 'GET', url, headers: { accept: 'application/json' } }) as const

/** Addresses are the operator's, or have been looked at; the query of one could hold a key of theirs. */
function placeOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url === undefined ? 'no address' : `${url.origin}${url.pathname}`
}

/** OpenID Connect Discovery 1.0, section 4; where there is no such document, RFC 8414, section 3. */
async function discover(addresses: IssuerAddresses, ask: Issuer['ask'], signal: AbortSignal): Promise<Document> {
  const { issuer, discoveryUrl } = addresses
  const base = issuer.replace(/\/$/, '')
  const answer = await ask(get(discoveryUrl ?? `${base}/.well-known/openid-configuration`), signal)
  if (answer.status !== 404 || discoveryUrl !== undefined) return readDiscovery(answer, issuer)
  const { origin, pathname } = new URL(base)
  const path = pathname === '/' ? '' : pathname
  return readDiscovery(await ask(get(`${origin}/.well-known/oauth-authorization-server${path}`), signal), issuer)
}

/** Its issuer must be the one that was asked; access_token_issuer is AD FS's, whose access tokens carry another name. */
function readDiscovery(answer: Answer, issuer: string): Document {
  const document = readDocument(answer)
  const { issuer: own, access_token_issuer: ofAccessTokens } = document
  if (own === issuer || ofAccessTokens === issuer) return document
  const found = typeof own === 'string' ? `of the issuer ${redact(own, [], 200)}` : 'of no issuer'
  throw new Failure({
    code: 'ProviderDiscoveryInvalid',
    message: `the document ${answer.place} is ${found}, expected ${issuer}`,
  })
}

function addressIn(document: Document, field: 'token_endpoint' | 'jwks_uri', { issuer }: IssuerAddresses): string {
  const address = document[field]
  const where = `of the discovery document of ${issuer}`
  if (typeof address !== 'string') {
    throw new Failure({ code: 'ProviderDiscoveryInvalid', message: `there is no ${field} in that ${where.slice(3)}` })
  }
  if (/^https:\/\//i.test(address) && URL.canParse(address)) return address
  throw new Failure({ code: 'ProviderAddressInvalid', message: `the ${field} ${where} is no https URL` })
}

function readDocument(answer: Answer): Document {
  checkAvailable(answer)
  if (answer.status !== 200) throw invalid(answer.place, `is HTTP ${answer.status}`)
  return readObject(answer)
}

/** RFC 7517, section 5. */
function readKeys(answer: Answer): KeySet {
  const { keys } = readDocument(answer)
  const areKeys = Array.isArray(keys) && keys.length > 0 && keys.length <= MOST_KEYS && keys.every(isObject)
  if (!areKeys) throw keysInvalid(`${answer.place} has no list of 1 to ${MOST_KEYS} keys`)
  return createLocalJWKSet({ keys })
}

export const keysInvalid = (message: string): Failure => new Failure({ code: 'ProviderKeysInvalid', message })
