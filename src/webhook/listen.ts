import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { Log } from '../terminal/log.ts'
import { answerClientErrors, tellHandshakeErrors } from './clientErrors.ts'
import { listenOn } from './listening.ts'
import {
  type CertificatePair,
  type CertificateSource,
  checkCertificate,
  fixedCertificate,
  secureContextOf,
} from './tls.ts'
import type { CertificateMetrics } from './types.ts'

/** Bounds of the connections; times in milliseconds. */
export type ConnectionLimits = {
  readonly maxConnections: number
  readonly handshakeTimeout: number
  /** From the first byte of a request to its last. */
  readonly requestTimeout: number
  readonly headersTimeout: number
  /** Above the 90 s after which the API server closes an idle connection, so that it is never we who do. */
  readonly keepAliveTimeout: number
  /** How often the two timeouts of requests are enforced: most of what an idle webhook does, so not each second. */
  readonly checkInterval: number
}

const usualLimits: ConnectionLimits = {
  maxConnections: 1_000,
  handshakeTimeout: 5_000,
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 120_000,
  checkInterval: 5_000,
}

export type WebhookServerOptions = {
  readonly app: RequestListener
  readonly host: string
  readonly port: number
  readonly tls: CertificatePair | CertificateSource
  readonly log: Log
  readonly now: () => number
  readonly metrics?: CertificateMetrics
  readonly limits?: Partial<ConnectionLimits>
}

/** A server that can be stopped step by step: see `drain.ts`. */
export type StoppableServer = {
  /** From now on every answer, also those under way, tells the client to close its connection. */
  lastAnswers(): void
  /** How many requests have come in so far. */
  received(): number
  /** Stops listening; resolves when the last connection has ended. */
  finish(): Promise<void>
  /** Ends every connection, whatever is under way. */
  abort(): void
}

export type WebhookServer = StoppableServer & { readonly port: number }

/**
 * Serves the application over TLS 1.2 or later, and follows the certificate source.
 * @throws Failure CertificateInvalid, PortInUse, ListenFailed.
 */
export async function startWebhook(options: WebhookServerOptions): Promise<WebhookServer> {
  const limits = { ...usualLimits, ...options.limits }
  const source = 'current' in options.tls ? options.tls : fixedCertificate(options.tls)
  const { expires } = checkCertificate(source.current())
  const answers = trackAnswers(options.app)
  const server = createServer(
    {
      ...secureContextOf(source.current()),
      handshakeTimeout: limits.handshakeTimeout,
      requestTimeout: limits.requestTimeout,
      headersTimeout: limits.headersTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: limits.checkInterval,
    },
    answers.listener,
  )
  server.maxConnections = limits.maxConnections
  answerClientErrors(server)
  tellHandshakeErrors(server, options)
  const unfollow = followCertificate(server, source, options)
  const stop = stoppable(server)
  server.once('close', unfollow)
  const address = { host: options.host, port: options.port, setting: 'webhook.port' }
  const port = await listenOn(server, address).catch((error: unknown) => {
    unfollow()
    throw error
  })
  // Out of file descriptors, for example: one connection is lost, not the process.
  server.on('error', (error: NodeJS.ErrnoException) => options.log.error('connection lost', { reason: error.code }))
  options.metrics?.servingCertificateExpires(expires / 1_000)
  return { port, lastAnswers: answers.makeLast, received: answers.count, ...stop }
}

type Answers = { readonly listener: RequestListener; readonly makeLast: () => void; readonly count: () => number }

/** Remembers the answers under way, since Node only lets each one say that it is the last of its connection. */
function trackAnswers(app: RequestListener): Answers {
  const underWay = new Set<ServerResponse>()
  let last = false
  let count = 0
  const listener = (request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }): void => {
    count += 1
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
    if (last) response.shouldKeepAlive = false
    app(request, response)
  }
  const makeLast = (): void => {
    last = true
    for (const response of underWay) response.shouldKeepAlive = false
  }
  return { listener, makeLast, count: () => count }
}

/** Node's own closeAllConnections forgets those that are still at their handshake. */
function stoppable(server: Server): Pick<StoppableServer, 'finish' | 'abort'> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    finish: () => new Promise((resolve) => server.close(() => resolve())),
    abort: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** New connections get the new pair; what cannot be served is told, and the old pair stays. */
function followCertificate(server: Server, source: CertificateSource, options: WebhookServerOptions): () => void {
  return source.onChange((pair) => {
    try {
      const { expires } = checkCertificate(pair)
      server.setSecureContext(secureContextOf(pair))
      options.metrics?.servingCertificateExpires(expires / 1_000)
      options.log.info('serving certificate replaced', { expires: new Date(expires).toISOString() })
    } catch (error) {
      options.log.error('new serving certificate refused', { error })
    }
  })
}
