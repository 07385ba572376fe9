import { get } from 'node:https'
import type { JWK } from 'jose'
import { StsFailure } from './failure.ts'
import type { IdentityProvider } from './types.ts'

const timeout = 5_000
const sizeLimit = 256 * 1024

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

/** A connection that came about and whose certificate is not trusted is no matter of reachability. */
function toFailure(error: Error & { code?: string }): StsFailure {
  if (error instanceof StsFailure) return error
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(error.code ?? '')
  if (!isCertificate) return unreachable()
  const message = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
  return new StsFailure('InvalidIdentityToken', message)
}

/** Whom to trust, and what to show. */
type Access = { ca?: string; headers?: Record<string, string> }

/** Redirects are not followed: the provider's address is configuration, not what an answer says. */
function fetchText(url: string, access: Access): Promise<string> {
  const options = { ...access, signal: AbortSignal.timeout(timeout), agent: false as const }
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(toFailure(error))
    get(url, options, (response) => {
      const status = response.statusCode ?? 0
      if (status !== 200) {
        response.resume()
        return fail(status >= 500 ? unreachable() : keyNotFound())
      }
      let text = ''
      response.setEncoding('utf8')
      response.on('error', fail)
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > sizeLimit) response.destroy(keyNotFound())
      })
      response.on('end', () => resolve(text))
    }).on('error', fail)
  })
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
