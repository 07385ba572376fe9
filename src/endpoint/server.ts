import type { Session } from '../credentials/types.ts'
import type { Failure } from '../errors/index.ts'
import type { Answering } from './answering.ts'
import type { Exchange } from './exchange.ts'
import { type Limits, openListener, type RunningServer } from './listener.ts'
import type { Hold } from './protocol/hold.ts'
import { notReady } from './protocol/replies.ts'
import type { Reply } from './protocol/types.ts'

export type EndpointOptions = {
  readonly port: number
  /** 127.0.0.1; every other would take the credentials out of the pod. */
  readonly host?: string
  /** What the port is set by, for the failure's text: `lanyard.dev/credentials-port`. */
  readonly setting?: string
  /** How the app asks. */
  readonly answering: Answering
  onRequest?(protocol: Answering['protocol'], status: number, seconds: number): void
  onFailure?(failure: Failure): void
  /** Told of every connection and every request. */
  onActivity?(): void
  readonly limits?: Partial<Limits>
}

const defaults: Limits = {
  receive: 5_000,
  check: 2_500,
  keepAlive: 75_000,
  stalled: 10_000,
  linger: 500,
  drain: 2_000,
  localConnections: 256,
  remoteConnections: 0,
  connectionsPerAddress: 0,
}

/** Serves credentials to the pod's own containers, from memory. Throws Failure PortInUse or ListenFailed. */
export function startEndpoint(options: EndpointOptions): Promise<RunningServer> {
  const { port, host = '127.0.0.1', setting = 'lanyard.dev/credentials-port', onRequest } = options
  const { onFailure, onActivity } = options
  const { protocol } = options.answering
  return openListener({
    port,
    host,
    setting,
    limits: { ...defaults, ...options.limits },
    respond: (exchange) => respond(exchange, options.answering),
    onReply: (status, seconds) => onRequest?.(protocol, status, seconds),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onActivity === undefined ? {} : { onActivity }),
  })
}

function respond(exchange: Exchange, { ask }: Answering): Reply | Promise<Reply> {
  const asking: { session: Session | undefined } = { session: undefined }
  const viewOf = (session: Session) => {
    asking.session = session
    return session.view()
  }
  const again = (held: boolean): Reply | Hold => ask(exchange, { viewOf, held })

  const first = again(false)
  const { session } = asking
  if (session === undefined || !('hold' in first)) {
    // Every request turns the session's clock, so that a node that slept renews at the first one.
    session?.asked(0).catch(() => undefined)
    return settled(first)
  }
  return session.asked(first.hold).then(() => settled(again(true)))
}

/** What was held once is not held again. */
const settled = (answered: Reply | Hold): Reply => ('hold' in answered ? notReady(undefined) : answered)
