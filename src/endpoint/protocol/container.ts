import type { CredentialsView, Instant, Milliseconds, SessionCredentials } from '../../credentials/types.ts'
import { checkCaller, checkFraming, checkRoute } from './guard.ts'
import { notReady, refuse, succeed } from './replies.ts'
import type { EndpointRequest, Reply, Routes } from './types.ts'

export const CREDENTIALS_PATH = '/v1/credentials'

const routes: Routes = new Map([[CREDENTIALS_PATH, ['GET']]])

/** Clients give up after 1 s; a renewal that ends by then spares them a 503 and the second that they sleep on it. */
const LONGEST_HOLD: Milliseconds = 700

export type Hold = { readonly hold: Milliseconds }

export type ContainerContext = {
  readonly port: number
  /** What the session of the container whose token this is holds; nothing for a token that is nobody's. */
  lookup(token: string): CredentialsView | undefined
  /** Whether this request was held before: it is held once. */
  readonly held: boolean
}

/**
 * The container credentials protocol (AWS SDKs and Tools Reference Guide, Container credential provider). The guard
 * comes before the token, so a request that no client of ours would send learns nothing about tokens. `{ hold }` asks
 * to wait for the credentials that long, and then to ask again with `held`. Never throws.
 */
export function answer(request: EndpointRequest, context: ContainerContext, now: Instant): Reply | Hold {
  const refusal = checkFraming(request) ?? checkCaller(request, context.port) ?? checkRoute(request, routes)
  if (refusal !== undefined) return refusal

  const token = request.headers.get('authorization')?.[0] ?? ''
  if (token === '') return refuse('EndpointTokenMissing')
  const view = context.lookup(token)
  if (view === undefined) return refuse('EndpointTokenWrong')

  if (view.kind === 'held' && wholeSecond(view.expires) > now)
    return succeed(formatBody(view.credentials, view.expires))
  if (!context.held) return { hold: LONGEST_HOLD }
  return notReady(view.kind === 'none' ? view.lastFailure : undefined)
}

function formatBody(credentials: SessionCredentials, expires: Instant): string {
  return JSON.stringify({
    Code: 'Success',
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: formatExpiration(expires),
    AccountId: credentials.accountId,
    RoleArn: credentials.roleArn,
  })
}

const wholeSecond = (instant: Instant): Instant => Math.floor(instant / 1_000) * 1_000

/** The last instant that four digits of a year can say. */
const LAST_INSTANT: Instant = 253_402_300_799_000

/**
 * `YYYY-MM-DDTHH:MM:SSZ`. Without a fraction, for Swift's SDK takes a date with one for none, and then keeps the
 * credentials for ever; rounded down, so that it never promises more than there is.
 */
export function formatExpiration(expires: Instant): string {
  return `${new Date(Math.min(expires, LAST_INSTANT)).toISOString().slice(0, 19)}Z`
}
