/** Signing in: OpenID Connect's authorization code with PKCE (RFC 6749, RFC 7636), by oauth4webapi. */
import * as oauth from 'oauth4webapi'
import type { Provider } from './config.ts'
import { Refusal } from './refusal.ts'

/** A login that has begun: what its end has to match. */
export type Pending = {
  readonly provider: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** Who has signed in, as the provider says. The broker does not take the app's word for it: it gets the token itself. */
export type Login = { readonly idToken: string; readonly nonce: string; readonly displayName: string }

export type Oidc = {
  readonly begin: () => Promise<{ readonly url: URL; readonly pending: Pending }>
  /** Throws a {@link Refusal} where the provider, or what it gave, is not as it must be. */
  readonly finish: (callback: URL, pending: Pending) => Promise<Login>
}

const DISCOVERED_FOR = 3_600_000
const LONGEST_WAIT = 10_000
const options = { signal: () => AbortSignal.timeout(LONGEST_WAIT) }

export function createOidc(provider: Provider, redirectUri: string, now: () => number): Oidc {
  const client: oauth.Client = { client_id: provider.clientId }
  const discover = keep(() => discoverAt(provider.issuer), now)
  return {
    begin: () =>
      explained(async () => {
        const server = await discover()
        const pending = {
          provider: provider.name,
          state: oauth.generateRandomState(),
          nonce: oauth.generateRandomNonce(),
          verifier: oauth.generateRandomCodeVerifier(),
        }
        return { url: await authorizationUrl(server, provider, redirectUri, pending), pending }
      }),
    finish: (callback, { state, nonce, verifier }) =>
      explained(async () => {
        const server = await discover()
        const answer = oauth.validateAuthResponse(server, client, callback, state)
        const proof = authenticationOf(provider, server)
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          proof,
          answer,
          redirectUri,
          verifier,
          options,
        )
        // Checks iss, aud, azp, exp and nonce of the ID token. The signature is the broker's to check: it comes by TLS from
        // the provider itself, which OpenID Connect Core 1.0, section 3.1.3.7, takes for enough.
        const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
          expectedNonce: nonce,
          requireIdToken: true,
        })
        return { idToken: tokens.id_token ?? '', nonce, displayName: displayNameOf(tokens) }
      }),
  }
}

async function authorizationUrl(
  server: oauth.AuthorizationServer,
  { clientId, scope }: Provider,
  redirectUri: string,
  { state, nonce, verifier }: Pending,
): Promise<URL> {
  const url = new URL(server.authorization_endpoint ?? '')
  const parameters = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

async function discoverAt(issuer: URL): Promise<oauth.AuthorizationServer> {
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
}

/** Asks once for all who wait, keeps the answer for an hour, and never keeps a failure. */
function keep<T>(ask: () => Promise<T>, now: () => number): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; readonly until: number } | undefined
  return () => {
    if (kept !== undefined && kept.until > now()) return kept.answer
    const mine = { answer: ask(), until: now() + DISCOVERED_FOR }
    kept = mine
    mine.answer.catch(() => {
      if (kept === mine) kept = undefined
    })
    return mine.answer
  }
}

function authenticationOf({ clientSecret }: Provider, server: oauth.AuthorizationServer): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None()
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return methods.includes('client_secret_basic')
    ? oauth.ClientSecretBasic(clientSecret)
    : oauth.ClientSecretPost(clientSecret)
}

/** For the page alone: nothing is decided by it. */
function displayNameOf(tokens: oauth.TokenEndpointResponse): string {
  const claims = oauth.getValidatedIdTokenClaims(tokens)
  const names = [claims?.['name'], claims?.['preferred_username'], claims?.['email']]
  return names.find((name): name is string => typeof name === 'string' && name !== '')?.slice(0, 100) ?? 'you'
}

/** The library's errors hold tokens and claims: none of it goes further than this. */
async function explained<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw refusalOf(error)
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof oauth.AuthorizationResponseError)
    return error.error === 'access_denied'
      ? new Refusal('provider', 'LoginCancelled', 403)
      : new Refusal('provider', 'LoginRefused', 403)
  if (error instanceof oauth.ResponseBodyError) return new Refusal('provider', 'LoginRefused', 403)
  if (error instanceof oauth.OperationProcessingError) return new Refusal('app', codeOf(error), 403)
  return new Refusal('app', 'ProviderUnreachable', 502)
}

function codeOf({ code, cause }: oauth.OperationProcessingError): string {
  if (code === oauth.JWT_TIMESTAMP_CHECK) return 'TokenExpired'
  if (code !== oauth.JWT_CLAIM_COMPARISON) return 'LoginInvalid'
  const claim = typeof cause === 'object' && cause !== null && 'claim' in cause ? cause.claim : ''
  return claim === 'aud' || claim === 'azp' ? 'TokenForAnotherApp' : 'LoginInvalid'
}
