import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { decodeJwt } from 'jose/jwt/decode'
import type { Instant } from '../credentials/types.ts'
import { Failure } from '../errors/index.ts'

/** An OIDC identity token, checked as far as it can be without the issuer's keys; STS checks the rest. */
export type IdentityToken = {
  /** The token itself: a secret, for STS alone. */
  readonly raw: string
  readonly issuer: string
  readonly subject: string
  readonly audiences: readonly string[]
  /** `azp`, which STS takes for the audience where a token has it. */
  readonly authorizedParty?: string
  /** By the issuer's clock. */
  readonly expires: Instant
  readonly issuedAt?: Instant
}

/** The last second that a Date can hold. */
const maxSeconds = 8_640_000_000_000

/**
 * Reads the claims of a signed JWT (RFC 7519, section 3; RFC 7515, section 7.1) without verifying it: STS does that.
 * `path` is where it came from, for the message. Throws Failure TokenNotJwt.
 */
export function parseIdentityToken(raw: string, path: string): IdentityToken {
  const claims = decodeClaims(raw, path)
  const expires = instantOf(claims['exp'])
  if (expires === undefined) throw notJwt(path, 'its claims have no exp')
  const subject = claims['sub']
  if (typeof subject !== 'string' || subject === '') throw notJwt(path, 'its claims have no sub')
  const issuer = claims['iss']
  const issuedAt = instantOf(claims['iat'])
  const { azp } = claims
  return {
    raw,
    issuer: typeof issuer === 'string' ? issuer : '',
    subject,
    audiences: [claims['aud']].flat().filter((each) => typeof each === 'string'),
    expires,
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(typeof azp === 'string' ? { authorizedParty: azp } : {}),
  }
}

/** The key that a signed JWT names (RFC 7515, section 4.1.4); undefined where it names none. */
export function keyIdOf(raw: string): string | undefined {
  try {
    return decodeProtectedHeader(raw).kid
  } catch {
    return undefined
  }
}

function decodeClaims(raw: string, path: string): Record<string, unknown> {
  const parts = raw.split('.')
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part))) {
    throw notJwt(path, 'it does not consist of three base64url parts')
  }
  try {
    decodeProtectedHeader(raw)
  } catch {
    throw notJwt(path, 'its header is no JSON object')
  }
  try {
    return decodeJwt(raw)
  } catch {
    throw notJwt(path, 'its claims are no JSON object')
  }
}

/** RFC 7519, section 2, NumericDate: seconds since the epoch. */
function instantOf(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && Math.abs(seconds) <= maxSeconds ? seconds * 1000 : undefined
}

// jose's errors carry what they could not parse, so none is kept as a cause.
function notJwt(path: string, problem: string): Failure {
  return new Failure({ code: 'TokenNotJwt', message: `the content of ${path} is no JSON Web Token: ${problem}` })
}
