import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Milliseconds } from '../credentials/types.ts'
import { Failure, toFailure } from '../errors/index.ts'
import { readBody } from './body.ts'
import { admitWithin } from './connections.ts'
import { GuardedSocket } from './guardedSocket.ts'
import { groupHeaders } from './protocol/guard.ts'
import { refuse } from './protocol/replies.ts'
import type { EndpointRequest, Message } from './protocol/types.ts'
import { endWith, type IsLocal, isLoopback, sendReply } from './sockets.ts'
import { type InTurn, takeTurns } from './turns.ts'

export type RunningServer = {
  /** The port it really listens on. */
  readonly port: number
  /** Accepts no more, answers what is in flight, then resolves. */
  close(): Promise<void>
}

export type Limits = {
  /** For the headers, and for the whole request, from its first byte. */
  readonly receive: Milliseconds
  /** How often that is looked at, and so how much later a slow request may end. */
  readonly check: Milliseconds
  /** Above the 60 s for which AWS's SDKs keep an idle connection, so that they close it and not we. */
  readonly keepAlive: Milliseconds
  /** Without a byte in either direction while a request is in hand. */
  readonly stalled: Milliseconds
  /** How long a refused peer may take to read why. */
  readonly linger: Milliseconds
  /** How long `close` waits for what is in flight. */
  readonly drain: Milliseconds
  readonly localConnections: number
  readonly remoteConnections: number
  /** Of the remote ones. */
  readonly connectionsPerAddress: number
  /** Of the longest body of a request, in bytes; where there is none, no request may have one. */
  readonly mostBody?: number
}

/** One request, as the responders see it. */
export type Exchange = {
  readonly request: EndpointRequest
  readonly port: number
  readonly loopback: boolean
  /** Called once, when the peer is gone or has its answer. */
  onEnd(callback: () => void): void
  /**
   * The body, of exactly so many bytes: what Content-Length says, judged by whoever asks. Nothing where the peer is gone
   * before its end.
   */
  readBody(bytes: number): Promise<Buffer | undefined>
}

export type ListenerOptions = {
  readonly port: number
  /** All addresses where there is none. */
  readonly host?: string
  /** The setting that the port comes from, for the failure's text. */
  readonly setting: string
  readonly limits: Limits
  /** Loopback by default. */
  readonly isLocal?: IsLocal
  respond(exchange: Exchange): Message | Promise<Message>
  /** How it is said that what came is no request, or that answering it failed. */
  readonly refuse?: (code: 'RequestMalformed' | 'Internal') => Message
  onReply?(status: number, seconds: number): void
  /** Somebody came, or asked. */
  onActivity?(): void
  onFailure?(failure: Failure): void
}

/** A hardened HTTP server. Throws Failure PortInUse or ListenFailed. */
export async function openListener(options: ListenerOptions): Promise<RunningServer> {
  const { limits } = options
  const server = createServer({
    maxHeaderSize: 8_192,
    insecureHTTPParser: false,
    requireHostHeader: false, // The guard does: its answer is JSON.
    headersTimeout: limits.receive,
    requestTimeout: limits.receive,
    connectionsCheckingInterval: limits.check,
    keepAliveTimeout: limits.keepAlive,
    noDelay: true,
  })
  server.timeout = limits.stalled
  const state = { port: options.port, closing: false }
  guardConnections(server, options)
  handleRequests(server, options, state)
  state.port = await listen(server, options)
  server.on('error', (error) => options.onFailure?.(listenFailure(error, options)))
  return { port: state.port, close: () => drain(server, state, limits) }
}

/** As many as Linux lets wait: a handshake that finds no room is repeated a second later. */
const BACKLOG = 4_096

type State = { port: number; closing: boolean }

/** Puts the guard between every socket and the HTTP server, which takes any Duplex for a connection. */
function guardConnections(server: Server, { limits, isLocal = isLoopback, onActivity }: ListenerOptions): void {
  const [serve] = server.listeners('connection')
  const admit = admitWithin(limits, isLocal)
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    onActivity?.()
    const admitted = admit(socket)
    if (admitted !== undefined) serve?.call(server, admitted)
  })
}

