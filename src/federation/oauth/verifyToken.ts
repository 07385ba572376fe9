import { JWKSNoMatchingKey, JWSInvalid, JWSSignatureVerificationFailed } from 'jose/errors'
import { compactVerify } from 'jose/jws/compact/verify'
import type { Instant, Milliseconds } from '../../credentials/index.ts'
import { type Code, Failure } from '../../errors/index.ts'
import { type IdentityToken, redact } from '../index.ts'
import { type Issuer, type KeySet, keysInvalid } from './issuer.ts'
import { parseObject } from './json.ts'

/** What a token must be to go to STS. */
export type Expected = {
  readonly issuer: string
  /** The client ID of the IAM OIDC provider: what azp says, or without it one of aud. */
  readonly stsAudience: string
  /** Never `none`, never one with a shared secret: the settings know no such names. */
  readonly algorithms: readonly string[]
}

export type Verification = {
  readonly issuer: Issuer
  /** What is known already; they may be older than the token. */
  readonly keys: Promise<KeySet>
  readonly now: () => Instant
}

/** STS API, AssumeRoleWithWebIdentity: WebIdentityToken, maximum length. */
const MAX_LENGTH = 20_000
/** IAM takes a token that much past its `exp`, or before its `nbf`. */
const GRACE: Milliseconds = 300_000

/**
 * Looks at a token of an identity provider as STS will, and at more: signature by a key that the issuer publishes (chosen by
 * `kid` alone: what the header says by jku, x5u, jwk or x5c is never looked at), pinned algorithm, issuer, azp or aud, times
 * by the issuer's own clock. Throws Failure; no message holds any part of the token but what a claim says.
 */
export async function verifyToken(
  raw: string,
  expected: Expected,
  { issuer, keys, now }: Verification,
  signal: AbortSignal,
): Promise<IdentityToken> {
  if (raw.length > MAX_LENGTH) throw wrong('ProviderTokenTooLarge', `it has ${raw.length} characters`)
  checkHeader(readHeader(raw), expected)
  const claims = parseObject(await verifySignature(raw, expected, { issuer, keys }, signal))
  if (claims === undefined) throw wrong('ProviderTokenMalformed', 'its claims are no JSON object, or have a name twice')
  const token = toToken(raw, claims)
  checkAddressees(token, claims, expected)
  checkTimes(claims, token.expires, now() + issuer.skew())
  return token
}

type Claims = Readonly<Record<string, unknown>>

const wrong = (code: Code, problem: string): Failure =>
  new Failure({ code, message: `the token of the identity provider cannot be used: ${problem}` })

/** RFC 7515, section 7.1. */
function readHeader(raw: string): Claims {
  const parts = raw.split('.')
  if (parts.length === 5) throw wrong('ProviderTokenOpaque', 'it is encrypted')
  // An unsigned one has three parts too, the last of them empty. jose would read over line breaks and padding.
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(raw)) {
    throw wrong('ProviderTokenOpaque', 'it does not consist of three base64url parts')
  }
  const header = parseObject(Buffer.from(parts[0] ?? '', 'base64url').toString('utf8'))
  if (header === undefined) throw wrong('ProviderTokenOpaque', 'its first part is no header')
  return header
}

function checkHeader({ alg, kid, crit }: Claims, { algorithms }: Expected): void {
  if (typeof alg !== 'string' || !algorithms.includes(alg)) {
    const found = typeof alg === 'string' ? `the algorithm ${redact(alg, [], 40)}` : 'no algorithm'
    throw wrong('ProviderTokenAlgorithm', `it has ${found}, expected ${algorithms.join(' or ')}`)
  }
  // RFC 7515, section 4.1.11: who does not know what it says must not take the token.
  if (crit !== undefined) throw wrong('ProviderTokenMalformed', 'its header has crit')
  if (typeof kid !== 'string' || kid === '') throw wrong('ProviderTokenKeyUnknown', 'its header has no kid')
}

