import type { Instant, Session } from '../credentials/types.ts'
import type { Failure } from '../errors/index.ts'
import { type Exchange, type Limits, openListener, type RunningServer } from './listener.ts'
import { answer, type Hold } from './protocol/container.ts'
import { notReady } from './protocol/replies.ts'
import type { Reply } from './protocol/types.ts'
import type { EndpointTokens } from './tokens.ts'

/** The label of the metrics. */
export type EndpointProtocol = 'container'

export type EndpointOptions = {
  readonly port: number
  /** 127.0.0.1; every other would take the credentials out of the pod. */
  readonly host?: string
  /** What the port is set by, for the failure's text: `lanyard.dev/credentials-port`. */
  readonly setting?: string
  /** By the container's name; containers with the same role may share one. */
  readonly sessions: ReadonlyMap<string, Session>
  readonly tokens: EndpointTokens
  now(): Instant
  onRequest?(protocol: EndpointProtocol, status: number, seconds: number): void
  onFailure?(failure: Failure): void
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
  const { port, host = '127.0.0.1', setting = 'lanyard.dev/credentials-port', onRequest, onFailure } = options
  return openListener({
    port,
    host,
    setting,
    limits: { ...defaults, ...options.limits },
    respond: respondWith(options),
    onReply: (status, seconds) => onRequest?.('container', status, seconds),
    ...(onFailure === undefined ? {} : { onFailure }),
  })
}

function respondWith({ sessions, tokens, now }: EndpointOptions) {
  return ({ request, port }: Exchange): Reply | Promise<Reply> => {
    const asking: { session: Session | undefined } = { session: undefined }
    const lookup = (token: string) => {
      asking.session = sessions.get(tokens.lookup(token) ?? '')
      return asking.session?.view()
    }
    const ask = (held: boolean): Reply | Hold => answer(request, { port, lookup, held }, now())

    const first = ask(false)
    const { session } = asking
    if (session === undefined || !('hold' in first)) {
      // Every request turns the session's clock, so that a node that slept renews at the first one.
      session?.asked(0).catch(() => undefined)
      return settled(first)
    }
    return session.asked(first.hold).then(() => settled(ask(true)))
  }
}

/** What was held once is not held again. */
const settled = (answered: Reply | Hold): Reply => ('hold' in answered ? notReady(undefined) : answered)
