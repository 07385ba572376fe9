import { StsFailure } from './failure.ts'
import { httpsGet } from './httpsGet.ts'
import type { LoginProvider } from './types.ts'

/** What a provider says of an opaque access token. */
type LoginIdentity = {
  user: string
  /** The id of the app, as the condition key `app_id` has it. */
  app: string
  /** The client that the token was issued to. */
  audience: string
}

function unreachable(): StsFailure {
  return new StsFailure(
    'IDPCommunicationError',
    'The identity provider that was asked to verify the incoming identity token could not be reached',
  )
}

function invalid(message: string): StsFailure {
  return new StsFailure('InvalidIdentityToken', message)
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Falls through: what is no JSON says nothing.
  }
  throw unreachable()
}

/** What the provider answers; its own refusal means that the token is of no use. */
async function ask(url: URL, token: string, { ca }: LoginProvider): Promise<Record<string, unknown>> {
  url.searchParams.set('access_token', token)
  const access = ca === undefined ? {} : { ca }
  const { status, text } = await httpsGet(url.href, access).catch(() => {
    throw unreachable()
  })
  if (status === 200) return parseObject(text)
  throw status >= 400 && status < 500 ? invalid('The Access Token provided is not valid') : unreachable()
}

function readText(answer: Record<string, unknown>, field: string): string {
  const value = answer[field]
  if (typeof value !== 'string' || value === '' || value.length > 255) throw unreachable()
  return value
}

/** Login with Amazon, "Verify an access token". */
async function askAmazon(token: string, login: LoginProvider): Promise<LoginIdentity> {
  const answer = await ask(new URL(login.tokenInfoUrl), token, login)
  const left = answer['exp']
  if (typeof left !== 'number') throw unreachable()
  if (left <= 0) throw new StsFailure('ExpiredTokenException', 'Token expired')
  return { user: readText(answer, 'user_id'), app: readText(answer, 'app_id'), audience: readText(answer, 'aud') }
}

/** Facebook's Graph API, the nodes `app` and `me` of a token. */
async function askFacebook(token: string, login: LoginProvider): Promise<LoginIdentity> {
  const base = login.tokenInfoUrl.replace(/\/$/, '')
  const app = readText(await ask(new URL(`${base}/app`), token, login), 'id')
  const user = readText(await ask(new URL(`${base}/me?fields=id`), token, login), 'id')
  return { user, app, audience: app }
}

/**
 * Asks the provider of an opaque access token whose it is and which app's.
 * @throws StsFailure InvalidIdentityToken, ExpiredTokenException or IDPCommunicationError. A JSON web token is refused
 * before anybody is asked: it is nothing that these providers issue.
 */
export async function verifyLoginToken(token: string, login: LoginProvider): Promise<LoginIdentity> {
  if (/^eyJ[\w-]*\.[\w-]*\.[\w-]*$/.test(token)) {
    throw invalid('An ID Token was provided with a ProviderId, which is for access tokens alone')
  }
  const identity = await (login.providerId === 'www.amazon.com' ? askAmazon : askFacebook)(token, login)
  const { clientIds } = login
  if (clientIds === undefined || [identity.app, identity.audience].some((one) => clientIds.includes(one))) {
    return identity
  }
  throw invalid('Incorrect token audience')
}
