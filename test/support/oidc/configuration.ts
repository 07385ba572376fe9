import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import type { ClientMetadata, Configuration, JWK } from 'oidc-provider'
import { INTERACTION_PATH } from './loginPage.ts'
import { NOBODY, type OidcAccount, type OidcClient, type OidcProviderOptions, TOKEN_EXCHANGE } from './options.ts'
import { createStorage } from './storage.ts'
import { subjects } from './tokenExchange.ts'

const unattended = {
  grant_types: ['client_credentials', TOKEN_EXCHANGE],
  scope: 'aws openid',
  redirect_uris: [],
  response_types: [],
}

/** As oidc-provider wants to see it. `secretOf` gives the secret by which a service account is known inside. */
function toMetadata(client: OidcClient, algorithm: string, secretOf: (clientId: string) => string): ClientMetadata {
  const named = { client_id: client.clientId, id_token_signed_response_alg: algorithm as 'RS256' }
  switch (client.kind) {
    case 'service-account':
      return {
        ...named,
        ...unattended,
        token_endpoint_auth_method: 'client_secret_post',
        client_secret: secretOf(client.clientId),
      }
    case 'private-key':
      return {
        ...named,
        ...unattended,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [...client.keys] as JWK[] },
      }
    case 'secret-basic':
      return {
        ...named,
        ...unattended,
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: client.secret,
      }
    case 'secret-post':
      return { ...named, ...unattended, token_endpoint_auth_method: 'client_secret_post', client_secret: client.secret }
    case 'web':
      return {
        ...named,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: client.redirectUris,
        post_logout_redirect_uris: client.postLogoutRedirectUris ?? [],
        ...(client.secret === undefined
          ? { token_endpoint_auth_method: 'none' }
          : { token_endpoint_auth_method: 'client_secret_basic', client_secret: client.secret }),
      }
  }
}

const nobody: ClientMetadata = {
  client_id: NOBODY,
  grant_types: [TOKEN_EXCHANGE],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'none',
}

async function signingKeys(algorithm: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const kid = randomBytes(8).toString('hex')
  return { ...(await exportJWK(privateKey)), kid, alg: algorithm, use: 'sig' } as JWK
}

/** Logged in is consented: the apps of a test are the operator's own. */
const consentGiven: Configuration['loadExistingGrant'] = async (ctx) => {
  const { client, session, provider, params } = ctx.oidc
  if (client === undefined || session?.accountId === undefined) return undefined
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(String(params?.['scope'] ?? 'openid'))
  await grant.save()
  return grant
}

const claimsOf = ({ id, username, name, email }: OidcAccount) => ({
  sub: id,
  preferred_username: username,
  ...(name !== undefined && { name }),
  ...(email !== undefined && { email, email_verified: true }),
})

export async function toConfiguration(
  options: OidcProviderOptions,
  secretOf: (clientId: string) => string,
): Promise<Configuration> {
  const { clients = [], accounts = [], resources = {}, defaultResource = '', tokenLifetime = 300 } = options
  const { algorithm = 'RS256', opaque = false } = options
  const unattendedGrants: readonly unknown[] = ['client_credentials']
  return {
    adapter: createStorage(),
    clients: [
      ...clients.map((client) => toMetadata(client, algorithm, secretOf)),
      { ...nobody, id_token_signed_response_alg: algorithm },
    ],
    jwks: { keys: [(options.signingKey as JWK | undefined) ?? (await signingKeys(algorithm))] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'aws'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    // So that an app need not ask the userinfo endpoint.
    conformIdTokenClaims: false,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      idTokenSigningAlgValues: [algorithm],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    },
    clientDefaults: { id_token_signed_response_alg: algorithm },
    ttl: {
      AccessToken: tokenLifetime,
      ClientCredentials: tokenLifetime,
      IdToken: tokenLifetime,
      Grant: 3600,
      Interaction: 600,
      Session: 3600,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => (unattendedGrants.includes(ctx.oidc.params?.['grant_type']) ? defaultResource : []),
        getResourceServerInfo: (_ctx, resource) => ({
          scope: 'aws',
          audience: resources[resource] ?? resource,
          accessTokenFormat: opaque ? ('opaque' as const) : ('jwt' as const),
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt: (_ctx, token, jwt) => {
          const { claims = {} } = clients.find(({ clientId }) => clientId === token.clientId) ?? {}
          const sub = subjects.get(token)
          Object.assign(jwt.payload, claims, sub === undefined ? {} : { sub })
        },
      },
    },
    interactions: { url: (_ctx, interaction) => `${INTERACTION_PATH}${interaction.uid}` },
    loadExistingGrant: consentGiven,
    findAccount: (_ctx, id) => {
      const account = accounts.find((each) => each.id === id)
      return account === undefined ? undefined : { accountId: id, claims: () => claimsOf(account) }
    },
  }
}
