import type { LoginProvider } from '../sts/types.ts'
import type { AccessTokens, Grant } from './accessTokens.ts'
import { createAccessTokens } from './accessTokens.ts'
import type { LoginReply, LoginRequest, LoginServer, LoginServerOptions } from './server.ts'
import { bearerOf, startLoginServer } from './server.ts'

/** A customer of Amazon. */
export type AmazonUser = { userId: string; name?: string; email?: string; postalCode?: string }

/** What {@link startAmazonLogin} needs. */
export type AmazonLoginOptions = LoginServerOptions & {
  /** Client ID of the app that tokens are issued to. @default 'amzn1.application-oa2-client.testbed' */
  clientId?: string
  /** The app's own id. @default 'amzn1.application.testbed' */
  appId?: string
}

type TokenOptions = {
  /** Seconds; negative for a token that has expired. @default 3600 */
  expiresIn?: number
  /** Of another app, as its token would be. */
  clientId?: string
  appId?: string
}

/** A running stand-in of Login with Amazon. */
export type AmazonLogin = LoginServer & {
  clientId: string
  appId: string
  tokenInfoUrl: string
  profileUrl: string
  /** An opaque access token of a user. */
  issueToken(user: AmazonUser | string, options?: TokenOptions): string
  /** From now on the token is unknown. */
  revoke(token: string): void
  /** As `startSts` takes it. */
  provider: LoginProvider
}

const tokenInfoPath = '/auth/o2/tokeninfo'
const profilePath = '/user/profile'

/** A customer, and the app's other id. */
type Customer = AmazonUser & { clientId: string }
type Tokens = AccessTokens<Customer>

function refuse(status: number, error: string, description: string): LoginReply {
  return { status, content: { error, error_description: description } }
}

function findLive(tokens: Tokens, token: string | undefined, now: number): Grant<Customer> | undefined {
  const grant = token === undefined ? undefined : tokens.find(token)
  return grant !== undefined && now < grant.expires ? grant : undefined
}

/** Login with Amazon, "Verify an access token": `exp` is what is left of it, in seconds. */
function tokenInfo(tokens: Tokens, { query }: LoginRequest, now: number): LoginReply {
  const token = query.get('access_token') ?? undefined
  const grant = findLive(tokens, token, now)
  if (token === undefined || grant === undefined) {
    const problem = token === undefined ? 'is missing a required parameter' : 'has an invalid parameter'
    return refuse(
      400,
      token === undefined ? 'invalid_request' : 'invalid_token',
      `The request ${problem} : access_token`,
    )
  }
  const content = {
    aud: grant.user.clientId,
    user_id: grant.user.userId,
    iss: 'https://www.amazon.com',
    exp: Math.floor((grant.expires - now) / 1000),
    app_id: grant.app,
    iat: Math.floor(grant.issued / 1000),
  }
  return { status: 200, content }
}

/** Login with Amazon, "Obtain customer profile information": the token in one of three places. */
function profile(tokens: Tokens, request: LoginRequest, now: number): LoginReply {
  const header = request.headers['x-amz-access-token']
  const shown = typeof header === 'string' ? header : (request.query.get('access_token') ?? undefined)
  const grant = findLive(tokens, bearerOf(request) ?? shown, now)
  if (grant === undefined) return refuse(400, 'invalid_token', 'The request has an invalid parameter : access_token')
  const { userId, name, email, postalCode } = grant.user
  const content = {
    user_id: userId,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(postalCode !== undefined && { postal_code: postalCode }),
  }
  return { status: 200, content }
}

/**
 * Starts a stand-in of Login with Amazon over https: it issues opaque access tokens, and answers what they are.
 * @throws the listen error of node:net, e.g. EADDRINUSE.
 */
export async function startAmazonLogin(options: AmazonLoginOptions): Promise<AmazonLogin> {
  const { ca, now } = options
  const { clientId = 'amzn1.application-oa2-client.testbed', appId = 'amzn1.application.testbed' } = options
  const tokens = createAccessTokens<Customer>('Atza|')
  const server = await startLoginServer(options, (request) => {
    if (request.path === tokenInfoPath) return tokenInfo(tokens, request, now())
    if (request.path === profilePath) return profile(tokens, request, now())
    return refuse(404, 'invalid_request', 'There is nothing here')
  })
  const tokenInfoUrl = `${server.url}${tokenInfoPath}`
  return {
    ...server,
    clientId,
    appId,
    tokenInfoUrl,
    profileUrl: `${server.url}${profilePath}`,
    issueToken: (user, { expiresIn = 3600, clientId: client = clientId, appId: app = appId } = {}) => {
      const issued = now()
      const about = typeof user === 'string' ? { userId: user } : user
      return tokens.issue({ user: { ...about, clientId: client }, app, issued, expires: issued + expiresIn * 1000 })
    },
    revoke: tokens.revoke,
    provider: { providerId: 'www.amazon.com', tokenInfoUrl, clientIds: [clientId], ca: ca.pem },
  }
}
