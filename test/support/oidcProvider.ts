/**
 * A real OAuth 2.0 and OpenID Connect server, the npm package `oidc-provider`, over https by the testbed's authority:
 *
 * - client credentials (RFC 6749) with all client authentications that Lanyard speaks: the token of a Kubernetes service
 *   account as client assertion (RFC 7523, verified by the keys of the cluster's issuer), private_key_jwt, client secret
 * - access tokens as JWT (RFC 9068) for the audience of the resource that is asked for
 * - token exchange (RFC 8693): a service account's token in, one of the server's out
 * - logins: authorization code with PKCE, a page with the fields `username` and `password`, ID tokens with `nonce`
 *
 * @example
 * const now = Date.now                     // its times are the machine's: the library has no clock of its own to be given
 * const ca = await createCertificateAuthority({ name: 'test', now })
 * const cluster = await startIssuer({ ca, now })
 * const oidc = await startOidcProvider({
 *   ca,
 *   serviceAccounts: { issuer: cluster.url, ca: ca.pem },
 *   clients: [
 *     { kind: 'service-account', clientId: 'shop-web', subject: 'system:serviceaccount:shop:web' },
 *     { kind: 'secret-basic', clientId: 'batch', secret: '…' },
 *     { kind: 'web', clientId: 'files', redirectUris: ['https://127.0.0.1:8443/callback'] },
 *   ],
 *   accounts: [{ id: 'u1', username: 'user-1', password: 'password-of-1', name: 'User 1', email: 'user-1@example.com' }],
 * })
 * // A service account's token must have `oidc.url` as its audience: that is the assertion's, and the subject token's.
 * // oidc.url is the issuer; oidc.tokenEndpoint, oidc.jwksUri; discovery at /.well-known/openid-configuration
 * await oidc.stop()
 *
 * Started again at the same port it has new keys. As a process: `oidcProviderMain.ts`.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Provider } from 'oidc-provider'
import { listenHttps } from '../../src/testbed/httpsServer.ts'
import { toConfiguration } from './oidc/configuration.ts'
import { answerLogin, INTERACTION_PATH } from './oidc/loginPage.ts'
import { type OidcProviderOptions, TOKEN_PATH } from './oidc/options.ts'
import { vouchFor } from './oidc/serviceAccounts.ts'
import { addTokenExchange } from './oidc/tokenExchange.ts'

export type { OidcClient, OidcProviderOptions, ServiceAccountIssuer } from './oidc/options.ts'

export type OidcProvider = {
  /** The issuer identifier, without a slash at its end. */
  readonly url: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  /** How many requests came to the token endpoint. */
  readonly tokenRequests: () => number
  readonly stop: () => Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Throws the listen error of node:net, e.g. EADDRINUSE. */
export async function startOidcProvider(given: OidcProviderOptions): Promise<OidcProvider> {
  const { host = '127.0.0.1', port = 0, resources = { 'urn:sts': 'sts.amazonaws.com' } } = given
  const defaultResource = given.defaultResource ?? Object.keys(resources)[0] ?? ''
  const options = { ...given, host, port, resources, defaultResource }
  let handle: Handler = (_request, response) => void response.writeHead(503).end()
  const { url: base, stop } = await listenHttps(options, (request, response) => {
    Promise.resolve(handle(request, response)).catch(() => response.destroy())
  })
  const url = given.issuer ?? base
  const requests = { token: 0 }
  handle = await createHandler(options, url, requests)
  return {
    url,
    tokenEndpoint: `${url}${TOKEN_PATH}`,
    jwksUri: `${url}/jwks`,
    tokenRequests: () => requests.token,
    stop,
  }
}

async function createHandler(options: OidcProviderOptions, url: string, requests: { token: number }): Promise<Handler> {
  const secrets = new Map<string, string>()
  const secretOf = (clientId: string): string => {
    const secret = secrets.get(clientId) ?? randomBytes(24).toString('base64url')
    secrets.set(clientId, secret)
    return secret
  }
  const provider = new Provider(url, await toConfiguration(options, secretOf))
  addTokenExchange(provider, options)
  const { clients = [], accounts = [], title = 'Test login' } = options
  const clientOf = (subject: string) => {
    const found = clients.find((client) => client.kind === 'service-account' && client.subject === subject)
    return found === undefined ? undefined : { clientId: found.clientId, secret: secretOf(found.clientId) }
  }
  const vouching = { cluster: options.serviceAccounts, audience: url, clientOf }
  const answer = provider.callback()
  return async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/healthz') return void response.writeHead(200).end('ok')
    if (path.startsWith(INTERACTION_PATH)) return answerLogin(provider, accounts, title, request, response)
    if (path !== TOKEN_PATH || request.method !== 'POST') return answer(request, response)
    requests.token += 1
    return answer(await vouchFor(request, vouching), response)
  }
}
