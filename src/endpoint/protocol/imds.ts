import type { CredentialsView, Instant } from '../../credentials/types.ts'
import { type ResourceName, type ResourceRoute, resources } from './contract.ts'
import { formatIdentity, formatImdsCredentials, isHeld, zoneOf } from './documents.ts'
import { checkCaller, checkFraming, checkRoute, SESSION_TOKEN, SESSION_TOKEN_TTL } from './guard.ts'
import { type Hold, waitOrRefuse } from './hold.ts'
import { refuse, succeed } from './replies.ts'
import type { EndpointRequest, Reply } from './types.ts'

/** Session tokens without a memory, so that no number of them costs any. */
export type SessionTokens = {
  mint(expires: Instant): string
  verify(token: string, now: Instant): boolean
}

/** What the pod's "instance" is. */
export type Instance = {
  /** The name of the role that `view` is about, without its path. */
  readonly role: string
  readonly accountId: string
  readonly region: string
}

export type ImdsContext = {
  readonly port: number
  /** By `routesOf('imds', instance.role)`. */
  readonly routes: ReadonlyMap<string, ResourceRoute>
  readonly tokens: SessionTokens
  readonly instance: Instance
  view(): CredentialsView
  /** Whether this request was held before: it is held once. */
  readonly held: boolean
}

/** Amazon EC2 User Guide, Use the Instance Metadata Service: six hours. */
const LONGEST_TTL = 21_600

/**
 * IMDSv2 (Amazon EC2 User Guide, Use the Instance Metadata Service to access instance metadata), and nothing of version
 * 1. The PUT for a session token is always answered, for 403, 404 or 405 would send JavaScript, Go and botocore back to
 * version 1 for the life of the process. Without a valid token every other request is 401, whatever it asks for.
 * Never throws.
 */
export function answerImds(request: EndpointRequest, context: ImdsContext, now: Instant): Reply | Hold {
  const refusal = checkFraming(request) ?? checkCaller(request, context.port)
  if (refusal !== undefined) return refusal
  const name = context.routes.get(request.target)?.name
  if (name === 'imdsToken') return checkRoute(request, context.routes) ?? mint(request, context, now)

  const token = request.headers.get(SESSION_TOKEN)?.[0] ?? ''
  if (token === '') return refuse('ImdsTokenMissing')
  if (!context.tokens.verify(token, now)) return refuse('ImdsTokenWrong')
  return checkRoute(request, context.routes) ?? read(name, context, now)
}

function mint({ headers }: EndpointRequest, { tokens }: ImdsContext, now: Instant): Reply {
  const text = headers.get(SESSION_TOKEN_TTL)?.[0] ?? ''
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (seconds < 1 || seconds > LONGEST_TTL) return refuse('ImdsTtlInvalid')
  // Go, Rust and Swift want it back.
  return say('imdsToken', tokens.mint(now + seconds * 1_000), { [SESSION_TOKEN_TTL]: String(seconds) })
}

function read(name: ResourceName | undefined, { instance, view, held }: ImdsContext, now: Instant): Reply | Hold {
  const { role, region, accountId } = instance
  switch (name) {
    case 'imdsRole':
      return say(name, role)
    case 'imdsRegion':
      return say(name, region)
    case 'imdsZone':
      return say(name, zoneOf(region))
    case 'imdsIdentity':
      return say(name, formatIdentity(accountId, region))
    case 'imdsCredentials': {
      const seen = view()
      return isHeld(seen, now) ? say(name, formatImdsCredentials(seen)) : waitOrRefuse('imds', seen, held)
    }
    default:
      return refuse('PathUnknown')
  }
}

const say = (name: ResourceName, body: string, headers: Readonly<Record<string, string>> = {}): Reply =>
  succeed(body, { 'Content-Type': resources[name].contentType, ...headers })
