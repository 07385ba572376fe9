import type { JWK, JWTPayload } from 'jose'
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK } from 'jose'
import { StsFailure } from './failure.ts'
import { fetchIssuerKeys, keyNotFound } from './fetchIssuerKeys.ts'
import type { IdentityProvider } from './types.ts'

/** What a verified token says. */
export type WebIdentity = {
  provider: IdentityProvider
  subject: string
  /** The one audience that the provider is registered for: `azp` where the token has it. */
  audience: string
  claims: JWTPayload
}

const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']
/** Seconds that IAM accepts a token past `exp`, or before `nbf`. */
const grace = 300

function invalid(message: string): StsFailure {
  return new StsFailure('InvalidIdentityToken', message)
}

type DecodedToken = { algorithm: string; keyId: string | undefined; claims: JWTPayload }

function decode(token: string): DecodedToken {
  try {
    const { alg = 'none', kid } = decodeProtectedHeader(token)
    return { algorithm: alg, keyId: kid, claims: decodeJwt(token) }
  } catch {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)')
  }
}

function selectKey(keys: readonly JWK[], keyId: string | undefined): JWK {
  const found = keyId === undefined && keys.length === 1 ? keys[0] : keys.find((key) => key.kid === keyId)
  if (found === undefined || (keyId === undefined && keys.length !== 1)) throw keyNotFound()
  return found
}

async function verifySignature(token: string, { algorithm, keyId }: DecodedToken, keys: readonly JWK[]): Promise<void> {
  const jwk = selectKey(keys, keyId)
  try {
    await compactVerify(token, await importJWK(jwk, algorithm), { algorithms })
  } catch {
    throw invalid('Invalid token signature')
  }
}

function requireClaim(claims: JWTPayload, name: string, type: 'string' | 'number'): void {
  const claim = claims[name]
  const isThere = type === 'string' ? typeof claim === 'string' : typeof claim === 'number'
  if (!isThere) throw invalid(`Missing a required claim: ${name}`)
}

function findAudience(claims: JWTPayload, clientIds: readonly string[]): string {
  const { azp, aud } = claims
  if (azp === undefined && aud === undefined) throw invalid('Missing a required claim: aud')
  const candidates = azp === undefined ? [aud ?? []].flat() : [azp]
  const found = candidates.find((one) => typeof one === 'string' && clientIds.includes(one))
  if (typeof found !== 'string') throw invalid('Incorrect token audience')
  return found
}

function checkTimes({ exp = 0, nbf }: JWTPayload, now: number): void {
  const seconds = Math.floor(now / 1000)
  if (seconds >= exp + grace) {
    const message = `Token expired: current date/time ${seconds} must be before the expiration date/time ${exp}`
    throw new StsFailure('ExpiredTokenException', message)
  }
  if (typeof nbf === 'number' && seconds < nbf - grace) {
    throw invalid(`Token is not valid yet: current date/time ${seconds} must be after the not-before date/time ${nbf}`)
  }
}

/**
 * Verifies an OpenID Connect token as STS does ("Create an OpenID Connect identity provider in IAM"): provider,
 * signature by the keys that it publishes, required claims, audience, times.
 * @param now epoch milliseconds.
 * @throws StsFailure InvalidIdentityToken, ExpiredTokenException or IDPCommunicationError.
 */
export async function verifyWebIdentityToken(
  token: string,
  providers: ReadonlyMap<string, IdentityProvider>,
  now: number,
): Promise<WebIdentity> {
  const decoded = decode(token)
  const { claims } = decoded
  requireClaim(claims, 'iss', 'string')
  const provider = providers.get(claims.iss ?? '')
  if (provider === undefined) throw invalid(`No OpenIDConnect provider found in your account for ${claims.iss}`)
  if (!algorithms.includes(decoded.algorithm)) {
    throw invalid(`The token is signed with ${decoded.algorithm}, which is not one of ${algorithms.join(', ')}`)
  }
  await verifySignature(token, decoded, await fetchIssuerKeys(provider))
  requireClaim(claims, 'sub', 'string')
  requireClaim(claims, 'exp', 'number')
  requireClaim(claims, 'iat', 'number')
  const audience = findAudience(claims, provider.clientIds)
  checkTimes(claims, now)
  return { provider, subject: claims.sub ?? '', audience, claims }
}
