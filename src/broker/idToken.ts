import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { compactVerify } from 'jose/jws/compact/verify'
import type { Clock } from '../credentials/index.ts'
import { type Code, Failure, toFailure } from '../errors/index.ts'
import { printable } from '../federation/redact.ts'
import { isObject, type JsonObject } from '../json/index.ts'
import { checkClaims, type Expected } from './claims.ts'
import type { IssuerKeys, KeySet } from './keys.ts'
import type { Presented, Verify } from './types.ts'

export type IdTokenOptions = Expected & {
  /** Of JWS (RFC 7518, section 3.1); none with a shared secret. */
  readonly algorithms: readonly string[]
  readonly keys: IssuerKeys
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Verifies an ID token as its app would (OpenID Connect Core 1.0, section 3.1.3.7): by the issuer's own keys, with an
 * algorithm that the operator has pinned. What costs little is looked at first, so that no flood of inventions costs more.
 */
export function idTokenVerifier(options: IdTokenOptions): Verify {
  return async (presented, signal) => {
    checkHeader(presented.token, options.algorithms)
    const payload = await verifySignature(presented, options, signal)
    return checkClaims(toClaims(payload), presented.nonce, options, options.clock.now())
  }
}

const refused = (code: Code, message: string): Failure => new Failure({ code, message })

/** Headers by which a token would say itself what verifies it (RFC 7515, section 4.1). */
const KEY_HEADERS = ['jku', 'jwk', 'x5u', 'x5c'] as const

function checkHeader(token: string, algorithms: readonly string[]): void {
  const header = headerOf(token)
  const { alg, typ, crit } = header
  if (typeof alg !== 'string' || !algorithms.includes(alg)) {
    const found = typeof alg === 'string' ? printable(alg, 40) : 'nothing'
    throw refused('UserTokenAlgorithm', `its header says the algorithm ${found}, not ${algorithms.join(' or ')}`)
  }
  const own = KEY_HEADERS.find((name) => header[name] !== undefined)
  if (own !== undefined) throw refused('UserTokenKeyForeign', `its header has ${own}`)
  if (crit !== undefined) throw refused('UserTokenMalformed', 'its header has crit')
  // RFC 8725, section 3.11: an access token (at+jwt) or a logout token of the same issuer is no ID token.
  if (typ !== undefined && !(typeof typ === 'string' && typ.toUpperCase() === 'JWT'))
    throw refused('UserTokenMalformed', 'its header says that it is of another type than JWT')
}

function headerOf(token: string): JsonObject {
  const parts = token.split('.')
  if (parts.length !== 3 || !/^[\w-]+$/.test(parts[0] ?? '') || !/^[\w-]+$/.test(parts[1] ?? ''))
    throw refused('UserTokenMalformed', 'it does not consist of three base64url parts')
  try {
    return { ...decodeProtectedHeader(token) }
  } catch {
    throw refused('UserTokenMalformed', 'its header is no JSON object')
  }
}

async function verifySignature(
  { token }: Presented,
  { algorithms, keys }: IdTokenOptions,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const known = await keys.current(signal)
  try {
    return await verifyBy(known, token, algorithms)
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== 'UserTokenKeyUnknown') throw thrown
    // The issuer may have changed its keys at this moment.
    const renewed = await keys.renewed(signal)
    if (renewed === undefined) throw thrown
    return await verifyBy(renewed, token, algorithms)
  }
}

async function verifyBy(keys: KeySet, token: string, algorithms: readonly string[]): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, keys, { algorithms: [...algorithms] })).payload
  } catch (thrown) {
    throw explain(thrown)
  }
}

/** jose's codes; its errors hold parts of the token, so none is kept. */
const causes: Readonly<Record<string, readonly [Code, string]>> = {
  ERR_JWKS_NO_MATCHING_KEY: ['UserTokenKeyUnknown', 'none of the keys of the provider fits its header'],
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: ['UserTokenKeyUnknown', 'several keys of the provider fit its header'],
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: ['UserTokenForged', 'no key of the provider has made its signature'],
  ERR_JWS_INVALID: ['UserTokenMalformed', 'it is no JSON Web Signature'],
  ERR_JOSE_ALG_NOT_ALLOWED: ['UserTokenAlgorithm', 'its header says an algorithm that is not allowed'],
  ERR_JOSE_NOT_SUPPORTED: ['UserTokenMalformed', 'it has something that is not supported'],
}

function explain(thrown: unknown): Failure {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const cause = Object.hasOwn(causes, code) ? causes[code] : undefined
  if (cause !== undefined) return refused(...cause)
  // A key that the provider publishes and that is none: too short, of a broken curve.
  if (thrown instanceof TypeError || (thrown instanceof Error && /^(DataError|DOMException)$/.test(thrown.name)))
    return refused('UserProviderInvalid', 'the key that the token names cannot be used')
  return toFailure(thrown)
}

function toClaims(payload: Uint8Array): JsonObject {
  try {
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    if (isObject(claims)) return claims
  } catch {
    // The same as any other text that is no JSON object.
  }
  throw refused('UserTokenMalformed', 'its claims are no JSON object')
}
