import { type RequestOptions, request as sendHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { Failure } from '../errors/index.ts'
import type { ClusterRequest, Milliseconds, Reply } from './types.ts'

/** After that silence the system probes the connection, and finds within seconds that the other side is gone. */
const probeAfter: Milliseconds = 30_000

/**
 * Sends a request over a connection of its own: none that a load balancer has forgotten, and a token or an authority that
 * was replaced counts at once. Redirects are not followed.
 */
export async function openReply(
  config: KubeConfig,
  userAgent: string,
  request: ClusterRequest,
  signal: AbortSignal,
): Promise<Reply> {
  const { agent, auth, headers, ...tls } = await authenticate(config)
  const { authorization = '' } = lowerCase(headers)
  const secrets = [...(request.secrets ?? []), authorization, auth ?? ''].filter((secret) => secret !== '')
  signal.throwIfAborted()
  const options: RequestOptions = {
    ...tls,
    ...(auth ? { auth } : {}),
    // The library's agent is for proxies alone: it keeps the first authority that it was given.
    agent: config.getCurrentCluster()?.proxyUrl ? (agent ?? false) : false,
    method: request.patch === undefined ? 'GET' : 'PATCH',
    minVersion: 'TLSv1.2',
    signal,
    headers: {
      ...lowerCase(headers),
      accept: 'application/json',
      'user-agent': userAgent,
      ...(request.patch === undefined ? {} : patchHeaders(request.patch)),
    },
  }
  return await exchange(urlOf(config, request.path), options, { patch: request.patch, secrets })
}

/** What proves who we are, by the library: it reads the pod's token anew once a minute, and runs kubectl's plugins. */
async function authenticate(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (thrown) {
    // A plugin's message is whatever it wrote, so only the system's word is taken.
    const reason = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : ''
    const message = `the token, certificate or plugin that proves who Lanyard is cannot be used${reason}`
    throw new Failure({ code: 'ClusterConfigurationMissing', message })
  }
  // Where nothing is said, NODE_TLS_REJECT_UNAUTHORIZED would decide.
  return { ...options, rejectUnauthorized: options.rejectUnauthorized ?? true }
}

/** Trimmed: a token file that somebody wrote by hand ends in a newline, which no header may hold. */
const lowerCase = (headers: RequestOptions['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]))

const patchHeaders = (patch: string) => ({
  'content-type': 'application/json-patch+json',
  'content-length': Buffer.byteLength(patch),
})

/** The server's address may have a path of its own, before the API's. */
function urlOf(config: KubeConfig, path: string): URL {
  const { origin, pathname } = new URL(config.getCurrentCluster()?.server ?? '')
  return new URL(`${origin}${pathname.replace(/\/+$/, '')}${path}`)
}

type Sent = { readonly patch: string | undefined; readonly secrets: readonly string[] }

function exchange(url: URL, options: RequestOptions, { patch, secrets }: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = sendHttps(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response, secrets })
    })
    sent.on('socket', (socket) => socket.setKeepAlive(true, probeAfter))
    // It stays for the time after the head: an aborted request tells both its own listeners and the body's reader.
    sent.on('error', reject)
    sent.end(patch)
  })
}
