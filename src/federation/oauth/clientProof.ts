import { SignJWT } from 'jose/jwt/sign'
import { importPKCS8 } from 'jose/key/import'
import type { Instant } from '../../credentials/index.ts'
import { Failure, type Problem } from '../../errors/index.ts'
import type { TokenSource } from '../index.ts'
import { redact } from '../index.ts'
import type { OAuthProvider } from './provider.ts'

/** What shows the token endpoint who the client is. */
export type ClientProof = {
  readonly headers: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
  /** What of it must not come back in a message. */
  readonly secrets: readonly string[]
}

export type ProofParts = {
  /** The pod's own token. */
  readonly subject: TokenSource
  /** The client secret or the private key, read anew each time: a Secret that was changed is seen. */
  readonly readSecret: () => Promise<string>
  /** Unique, and not to be guessed. */
  readonly newId: () => string
}

/** RFC 7523, section 2.2. */
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Seconds that a signed assertion is good for: it is used at once. */
const ASSERTION_LIFE = 60

/**
 * Authenticates the client in the way that the operator chose (RFC 6749, section 2.3; RFC 7523, section 2.2). `time` is the
 * identity provider's. Throws Failure: that of the pod's own token, ProviderSecretMissing, ProviderSecretInvalid.
 */
export async function proveClient(
  provider: OAuthProvider,
  parts: ProofParts,
  time: Instant,
  signal: AbortSignal,
): Promise<ClientProof> {
  const { clientId } = provider
  const named = clientId === undefined ? {} : { client_id: clientId }
  switch (provider.clientAuthentication) {
    case 'none':
      return { headers: {}, parameters: named, secrets: [] }
    case 'service-account-token':
      return asserted(named, (await parts.subject(signal)).raw)
    case 'private-key-jwt':
      return asserted(named, await signAssertion(provider, parts, time))
    case 'client-secret-basic': {
      const secret = await readSecret(parts)
      const credentials = Buffer.from(`${formEncode(clientId ?? '')}:${formEncode(secret)}`).toString('base64')
      return {
        headers: { authorization: `Basic ${credentials}` },
        parameters: {},
        secrets: [secret, formEncode(secret), credentials],
      }
    }
    case 'client-secret-post': {
      const secret = await readSecret(parts)
      return { headers: {}, parameters: { ...named, client_secret: secret }, secrets: [secret, formEncode(secret)] }
    }
  }
}

const asserted = (named: ClientProof['parameters'], assertion: string): ClientProof => ({
  headers: {},
  parameters: { ...named, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion },
  secrets: [assertion],
})

/** RFC 6749, section 2.3.1: each half in application/x-www-form-urlencoded before they are joined. */
const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** RFC 7523, section 3; OpenID Connect Core 1.0, section 9. */
async function signAssertion(provider: OAuthProvider, parts: ProofParts, time: Instant): Promise<string> {
  const { clientId = '', issuer, assertionAudience = issuer, algorithm, keyId } = provider
  const pem = await readSecret(parts)
  const seconds = Math.floor(time / 1000)
  try {
    return await new SignJWT({ jti: parts.newId() })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(assertionAudience)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + ASSERTION_LIFE)
      .sign(await importPKCS8(pem, algorithm))
  } catch {
    // The error may quote the key.
    throw secretFailure('ProviderSecretInvalid', `it is no private key that can sign with ${algorithm}`)
  }
}

const secretFailure = (code: Problem['code'], problem: string): Failure =>
  new Failure({ code, message: `the secret of the identity provider cannot be used: ${problem}` })

/** One line break at its end is an editor's or `echo`'s. */
async function readSecret(parts: ProofParts): Promise<string> {
  const secret = (await parts.readSecret().catch(unreadable)).replace(/\r?\n$/, '')
  if (secret === '') throw secretFailure('ProviderSecretMissing', 'it is empty')
  return secret
}

/** The error's text may quote anything, so only its code is shown. */
function unreadable(thrown: unknown): never {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : 'unknown error'
  throw secretFailure('ProviderSecretMissing', `it cannot be read (${redact(code, [], 40)})`)
}
