import type { Instant, Milliseconds, Session } from '../credentials/types.ts'
import type { Failure } from '../errors/index.ts'
import type { Exchange } from './exchange.ts'
import type { StartGate } from './gate.ts'
import { type Limits, openListener, type RunningServer } from './listener.ts'
import { checkFraming, checkRoute } from './protocol/guard.ts'
import { notReady, refuse, succeed } from './protocol/replies.ts'
import type { Reply, Routes } from './protocol/types.ts'
import { type Scrape, scrapeAtMostOnceASecond } from './scrapes.ts'
import type { IsLocal } from './sockets.ts'

export type HealthOptions = {
  readonly port: number
  /** All of the pod's addresses by default. */
  readonly host?: string
  /** What the port is set by, for the failure's text: `lanyard.dev/metrics-port`. */
  readonly setting?: string
  readonly sessions: readonly Session[]
  readonly gate: Pick<StartGate, 'passed' | 'opened'>
  readonly metrics: Scrape
  now(): Instant
  onFailure?(failure: Failure): void
  /** Told of every connection and every request. */
  onActivity?(): void
  /** Calls back after that time, unless cancelled; a timer by default. */
  after?(time: Milliseconds, callback: () => void): () => void
  readonly limits?: Partial<Limits>
  /** Who counts as the pod itself: whoever comes over loopback. */
  readonly isLocal?: IsLocal
}

const defaults: Limits = {
  receive: 5_000,
  check: 2_500,
  keepAlive: 75_000,
  stalled: 65_000,
  linger: 500,
  drain: 2_000,
  localConnections: 64,
  remoteConnections: 64,
  connectionsPerAddress: 16,
}

const routes: Routes = new Map(
  ['/healthz', '/readyz', '/startupz', '/metrics'].map((path) => [path, { methods: ['GET'] }]),
)

/**
 * Health and metrics, for anyone who reaches the pod: nothing here is secret, and what costs, the text of the metrics,
 * is made once a second at most. Throws Failure PortInUse or ListenFailed.
 */
export async function startHealth(options: HealthOptions): Promise<RunningServer> {
  const { port, host, setting = 'lanyard.dev/metrics-port', isLocal, onFailure, onActivity } = options
  const waiting = waitingRoom(options.after ?? afterTimer)
  void options.gate.opened.then(waiting.wake)
  const answering = { ...options, metrics: scrapeAtMostOnceASecond(options.metrics, options.now) }
  const server = await openListener({
    port,
    setting,
    limits: { ...defaults, ...options.limits },
    respond: (exchange) => respond(exchange, answering, waiting),
    ...(host === undefined ? {} : { host }),
    ...(isLocal === undefined ? {} : { isLocal }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onActivity === undefined ? {} : { onActivity }),
  })
  return {
    port: server.port,
    close: () => {
      const closed = server.close()
      waiting.wake()
      return closed
    },
  }
}

function respond(exchange: Exchange, options: HealthOptions, waiting: WaitingRoom): Reply | Promise<Reply> {
  const [path = '', query = ''] = split(exchange.request.target)
  const refusal = checkFraming(exchange.request) ?? checkRoute({ ...exchange.request, target: path }, routes)
  if (refusal !== undefined) return refusal
  if (path === '/metrics') return options.metrics().then(({ contentType, body }) => plain(body, contentType))
  if (path === '/readyz') return options.sessions.every(isHeld) ? plain('ok\n') : unready(options.sessions)
  if (path === '/startupz') return startup(exchange, query, options, waiting)
  return plain('ok\n')
}

/** The query is left to the route, since scrapers may be told to send one. */
function split(target: string): readonly string[] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target] : [target.slice(0, mark), target.slice(mark + 1)]
}

function startup(
  exchange: Exchange,
  query: string,
  options: HealthOptions,
  waiting: WaitingRoom,
): Reply | Promise<Reply> {
  const seconds = query === '' ? 0 : readWait(query)
  if (seconds === undefined) return refuse('RequestMalformed', { message: 'The only query is wait=SECONDS, 0 to 60.' })
  const now = (): Reply => (options.gate.passed() ? plain('ok\n') : unready(options.sessions))
  // Only the pod's own wait program may keep a connection waiting: it is what the pod's start hangs on.
  if (options.gate.passed() || !exchange.loopback || seconds === 0) return now()
  return waiting.enter(seconds * 1_000, (end) => exchange.onEnd(end)).then(now)
}

function readWait(query: string): number | undefined {
  const seconds = Number(/^wait=(\d{1,2}(?:\.\d{1,3})?)$/.exec(query)?.[1])
  return seconds <= 60 ? seconds : undefined
}

const plain = (body: string, contentType = 'text/plain; charset=utf-8'): Reply =>
  succeed(body, { 'Content-Type': contentType })

const isHeld = (session: Session): boolean => session.view().kind === 'held'

/** Each session with what it lacks: the code and the message of its last failed attempt. */
function unready(sessions: readonly Session[]): Reply {
  const views = sessions.map((session) => ({ name: session.name, view: session.view() }))
  const lines = views.map(({ name, view }) => {
    if (view.kind === 'held') return { name, code: 'Success', message: '' }
    return { name, code: view.lastFailure?.code ?? 'CredentialsNotReady', message: view.lastFailure?.message ?? '' }
  })
  const failures = views.map(({ view }) => (view.kind === 'none' ? view.lastFailure : undefined))
  return notReady(
    failures.find((note) => note !== undefined),
    { sessions: lines },
  )
}

type WaitingRoom = {
  /** Resolves at the wake-up, after that time, or when the exchange ends, whichever is first. */
  enter(time: Milliseconds, onEnd: Exchange['onEnd']): Promise<void>
  wake(): void
}

/** No more of them, so that waiting cannot take all the connections; whoever comes then is answered at once. */
const SEATS = 16

/** One subscription for all who wait, so that pollers who come and go leave nothing behind on the gate's promise. */
function waitingRoom(after: NonNullable<HealthOptions['after']>): WaitingRoom {
  const inside = new Set<() => void>()
  const enter = (time: Milliseconds, onEnd: Exchange['onEnd']): Promise<void> =>
    new Promise((resolve) => {
      if (inside.size >= SEATS) return resolve()
      const leave = (): void => {
        cancel()
        inside.delete(leave)
        resolve()
      }
      const cancel = after(time, leave)
      inside.add(leave)
      onEnd(leave)
    })
  return { enter, wake: () => inside.forEach((leave) => void leave()) }
}

function afterTimer(time: Milliseconds, callback: () => void): () => void {
  const timer = setTimeout(callback, time)
  return () => clearTimeout(timer)
}
