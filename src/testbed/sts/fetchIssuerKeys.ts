import type { JWK } from 'jose'
import { StsFailure } from './failure.ts'
import type { Access } from './httpsGet.ts'
import { AnswerTooLarge, httpsGet, isCertificateError } from './httpsGet.ts'
import type { IdentityProvider } from './types.ts'

/** AWS's words, its two spaces included. */
export function keyNotFound(): StsFailure {
  const advice = 'please reference AssumeRoleWithWebIdentity documentation for requirements'
  return new StsFailure(
    'InvalidIdentityToken',
    `Couldn't retrieve verification key from your identity provider,  ${advice}`,
  )
}

function unreachable(): StsFailure {
  return new StsFailure(
    'IDPCommunicationError',
    'The identity provider that was asked to verify the incoming identity token could not be reached',
  )
}

function toFailure(error: unknown): StsFailure {
  if (error instanceof AnswerTooLarge) return keyNotFound()
  if (!isCertificateError(error)) return unreachable()
  const message = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
  return new StsFailure('InvalidIdentityToken', message)
}

/** What node:https cannot even send is this server's own failure. */
function isNetworkError(error: unknown): boolean {
  return !(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_INVALID'))
}

async function fetchText(url: string, access: Access): Promise<string> {
  const { status, text } = await httpsGet(url, access).catch((error: unknown) => {
    throw isNetworkError(error) ? toFailure(error) : error
  })
  if (status === 200) return text
  throw status >= 500 ? unreachable() : keyNotFound()
}

async function fetchObject(url: string, access: Access): Promise<Record<string, unknown>> {
  const text = await fetchText(url, access)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Falls through: what is no JSON holds no key either.
  }
  throw keyNotFound()
}

async function accessTo({ ca, bearer }: IdentityProvider): Promise<Access> {
  const trusted = ca === undefined ? {} : { ca }
  if (bearer === undefined) return trusted
  try {
    return { ...trusted, headers: { Authorization: `Bearer ${await bearer()}` } }
  } catch {
    throw unreachable()
  }
}

/**
 * Fetches the keys that a provider publishes now: discovery document, then JWKS (OpenID Connect Discovery 1.0,
 * section 4). Nothing is cached, so a rotation or an outage of the issuer shows at once.
 * @throws StsFailure IDPCommunicationError when the issuer does not answer, InvalidIdentityToken when what it
 * answers is of no use or its certificate is not trusted.
 */
export async function fetchIssuerKeys(provider: IdentityProvider): Promise<JWK[]> {
  const access = await accessTo(provider)
  const base = provider.url.replace(/\/$/, '')
  const discovery = await fetchObject(`${base}/.well-known/openid-configuration`, access)
  const { issuer, jwks_uri: jwksUri } = discovery
  if (issuer !== provider.url || typeof jwksUri !== 'string' || !jwksUri.startsWith('https://')) throw keyNotFound()
  const { keys } = await fetchObject(jwksUri, access)
  if (!Array.isArray(keys)) throw keyNotFound()
  return keys.filter((key) => typeof key === 'object' && key !== null)
}
