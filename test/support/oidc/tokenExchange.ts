import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider'
import { type OidcProviderOptions, type ServiceAccountIssuer, TOKEN_EXCHANGE } from './options.ts'
import { verifyServiceAccount } from './serviceAccounts.ts'

const parameters = [
  'audience',
  'resource',
  'scope',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
] as const

type Parameters = { readonly [K in (typeof parameters)[number]]?: string }

const types = {
  access: 'urn:ietf:params:oauth:token-type:access_token',
  id: 'urn:ietf:params:oauth:token-type:id_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const

/** Whom a token is about that came by an exchange: else it would be about the client. */
export const subjects = new WeakMap<object, string>()

type Context = TokenEndpointGrantContext<Parameters>

/** What was asked for and by whom, or the refusal. */
async function readExchange(ctx: Context, issuer: string, cluster: ServiceAccountIssuer | undefined) {
  const { params } = ctx.oidc
  const requested = params.requested_token_type ?? types.access
  if (params.subject_token_type !== types.jwt && params.subject_token_type !== types.id) {
    throw new errors.InvalidRequest('subject_token_type is not supported')
  }
  if (!Object.values<string>(types).includes(requested)) {
    throw new errors.InvalidRequest('requested_token_type is not supported')
  }
  const subject = await verifyServiceAccount(params.subject_token ?? '', cluster, issuer)
  if (subject === undefined) throw new errors.InvalidGrant('subject_token is not acceptable')
  return { requested, subject }
}

/**
 * RFC 8693: a service account's token in, a token of the provider with the same subject out, for the audience or resource
 * that was asked for. The library has no such grant by itself.
 */
export function addTokenExchange(
  provider: Provider,
  { serviceAccounts, resources = {}, defaultResource = '' }: OidcProviderOptions,
): void {
  const issueIdToken = async (ctx: Context, subject: string): Promise<object> => {
    const idToken = new provider.IdToken({ sub: subject }, { ctx, client: ctx.oidc.client })
    idToken.set('sub', subject)
    const value = await idToken.issue({ use: 'idtoken' })
    return { access_token: value, issued_token_type: types.id, token_type: 'N_A' }
  }
  const issueAccessToken = async (ctx: Context, subject: string, requested: string): Promise<object> => {
    const { params, client } = ctx.oidc
    const audience = params.audience ?? resources[params.resource ?? defaultResource]
    if (audience === undefined) throw new errors.InvalidTarget('no such resource')
    const scoped = params.scope === undefined ? {} : { scope: params.scope }
    const server = { scope: params.scope ?? '', audience, accessTokenFormat: 'jwt' as const }
    const resourceServer = new provider.ResourceServer(audience, server)
    const token = new provider.ClientCredentials({ client, ...scoped, resourceServer })
    subjects.set(token, subject)
    const value = await token.save()
    const lifetime = { expires_in: token.expiration, ...scoped }
    return { access_token: value, issued_token_type: requested, token_type: 'Bearer', ...lifetime }
  }
  const exchange = async (ctx: Context): Promise<void> => {
    const { requested, subject } = await readExchange(ctx, provider.issuer, serviceAccounts)
    ctx.body = await (requested === types.id ? issueIdToken(ctx, subject) : issueAccessToken(ctx, subject, requested))
  }
  provider.registerGrantType<Parameters>(TOKEN_EXCHANGE, exchange, parameters)
}
