import { type Agent, type RequestOptions, request as sendHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Authentication } from './authenticate.ts'
import { closeIdle } from './keptConnections.ts'
import type { ClusterRequest, Milliseconds, Reply } from './types.ts'

/** After that silence the system probes the connection, and finds within seconds that the other side is gone. */
const probeAfter: Milliseconds = 30_000

export type Way = {
  readonly config: KubeConfig
  readonly userAgent: string
  readonly authentication: Authentication
  /** Keeps the connections of requests that want that. */
  readonly kept: Agent
}

/**
 * Sends a request over a connection of its own, if it does not say otherwise: none that a load balancer has forgotten. A
 * token or an authority that was replaced counts at once, since kept connections are told apart by their authority.
 * Redirects are not followed.
 */
export async function openReply(
  { config, userAgent, authentication, kept }: Way,
  request: ClusterRequest,
  signal: AbortSignal,
): Promise<Reply> {
  const { agent, auth, headers, ...tls } = await authentication.prove(signal)
  const { authorization = '' } = lowerCase(headers)
  const secrets = [...(request.secrets ?? []), authorization, auth ?? ''].filter((secret) => secret !== '')
  signal.throwIfAborted()
  const options: RequestOptions = {
    ...tls,
    ...(auth ? { auth } : {}),
    // The library's agent is for proxies alone: it keeps the first authority that it was given.
    agent: config.getCurrentCluster()?.proxyUrl ? (agent ?? false) : request.keepConnection === true && kept,
    method: methodOf(request),
    minVersion: 'TLSv1.2',
    signal,
    headers: {
      ...lowerCase(headers),
      accept: acceptOf(request),
      'user-agent': userAgent,
      ...bodyHeaders(request),
    },
  }
  return await exchange(urlOf(config, request.path), options, { body: request.patch ?? request.object, secrets, kept })
}

/** Trimmed: a token file that somebody wrote by hand ends in a newline, which no header may hold. */
const lowerCase = (headers: RequestOptions['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]))

function acceptOf({ verb, metadataOnly, anyText }: ClusterRequest): string {
  if (anyText === true) return '*/*'
  return metadataOnly === true
    ? `application/json;as=PartialObjectMetadata${verb === 'list' ? 'List' : ''};g=meta.k8s.io;v=v1`
    : 'application/json'
}

const methodOf = ({ patch, object }: ClusterRequest): string =>
  patch !== undefined ? 'PATCH' : object !== undefined ? 'POST' : 'GET'

function bodyHeaders({ patch, object }: ClusterRequest): Record<string, string | number> {
  const body = patch ?? object
  if (body === undefined) return {}
  const type = patch === undefined ? 'application/json' : 'application/json-patch+json'
  return { 'content-type': type, 'content-length': Buffer.byteLength(body) }
}

/** The server's address may have a path of its own, before the API's. */
function urlOf(config: KubeConfig, path: string): URL {
  const { origin, pathname } = new URL(config.getCurrentCluster()?.server ?? '')
  return new URL(`${origin}${pathname.replace(/\/+$/, '')}${path}`)
}

type Sent = { readonly body: string | undefined; readonly secrets: readonly string[]; readonly kept: Agent }

function exchange(url: URL, options: RequestOptions, what: Sent): Promise<Reply> {
  const { body, secrets, kept } = what
  return new Promise((resolve, reject) => {
    let answered = false
    const sent = sendHttps(url, options, (response) => {
      answered = true
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response, secrets })
    })
    sent.on('socket', (socket) => socket.setKeepAlive(true, probeAfter))
    // It stays for the time after the head: an aborted request tells both its own listeners and the body's reader.
    sent.on('error', (error) => {
      const wasKept = options.agent === kept
      // What broke one has most likely broken the others that wait beside it.
      if (wasKept) closeIdle(kept)
      const again = wasKept && sent.reusedSocket && !answered && options.signal?.aborted === false
      if (again) resolve(exchange(url, options, what))
      else reject(error)
    })
    sent.end(body)
  })
}
