import type { Instant } from '../../credentials/index.ts'
import type { Outbound, TokenSource } from '../index.ts'
import { type ProofParts, proveClient } from './clientProof.ts'
import { openIssuer } from './issuer.ts'
import type { ClientCredentialsProvider, OAuthProvider, TokenExchangeProvider } from './provider.ts'
import { openTokenEndpoint, type TokenRequest } from './tokenEndpoint.ts'
import { verifyToken } from './verifyToken.ts'

export type OAuthParts = ProofParts & { readonly outbound: Outbound; readonly now: () => Instant }

type Grant = Pick<TokenRequest, 'parameters' | 'secrets' | 'token'>

/**
 * Tokens of an OAuth 2.0 client (RFC 6749, section 4.4), which shows who it is by the pod's own token (RFC 7523), a signed
 * assertion or a secret. Every call fetches a new token and verifies it; nothing of it is kept. Throws Failure.
 */
export function clientCredentials(provider: ClientCredentialsProvider, parts: OAuthParts): TokenSource {
  const parameters = { grant_type: 'client_credentials', ...askedFor(provider) }
  return source(provider, parts, async () => ({ parameters, secrets: [], token: provider.token }))
}

/**
 * The pod's own token exchanged for one of the identity provider (RFC 8693). Every call exchanges anew and verifies what
 * comes; nothing of it is kept. Throws Failure.
 */
export function tokenExchange(provider: TokenExchangeProvider, parts: OAuthParts): TokenSource {
  return source(provider, parts, async (signal) => {
    const subject = await parts.subject(signal)
    const parameters = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      ...askedFor(provider),
      subject_token: subject.raw,
      subject_token_type: provider.subjectTokenType,
      requested_token_type: provider.requestedTokenType,
    }
    return { parameters, secrets: [subject.raw], token: 'access_token' }
  })
}

const askedFor = ({ scope, audience, resource }: OAuthProvider) => ({ scope, audience, resource })

function source(
  provider: OAuthProvider,
  parts: OAuthParts,
  grantOf: (signal: AbortSignal) => Promise<Grant>,
): TokenSource {
  const { now } = parts
  const issuer = openIssuer(provider, parts.outbound, now)
  const endpoint = openTokenEndpoint(issuer, now)
  const obtain: TokenSource = async (signal) => {
    endpoint.checkRest()
    // First what a failing file or Secret can say without any request.
    const grant = await grantOf(signal)
    const proof = await proveClient(provider, parts, now() + issuer.skew(), signal)
    // Discovery, which both of the next two need.
    await issuer.tokenEndpoint(signal)
    const keys = issuer.keys(signal)
    // Whether that failed is seen when they are needed: until then the token is on its way, and the pod waits for it.
    keys.catch(() => {})
    const raw = await endpoint.ask({ ...grant, proof }, signal)
    return verifyToken(raw, provider, { issuer, keys, now }, signal)
  }
  return async (signal) => {
    try {
      return await obtain(signal)
    } catch (thrown) {
      // An address or a key may have changed: the next attempt asks for all of it.
      issuer.forget()
      throw thrown
    }
  }
}
