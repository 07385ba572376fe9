import type { LoginProvider } from '../sts/types.ts'
import type { AccessTokens, Grant } from './accessTokens.ts'
import { createAccessTokens } from './accessTokens.ts'
import type { LoginReply, LoginRequest, LoginServer, LoginServerOptions } from './server.ts'
import { bearerOf, startLoginServer } from './server.ts'

/** A user of Facebook; ids differ from app to app. */
export type FacebookUser = { id: string; name?: string; email?: string }

/** What {@link startFacebookLogin} needs. */
export type FacebookLoginOptions = LoginServerOptions & {
  /** Id of the app that tokens are issued to. @default '1234567890' */
  appId?: string
  /** @default 'testbed' */
  appName?: string
  /** With it, `APPID|SECRET` is an access token of the app itself. @default 'app-secret' */
  appSecret?: string
}

type TokenOptions = {
  /** Seconds; negative for a token that has expired. @default 5184000 */
  expiresIn?: number
  /** Of another app, as its token would be. */
  appId?: string
}

/** A running stand-in of Facebook's Graph API. */
export type FacebookLogin = LoginServer & {
  appId: string
  /** The app's own access token, with which it asks about others. */
  appToken: string
  /** An opaque access token of a user. */
  issueToken(user: FacebookUser | string, options?: TokenOptions): string
  /** From now on the token is unknown. */
  revoke(token: string): void
  /** As `startSts` takes it. */
  provider: LoginProvider
}

type State = { tokens: AccessTokens<FacebookUser>; appId: string; appName: string; appToken: string; now: number }
type Live = { grant: Grant<FacebookUser> } | { reply: LoginReply }

/** Graph API, "Handling errors". */
function refuse(message: string, code = 190, subcode?: number): LoginReply {
  const more = subcode === undefined ? {} : { error_subcode: subcode }
  return {
    status: 400,
    content: { error: { message, type: 'OAuthException', code, ...more, fbtrace_id: 'AtestbedTestbedTestbed' } },
  }
}

const malformed = 'Invalid OAuth access token - Cannot parse access token'
const expired = 'Error validating access token: Session has expired'

function shownToken(request: LoginRequest): string | undefined {
  return request.query.get('access_token') ?? bearerOf(request)
}

function findLive({ tokens, now }: State, token: string | undefined): Live {
  if (token === undefined) {
    return { reply: refuse('An active access token must be used to query information about the current user.', 2500) }
  }
  const grant = tokens.find(token)
  if (grant === undefined) return { reply: refuse(malformed) }
  return now < grant.expires ? { grant } : { reply: refuse(expired, 190, 463) }
}

/** Of the fields that were asked for, those that there are; `id` always. */
function me(state: State, request: LoginRequest): LoginReply {
  const live = findLive(state, shownToken(request))
  if ('reply' in live) return live.reply
  const fields = (request.query.get('fields') ?? 'id,name').split(',')
  const { id, name, email } = live.grant.user
  const wanted = Object.entries({ name, email }).filter(([key, value]) => fields.includes(key) && value !== undefined)
  return { status: 200, content: { ...Object.fromEntries(wanted), id } }
}

/** The app that a token belongs to, be it a user's or its own. */
function app(state: State, request: LoginRequest): LoginReply {
  const token = shownToken(request)
  const describe = (id: string): LoginReply => ({
    status: 200,
    content: { link: `https://www.facebook.com/games/?app_id=${id}`, name: state.appName, id },
  })
  if (token === state.appToken) return describe(state.appId)
  const live = findLive(state, token)
  return 'reply' in live ? live.reply : describe(live.grant.app)
}

/** Graph API, `debug_token`: only an app's own token may ask about its tokens. */
function debugToken(state: State, request: LoginRequest): LoginReply {
  if (shownToken(request) !== state.appToken) return refuse('Invalid OAuth access token signature.')
  const token = request.query.get('input_token')
  if (token === null) return refuse('(#100) The parameter input_token is required', 100)
  const grant = state.tokens.find(token)
  const isOwn = grant?.app === state.appId
  if (grant === undefined || !isOwn) {
    const message = grant === undefined ? malformed : '(#100) You must provide an app access token for this app'
    return { status: 200, content: { data: { error: { code: 190, message }, is_valid: false, scopes: [] } } }
  }
  const isValid = state.now < grant.expires
  const expires = Math.floor(grant.expires / 1000)
  const data = {
    app_id: grant.app,
    type: 'USER',
    application: state.appName,
    data_access_expires_at: expires,
    ...(!isValid && { error: { code: 190, message: expired, subcode: 463 } }),
    expires_at: expires,
    is_valid: isValid,
    issued_at: Math.floor(grant.issued / 1000),
    scopes: ['email', 'public_profile'],
    user_id: grant.user.id,
  }
  return { status: 200, content: { data } }
}

/** With or without a version of the API before it. */
const routes: ReadonlyMap<string, (state: State, request: LoginRequest) => LoginReply> = new Map([
  ['/me', me],
  ['/app', app],
  ['/debug_token', debugToken],
])

/**
 * Starts a stand-in of Facebook's Graph API over https: it issues opaque access tokens, and answers what they are.
 * @throws the listen error of node:net, e.g. EADDRINUSE.
 */
export async function startFacebookLogin(options: FacebookLoginOptions): Promise<FacebookLogin> {
  const { ca, now, appId = '1234567890', appName = 'testbed', appSecret = 'app-secret' } = options
  const tokens = createAccessTokens<FacebookUser>('EAA')
  const appToken = `${appId}|${appSecret}`
  const server = await startLoginServer(options, (request) => {
    const route = routes.get(request.path.replace(/^\/v\d+\.\d+(?=\/)/, ''))
    if (route === undefined) return refuse('Unknown path components', 2500)
    return route({ tokens, appId, appName, appToken, now: now() }, request)
  })
  return {
    ...server,
    appId,
    appToken,
    issueToken: (user, { expiresIn = 5_184_000, appId: app = appId } = {}) => {
      const issued = now()
      const about = typeof user === 'string' ? { id: user } : user
      return tokens.issue({ user: about, app, issued, expires: issued + expiresIn * 1000 })
    },
    revoke: tokens.revoke,
    provider: { providerId: 'graph.facebook.com', tokenInfoUrl: server.url, clientIds: [appId], ca: ca.pem },
  }
}
