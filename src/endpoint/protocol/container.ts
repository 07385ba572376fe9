import type { CredentialsView, Instant } from '../../credentials/types.ts'
import { routesOf } from './contract.ts'
import { formatCredentials, type Held, isHeld } from './documents.ts'
import { checkCaller, checkFraming, checkRoute } from './guard.ts'
import { type Hold, waitOrRefuse } from './hold.ts'
import { refuse, succeed } from './replies.ts'
import type { EndpointRequest, Reply } from './types.ts'

const routes = routesOf('container')

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

  if (isHeld(view, now)) return credentialsReply(view)
  return waitOrRefuse('container', view, context.held)
}

const made = new WeakMap<Held['credentials'], { readonly expires: Instant; readonly reply: Reply }>()

/** Made once for credentials: clients ask a thousand times for the same. */
function credentialsReply(held: Held): Reply {
  const known = made.get(held.credentials)
  if (known?.expires === held.expires) return known.reply
  const reply = succeed(formatCredentials(held))
  made.set(held.credentials, { expires: held.expires, reply })
  return reply
}
