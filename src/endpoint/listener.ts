import { createServer, type Server, type Socket } from 'node:net'
import type { Milliseconds } from '../credentials/types.ts'
import { Failure } from '../errors/index.ts'
import type { Connection } from './connection.ts'
import { admitWithin, type Caps, type Connections } from './connections.ts'
import { AskedExchange, type Exchange, type Listener } from './exchange.ts'
import type { Patience } from './patience.ts'
import { refuse } from './protocol/replies.ts'
import type { EndpointRequest, Message } from './protocol/types.ts'
import { formatMessage, httpDates, type IsLocal, isLoopback, messageFormat } from './sockets.ts'
import { takeTurns } from './turns.ts'

export type RunningServer = {
  /** The port it really listens on. */
  readonly port: number
  /** Accepts no more, answers what is in flight, then resolves. */
  close(): Promise<void>
}

export type Limits = Patience &
  Caps & {
    /** How often patience is looked at, and so how much later a slow request may end. */
    readonly check: Milliseconds
    /** How long `close` waits for what is in flight. */
    readonly drain: Milliseconds
    /** Of the longest body of a request, in bytes; where there is none, no request may have one. */
    readonly mostBody?: number
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
  const { limits, isLocal = isLoopback } = options
  const state: State = { port: options.port, closing: false }
  const watch = watchTime(() => connections, limits)
  const served = { ...handling(options, state), ...limits, patience: limits, onData: watch.go }
  const connections = admitWithin(limits, isLocal, served)
  // Whoever sent its last request still has an answer to come.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    options.onActivity?.()
    if (connections.admit(socket) !== undefined) watch.go()
  })
  state.port = await listen(server, options)
  server.on('error', (error) => options.onFailure?.(listenFailure(error, options)))
  return { port: state.port, close: () => drain(server, { state, connections, within: limits.drain }) }
}

/** As many as Linux lets wait: a handshake that finds no room is repeated a second later. */
const BACKLOG = 4_096

type State = { port: number; closing: boolean }
const now = (): Milliseconds => performance.now()
type Handling = {
  readonly now: () => Milliseconds
  onRequest(connection: Connection, request: EndpointRequest): void
  onMalformed(connection: Connection): void
}

/** Newcomers are answered at once, others when it is their turn. */
function handling(options: ListenerOptions, state: State): Handling {
  const { isLocal = isLoopback, refuse: refused = refuse, limits } = options
  const inTurn = takeTurns()
  const date = httpDates(Date.now)
  const listener: Listener = { ...options, isLocal, refuse: refused, limits, state, date, format: messageFormat() }
  return {
    now,
    onRequest: (connection, request) => {
      options.onActivity?.()
      const asked = new AskedExchange(connection, request, listener)
      if (connection.isNew) {
        asked.answer()
        return
      }
      connection.queued = true
      inTurn(() => {
        connection.queued = false
        asked.answer()
      })
    },
    onMalformed: (connection) => {
      const reply = refused('RequestMalformed')
      connection.end(formatMessage(reply, { date: date() }))
      options.onReply?.(reply.status, 0)
    },
  }
}

type Watch = { readonly go: () => void }

/** Looks at all connections from time to time while something goes on; where all of them rest, now and then. */
function watchTime(connections: () => Connections, { check, keepAlive }: Limits): Watch {
  let timer: NodeJS.Timeout | undefined
  let isBusy = false
  const look = (): void => {
    const time = now()
    const all = [...connections().all()]
    for (const connection of all) connection.checkTime(time)
    isBusy = !all.every(isIdle)
    timer = all.length === 0 ? undefined : setTimeout(look, isBusy ? check : keepAlive / 3).unref()
  }
  return {
    go: () => {
      if (isBusy) return
      isBusy = true
      clearTimeout(timer)
      timer = setTimeout(look, check).unref()
    },
  }
}

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

type Draining = { readonly state: State; readonly connections: Connections; readonly within: Milliseconds }

async function drain(server: Server, { state, connections, within }: Draining): Promise<void> {
  state.closing = true
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const connection of connections.all()) if (isIdle(connection)) connection.end('')
  const timer = setTimeout(() => {
    for (const connection of connections.all()) connection.destroy()
  }, within)
  await closed
  clearTimeout(timer)
}

const isIdle = ({ stage }: Connection): boolean => stage === 'served' || stage === 'refused'