/** The claims as text. A key may be new, or an old one have got new content: then what is known is fetched once more. */
async function verifySignature(
  raw: string,
  expected: Expected,
  { issuer, keys }: Omit<Verification, 'now'>,
  signal: AbortSignal,
): Promise<string> {
  const first = await tryKeys(raw, await keys, expected)
  if (typeof first === 'string') return first
  issuer.forget()
  const second = await tryKeys(raw, await issuer.keys(signal), expected)
  if (typeof second === 'string') return second
  throw second
}

async function tryKeys(raw: string, set: KeySet, { algorithms, issuer }: Expected): Promise<string | Failure> {
  try {
    const { payload } = await compactVerify(raw, set, { algorithms: [...algorithms] })
    return new TextDecoder().decode(payload)
  } catch (thrown) {
    if (thrown instanceof JWKSNoMatchingKey) {
      return wrong('ProviderTokenKeyUnknown', `its kid and alg are those of no key of ${issuer}`)
    }
    if (thrown instanceof JWSSignatureVerificationFailed) {
      return wrong('ProviderTokenSignature', `the key of ${issuer} did not sign it`)
    }
    if (thrown instanceof JWSInvalid) return wrong('ProviderTokenMalformed', 'it is no signed token')
    // jose's errors may quote the key; that one is too short, or given twice, is the issuer's matter.
    return keysInvalid(`the key of ${issuer} that signed the token is none of its algorithm, too short, or there twice`)
  }
}

function toToken(raw: string, { iss, sub, aud, azp, exp, iat }: Claims): IdentityToken {
  const expires = instantOf(exp)
  if (expires === undefined) throw wrong('ProviderTokenMalformed', 'its claims have no exp')
  if (typeof sub !== 'string' || sub === '') throw wrong('ProviderTokenMalformed', 'its claims have no sub')
  const issuedAt = instantOf(iat)
  return {
    raw,
    issuer: typeof iss === 'string' ? iss : '',
    subject: sub,
    audiences: [aud].flat().filter((each) => typeof each === 'string'),
    expires,
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(typeof azp === 'string' ? { authorizedParty: azp } : {}),
  }
}

/** The last second that a Date can hold. */
const maxSeconds = 8_640_000_000_000

/** RFC 7519, section 2, NumericDate. */
const instantOf = (seconds: unknown): Instant | undefined =>
  typeof seconds === 'number' && Math.abs(seconds) <= maxSeconds ? seconds * 1000 : undefined

/** AWS IAM User Guide, Available keys for AWS OIDC federation: `:aud` is azp where the token has it. */
function checkAddressees(token: IdentityToken, { azp }: Claims, { issuer, stsAudience }: Expected): void {
  if (token.issuer !== issuer) {
    const found = token.issuer === '' ? 'no issuer' : `the issuer ${redact(token.issuer, [], 200)}`
    throw wrong('ProviderTokenIssuer', `it has ${found}, expected ${issuer}`)
  }
  const [name, values] = azp === undefined ? ['aud', token.audiences] : ['azp', [azp]]
  if (values.includes(stsAudience)) return
  const texts = values.filter((each) => typeof each === 'string')
  const found = texts.length === 0 ? 'none' : redact(texts.join(', '), [], 200)
  throw wrong('ProviderTokenAudience', `its ${name} is ${found}, expected ${stsAudience}`)
}

const timeOf = (instant: Instant): string => new Date(instant).toISOString()

function checkTimes({ nbf, iat }: Claims, expires: Instant, time: Instant): void {
  if (time > expires + GRACE) {
    throw wrong('ProviderTokenExpired', `it expired at ${timeOf(expires)}, and it is ${timeOf(time)} there`)
  }
  for (const [name, claim] of Object.entries({ nbf, iat })) {
    if (claim === undefined) continue
    const from = instantOf(claim)
    if (from === undefined) throw wrong('ProviderTokenMalformed', `its ${name} is no time`)
    if (from <= time + GRACE) continue
    throw wrong('ProviderTokenNotYetValid', `its ${name} is ${timeOf(from)}, and it is ${timeOf(time)} there`)
  }
}