function handleRequests(server: Server, options: ListenerOptions, state: State): void {
  const inTurn = takeTurns()
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    const started = performance.now()
    options.onActivity?.()
    whenDue(incoming, response, inTurn, () => exchange({ incoming, response, started, options, state }))
  }
  const malformed = (socket: Duplex): void => {
    if (!socket.writable) {
      socket.destroy()
      return
    }
    const reply = (options.refuse ?? refuse)('RequestMalformed')
    endWith(socket, reply, options.limits.linger)
    options.onReply?.(reply.status, 0)
  }
  server.on('request', handle)
  // Expect is the guard's to refuse: nobody is asked to go on and send a body.
  server.on('checkContinue', handle)
  server.on('checkExpectation', handle)
  // Without a listener for `upgrade` those are requests like others, and the guard refuses them.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => malformed(socket))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // This text in place of an answer, or behind it, would be taken for an answer to something.
    if (socket instanceof GuardedSocket && socket.inHand) socket.destroySoon()
    else if (error.code === 'ECONNRESET') socket.destroy()
    else malformed(socket)
  })
}

/** Newcomers are answered at once, others when it is their turn. */
function whenDue({ socket }: IncomingMessage, response: ServerResponse, inTurn: InTurn, answer: () => void): void {
  if (!(socket instanceof GuardedSocket)) {
    answer()
    return
  }
  const { isNew } = socket
  socket.inHand = true
  socket.queued = !isNew
  response.once('close', () => socket.release(response.statusCode === 200 ? 'served' : 'refused'))
  const act = (): void => {
    socket.queued = false
    if (!response.destroyed) answer()
  }
  if (isNew) act()
  else inTurn(act)
}

type Handling = {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  /** On the clock of `performance`. */
  readonly started: Milliseconds
  readonly options: ListenerOptions
  readonly state: State
}

function exchange({ incoming, response, started, options, state }: Handling): void {
  const { socket } = incoming
  const finish = (reply: Message): void => {
    if (response.headersSent || response.destroyed) return
    sendReply(response, reply, state.closing || hasBody(incoming))
    options.onReply?.(reply.status, (performance.now() - started) / 1_000)
  }
  const fail = (error: unknown): void => {
    options.onFailure?.(toFailure(error))
    finish((options.refuse ?? refuse)('Internal'))
  }
  try {
    const reply = options.respond({
      request: toRequest(incoming),
      port: state.port,
      loopback: (options.isLocal ?? isLoopback)(socket.remoteAddress),
      onEnd: (callback) => void response.once('close', callback),
      readBody: (bytes) => readBody(incoming, bytes),
    })
    // What needs no waiting is answered here and now, before the next request on the connection is read.
    if (reply instanceof Promise) reply.then(finish).catch(fail)
    else finish(reply)
  } catch (error) {
    fail(error)
  }
}

/** What is left of a body that nobody reads would be taken for the next request. */
const hasBody = ({ headers, complete }: IncomingMessage): boolean =>
  !complete && (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0')

const toRequest = (incoming: IncomingMessage): EndpointRequest => ({
  method: incoming.method ?? '',
  target: incoming.url ?? '',
  version: incoming.httpVersion,
  headers: groupHeaders(incoming.rawHeaders),
})

function listen(server: Server, options: ListenerOptions): Promise<number> {
  const { port, host } = options
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(listenFailure(error, options))
    server.once('error', fail)
    try {
      server.listen({ port, backlog: BACKLOG, ...(host === undefined ? {} : { host }) }, () => {
        server.removeListener('error', fail)
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    } catch (error) {
      fail(error)
    }
  })
}

function listenFailure(error: unknown, { port, host, setting }: ListenerOptions): Failure {
  const where = `port ${port} of ${host ?? 'the pod'}`
  const cause = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected error'
  if (cause === 'EADDRINUSE') return new Failure({ code: 'PortInUse', field: setting, message: `${where} is taken` })
  return new Failure({ code: 'ListenFailed', field: setting, message: `${where}: ${cause}` })
}

async function drain(server: Server, state: State, limits: Limits): Promise<void> {
  state.closing = true
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = setTimeout(() => server.closeAllConnections(), limits.drain)
  await closed
  clearTimeout(timer)
}
