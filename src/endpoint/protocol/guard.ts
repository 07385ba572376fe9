import { refuse } from './replies.ts'
import type { EndpointRequest, Reply, Routes } from './types.ts'

/** The parser lets others pass that only claim a version whose framing this is not. */
const versions: ReadonlySet<string> = new Set(['1.0', '1.1'])

/** What says who asks. */
export const SESSION_TOKEN = 'x-aws-ec2-metadata-token'
export const SESSION_TOKEN_TTL = 'x-aws-ec2-metadata-token-ttl-seconds'

/** Must come at most once; Host exactly once, from HTTP/1.0 too. */
const single = ['host', 'authorization', 'content-length', SESSION_TOKEN, SESSION_TOKEN_TTL]
/** Change what follows on the connection, and no client of ours has a use for them. */
const reframing = ['transfer-encoding', 'upgrade', 'expect', 'trailer']

/**
 * Refuses what is not a plain request without a body (RFC 9112): a repeated Host or Authorization, no Host, a body,
 * Upgrade, Expect, and any target that is not in origin-form (`http://…`, `*`, `host:port` are meant for proxies).
 */
export function checkFraming({ headers, target, version }: EndpointRequest): Reply | undefined {
  const fault =
    !versions.has(version) ||
    !headers.has('host') ||
    single.some((name) => (headers.get(name)?.length ?? 0) > 1) ||
    reframing.some((name) => headers.has(name)) ||
    (headers.get('content-length')?.[0] ?? '0') !== '0' ||
    !target.startsWith('/')
  return fault ? refuse('RequestMalformed') : undefined
}

const forwarding = /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|x-original-forwarded-for)$/

/**
 * Refuses callers that are not a program of the pod. Host is the literal address, alone (AWS's CRT sends no port) or
 * with our port; never a name, so a rebound DNS name gets nothing. `Origin` marks a web page, the others a proxy.
 */
export function checkCaller({ headers }: EndpointRequest, port: number): Reply | undefined {
  const host = headers.get('host')?.[0]
  if (host !== '127.0.0.1' && host !== `127.0.0.1:${port}`) return refuse('HostRefused')
  if (headers.has('origin')) return refuse('OriginRefused')
  for (const name of headers.keys()) if (forwarding.test(name)) return refuse('ForwardedRefused')
  return undefined
}

/**
 * The path must be a route's to the letter: a query, `//`, `.` segments and percent-encoding make it another path, hence
 * 404. The spellings that clients need are routes of their own.
 */
export function checkRoute(request: EndpointRequest, routes: Routes): Reply | undefined {
  const methods = routes.get(request.target)?.methods
  if (methods === undefined) return refuse('PathUnknown')
  if (methods.includes(request.method)) return undefined
  return refuse('MethodRefused', { headers: { Allow: methods.join(', ') } })
}
