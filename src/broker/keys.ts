import { createLocalJWKSet } from 'jose/jwks/local'
import type { Clock, Milliseconds } from '../credentials/index.ts'
import { type Failure, toFailure } from '../errors/index.ts'
import type { Outbound } from '../federation/index.ts'
import { printable } from '../federation/redact.ts'
import { isObject, type JsonObject } from '../json/index.ts'
import { ask, invalid, toObject } from './documents.ts'

/** Finds the key of a token by its header, as jose's `JWTVerifyGetKey`. */
export type KeySet = ReturnType<typeof createLocalJWKSet>

export type IssuerKeys = {
  /** The keys as they are known: asked for only where none are, or they are old. Throws Failure. */
  current(signal: AbortSignal): Promise<KeySet>
  /** The keys after a look at the issuer, unless there was one lately: for a token whose key is not known. Throws Failure. */
  renewed(signal: AbortSignal): Promise<KeySet | undefined>
}

export type IssuerKeysOptions = {
  readonly issuer: string
  readonly outbound: Outbound
  readonly clock: Pick<Clock, 'uptime'>
}

/** No more often is an issuer asked, whatever tokens come. */
const INTERVAL: Milliseconds = 30_000
/** While none were ever had, everybody waits for them. */
const FIRST_INTERVAL: Milliseconds = 2_000
/** Older ones are renewed while they are still used. */
const FRESH: Milliseconds = 600_000
/** And older ones not used any more: for so long a key lives on that the issuer took back while it cannot be asked. */
const USABLE: Milliseconds = 3_600_000
/** An issuer has a handful. */
const MOST_KEYS = 100

type Fetched = { readonly keys: KeySet; readonly at: Milliseconds }

/**
 * The keys of an issuer, by its discovery document alone (OpenID Connect Discovery 1.0, section 4): its `issuer` must be
 * the one that is configured, to the letter. One look at a time, at most one in 30 s.
 */
export function issuerKeys({ issuer, outbound, clock }: IssuerKeysOptions): IssuerKeys {
  let known: Fetched | undefined
  let last: { readonly at: Milliseconds; failure?: Failure } | undefined
  let looking: Promise<KeySet> | undefined

  const look = (signal: AbortSignal): Promise<KeySet> => {
    const attempt: NonNullable<typeof last> = { at: clock.uptime() }
    last = attempt
    looking = fetchKeys(issuer, outbound, signal)
      .then(
        (keys) => {
          known = { keys, at: clock.uptime() }
          return keys
        },
        (thrown: unknown) => {
          attempt.failure = toFailure(thrown)
          throw attempt.failure
        },
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const isDue = (interval: Milliseconds): boolean => last === undefined || clock.uptime() - last.at >= interval
  const usable = (): Fetched | undefined =>
    known !== undefined && clock.uptime() - known.at < USABLE ? known : undefined

  return {
    current: async (signal) => {
      const held = usable()
      if (held !== undefined) {
        const isOld = clock.uptime() - held.at >= FRESH
        // Its failure is kept, and met when the keys are too old.
        if (isOld && looking === undefined && isDue(INTERVAL)) look(signal).catch(() => undefined)
        return held.keys
      }
      if (looking !== undefined) return await looking
      if (!isDue(FIRST_INTERVAL) && last?.failure !== undefined) throw last.failure
      return await look(signal)
    },
    renewed: async (signal) => {
      if (looking !== undefined) return await looking
      return isDue(INTERVAL) ? await look(signal) : undefined
    },
  }
}

async function fetchKeys(issuer: string, outbound: Outbound, signal: AbortSignal): Promise<KeySet> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const discovered = toObject(await ask(outbound, place, signal), place)
  if (discovered['issuer'] !== issuer) {
    const found = typeof discovered['issuer'] === 'string' ? printable(discovered['issuer'], 200) : 'none'
    throw invalid(`${place} names the issuer ${found}, not ${issuer}`)
  }
  const jwksUri = httpsUrl(discovered['jwks_uri'], place)
  return toKeySet(toObject(await ask(outbound, jwksUri, signal), printable(jwksUri)), printable(jwksUri))
}

function httpsUrl(value: unknown, place: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === ''
  if (url === undefined || !isPlain) throw invalid(`${place} has no jwks_uri that is a plain https URL`)
  return url.href
}

const TYPES: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP'])

/** Public keys for signatures alone: no shared secret, nothing private, nothing for encryption. */
const isUsable = (key: unknown): key is JsonObject =>
  isObject(key) && TYPES.has(key['kty']) && key['d'] === undefined && (key['use'] ?? 'sig') === 'sig'

function toKeySet({ keys }: JsonObject, place: string): KeySet {
  if (!Array.isArray(keys)) throw invalid(`${place} holds no keys`)
  if (keys.length > MOST_KEYS) throw invalid(`${place} holds ${keys.length} keys`)
  const usable = keys.filter(isUsable)
  if (usable.length === 0) throw invalid(`${place} holds no public key for signatures`)
  return createLocalJWKSet({ keys: usable.map(withoutCertificates) })
}

/** What is no part of the key is not looked at by anybody. */
function withoutCertificates({ x5c: _, x5u: __, ...key }: JsonObject): JsonObject & { kty: string } {
  return { ...key, kty: String(key['kty']) }
}
