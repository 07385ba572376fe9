import type { Clock } from '../credentials/index.ts'
import { type Code, Failure } from '../errors/index.ts'
import type { Outbound, OutboundAnswer } from '../federation/index.ts'
import { printable } from '../federation/redact.ts'
import type { JsonObject } from '../json/index.ts'
import { ask, invalid, toObject } from './documents.ts'
import type { Presented, Verify } from './types.ts'

type Asking = {
  /** The IDs of the app: a token of another app would make the bearer that app's user here. */
  readonly clientIds: readonly string[]
  readonly outbound: Outbound
}

/**
 * Asks Amazon whose an access token is, and whether it is of this app (Login with Amazon, Access tokens: the token
 * information endpoint). Throws Failure.
 */
export function amazonVerifier(
  options: Asking & { readonly endpoint: string; readonly clock: Pick<Clock, 'now'> },
): Verify {
  const { clientIds, outbound, endpoint, clock } = options
  return async (presented, signal) => {
    checkPlain(presented)
    const info = await lookUp(outbound, `${endpoint}?access_token=`, presented, signal)
    const audience = ownApp(info['aud'], clientIds)
    const { exp } = info
    if (typeof exp !== 'number' || !Number.isFinite(exp)) throw invalid(`${endpoint} does not say when the token ends`)
    if (exp <= 0) throw refused('UserTokenExpired', 'it has expired')
    const subject = idOf(info['user_id'], endpoint)
    return { issuer: 'https://www.amazon.com', subject, audience, expires: clock.now() + exp * 1_000 }
  }
}

/**
 * Asks Facebook the same (Graph API, app and me), which does not say when the token ends: so it is asked at every request,
 * and what is kept ends with the credentials. Throws Failure.
 */
export function facebookVerifier({ clientIds, outbound, endpoint }: Asking & { readonly endpoint: string }): Verify {
  return async (presented, signal) => {
    checkPlain(presented)
    const app = await lookUp(outbound, `${endpoint}/app?fields=id&access_token=`, presented, signal)
    const audience = ownApp(app['id'], clientIds)
    const me = await lookUp(outbound, `${endpoint}/me?fields=id&access_token=`, presented, signal)
    return { issuer: 'https://www.facebook.com', subject: idOf(me['id'], endpoint), audience }
  }
}

const refused = (code: Code, message: string): Failure => new Failure({ code, message })

/** What could be kept out of no access token must not seem to have been looked at. */
function checkPlain({ nonce }: Presented): void {
  if (nonce !== undefined) throw refused('UserRequestInvalid', 'nonce: an access token of this provider holds none')
}

async function lookUp(outbound: Outbound, url: string, { token }: Presented, signal: AbortSignal): Promise<JsonObject> {
  const answer = await ask(outbound, `${url}${encodeURIComponent(token)}`, signal)
  const where = printable(url.slice(0, url.indexOf('?')))
  if (isRefusal(answer)) throw refused('UserTokenRefused', `${where} answers with the status ${answer.status}`)
  return toObject(answer, where)
}

const isRefusal = ({ status }: OutboundAnswer): boolean => status === 400 || status === 401 || status === 403

function ownApp(id: unknown, clientIds: readonly string[]): string {
  if (typeof id === 'string' && clientIds.includes(id)) return id
  throw refused(
    'UserTokenAudience',
    `it is of the app ${typeof id === 'string' ? printable(id, 100) : 'that is not named'}`,
  )
}

function idOf(id: unknown, endpoint: string): string {
  if (typeof id === 'string' && /^[\x21-\x7e]{1,255}$/.test(id)) return id
  throw invalid(`${endpoint} does not say whose the token is`)
}
