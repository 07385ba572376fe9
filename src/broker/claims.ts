import { createHash, timingSafeEqual } from 'node:crypto'
import type { Instant, Milliseconds } from '../credentials/index.ts'
import { type Code, Failure } from '../errors/index.ts'
import { printable } from '../federation/redact.ts'
import type { JsonObject } from '../json/index.ts'
import type { VerifiedUser } from './types.ts'

/** What an ID token of a provider must say. */
export type Expected = {
  /** Every spelling of the issuer that counts; the first is the one that the user is known by. */
  readonly issuers: readonly [string, ...string[]]
  /** The client IDs of the app. */
  readonly clientIds: readonly string[]
  readonly requireNonce: boolean
  /** No token is taken that was issued longer ago. */
  readonly maxAge: Milliseconds
}

/** Clocks of nodes and of providers differ so much and no more. */
const SKEW: Milliseconds = 30_000

/** OpenID Connect Core 1.0, section 2: sub has at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/

/**
 * Judges the claims of an ID token whose signature is verified (OpenID Connect Core 1.0, section 3.1.3.7). Throws Failure
 * with the first claim that is wrong; no message says whose token it is.
 */
export function checkClaims(
  claims: JsonObject,
  nonce: string | undefined,
  expected: Expected,
  now: Instant,
): VerifiedUser {
  checkIssuer(claims['iss'], expected)
  const audience = checkAudience(claims, expected)
  const expires = checkTimes(claims, expected, now)
  checkNonce(claims['nonce'], nonce, expected)
  const subject = claims['sub']
  if (typeof subject !== 'string' || !SUBJECT.test(subject))
    throw refused('UserTokenClaims', 'its sub is no text of 1 to 255 ASCII characters')
  return { issuer: expected.issuers[0], subject, audience, expires }
}

const refused = (code: Code, message: string): Failure => new Failure({ code, message })

function checkIssuer(issuer: unknown, { issuers }: Expected): void {
  if (typeof issuer === 'string' && issuers.includes(issuer)) return
  const found = typeof issuer === 'string' ? printable(issuer, 200) : 'none'
  throw refused('UserTokenIssuer', `its issuer is ${found}, not ${issuers.join(' or ')}`)
}

/**
 * Whom the token is meant for: nobody else beside the app may be named, or others could pass on what they got; and of several
 * names one must be said to be whose login it was (azp), which is also what STS compares.
 */
function checkAudience({ aud, azp }: JsonObject, { clientIds }: Expected): string {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const [first] = audiences
  if (typeof first !== 'string') throw refused('UserTokenClaims', 'it has no aud')
  const stranger = audiences.find((each) => typeof each !== 'string' || !clientIds.includes(each))
  if (stranger !== undefined) throw refused('UserTokenAudience', `its aud names ${shown(stranger)}`)
  if (azp === undefined) {
    if (audiences.length === 1) return first
    throw refused('UserTokenAudience', 'its aud has several names, and no azp says whose login it was')
  }
  if (typeof azp === 'string' && clientIds.includes(azp)) return azp
  throw refused('UserTokenAudience', `its azp is ${shown(azp)}`)
}

const shown = (value: unknown): string => (typeof value === 'string' ? printable(value, 100) : 'no text')

function checkTimes({ exp, iat, nbf }: JsonObject, { maxAge }: Expected, now: Instant): Instant {
  const expires = instantOf('exp', exp)
  const issued = instantOf('iat', iat)
  if (now >= expires + SKEW) throw refused('UserTokenExpired', `it expired at ${formatTime(expires)}`)
  const valid = nbf === undefined ? issued : Math.max(issued, instantOf('nbf', nbf))
  if (valid > now + SKEW) throw refused('UserTokenNotYetValid', `it is valid from ${formatTime(valid)}`)
  if (now > issued + maxAge + SKEW)
    throw refused('UserTokenTooOld', `it was issued at ${formatTime(issued)}, more than ${maxAge / 1000} s ago`)
  return expires
}

/** The last second that a Date can hold. */
const LAST_SECOND = 8_640_000_000_000

/** RFC 7519, section 2, NumericDate: seconds since the epoch. */
function instantOf(name: string, seconds: unknown): Instant {
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= LAST_SECOND) return seconds * 1000
  throw refused('UserTokenClaims', `its ${name} is no time`)
}

const formatTime = (instant: Instant): string => new Date(instant).toISOString()

function checkNonce(found: unknown, asked: string | undefined, { requireNonce }: Expected): void {
  if (asked === undefined) {
    if (!requireNonce) return
    throw refused('UserNonceMissing', 'nonce is missing')
  }
  if (typeof found === 'string' && sameText(found, asked)) return
  throw refused('UserNonceWrong', found === undefined ? 'it holds no nonce' : 'it holds another nonce')
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const sameText = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))
