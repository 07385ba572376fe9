import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { listenOn } from './listening.ts'

export type ObserveOptions = {
  readonly host: string
  readonly port: number
  /** Whether the API server may send reviews. */
  readonly ready: () => boolean
  readonly metrics: { text(): Promise<{ readonly contentType: string; readonly body: string }> }
  /** The setting that a failure to listen names. */
  readonly setting?: string
}

export type ObserveServer = { readonly port: number; close(): Promise<void> }

type Answer = { readonly status: number; readonly contentType: string; readonly body: string }

/**
 * Serves `/healthz`, `/readyz` and `/metrics` over plain HTTP: nothing secret.
 * @throws Failure PortInUse or ListenFailed.
 */
export async function startObserve(options: ObserveOptions): Promise<ObserveServer> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 30_000, connectionsCheckingInterval: 5_000 },
    (request, response) => void reply(options, request, response),
  )
  server.maxConnections = 100
  const { host, setting = 'webhook.metricsPort' } = options
  const port = await listenOn(server, { host, port: options.port, setting })
  // Out of file descriptors, for example: one scrape is lost, not the process.
  server.on('error', () => {})
  return { port, close: () => close(server) }
}

async function reply(options: ObserveOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, contentType, body } = await answerTo(options, request).catch(() => plain(500, 'failed'))
  if (status === 405) response.setHeader('Allow', 'GET, HEAD')
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function answerTo({ ready, metrics }: ObserveOptions, { method, url }: IncomingMessage): Promise<Answer> {
  const path = url?.split('?', 1)[0]
  if (path !== '/healthz' && path !== '/readyz' && path !== '/metrics') return plain(404, 'not found')
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'method not allowed')
  if (path === '/metrics') return { status: 200, ...(await metrics.text()) }
  if (path === '/healthz' || ready()) return plain(200, 'ok')
  return plain(503, 'not ready')
}

const plain = (status: number, text: string): Answer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${text}\n`,
})

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
