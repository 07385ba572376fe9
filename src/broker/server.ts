import type { Exchange } from '../endpoint/exchange.ts'
import type { EndpointTokens, Limits, RunningServer } from '../endpoint/index.ts'
import { openListener } from '../endpoint/listener.ts'
import { checkCaller, checkFraming, checkRoute } from '../endpoint/protocol/guard.ts'
import type { EndpointRequest, HeaderValues, Message, Routes } from '../endpoint/protocol/types.ts'
import { Failure, toFailure } from '../errors/index.ts'
import type { Broker } from './broker.ts'
import { MOST_BODY, USER_PATH } from './contract.ts'
import { header, refuse, refuseAs, toReply } from './replies.ts'
import { parseUserRequest } from './request.ts'
import type { Outcome, UserRequest } from './types.ts'

export type UserEndpointOptions = {
  readonly port: number
  /** 127.0.0.1; every other would take the credentials out of the pod. */
  readonly host?: string
  /** What the port is set by, for the failure's text. */
  readonly setting?: string
  readonly broker: Pick<Broker, 'answer'>
  readonly tokens: EndpointTokens
  /** Told of every answer; `none` stands for names where none was read. */
  onOutcome?(outcome: Told): void
  onFailure?(failure: Failure): void
  onActivity?(): void
  readonly limits?: Partial<Limits>
}

/** What became of a request, and which container's it was where that is known. */
export type Told = Outcome & { readonly container?: string }

const defaults: Limits = {
  receive: 5_000,
  check: 2_500,
  keepAlive: 75_000,
  // Above what the keys of a provider and STS may take together.
  stalled: 45_000,
  linger: 500,
  drain: 2_000,
  localConnections: 256,
  remoteConnections: 0,
  connectionsPerAddress: 0,
  mostBody: MOST_BODY,
}

const routes: Routes = new Map([[USER_PATH, { methods: ['POST'] }]])

/** Serves credentials of users to the pod's own containers. Throws Failure PortInUse or ListenFailed. */
export function startUserEndpoint(options: UserEndpointOptions): Promise<RunningServer> {
  const { port, host = '127.0.0.1', setting = 'LANYARD_BROKER_PORT', onFailure, onActivity } = options
  return openListener({
    port,
    host,
    setting,
    limits: { ...defaults, ...options.limits },
    respond: (exchange) => respond(exchange, options),
    refuse: (code) => refuseAs({ code, headers: {} }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onActivity === undefined ? {} : { onActivity }),
  })
}

/** From the head alone first: whoever is not of the pod makes nothing be read. */
function respond(exchange: Exchange, options: UserEndpointOptions): Message | Promise<Message> {
  const { request, port } = exchange
  const tell = (failure: Failure, container?: string): void =>
    options.onOutcome?.({ kind: 'refused', provider: 'none', role: 'none', failure, ...(container && { container }) })

  const guarded = checkFraming(withoutLength(request)) ?? checkCaller(request, port) ?? checkRoute(request, routes)
  if (guarded !== undefined) {
    const { code } = guarded
    if (code !== 'Success') tell(new Failure({ code, message: 'it was not looked at any further' }))
    return refuseAs(guarded)
  }
  const container = options.tokens.lookup(header(request.headers, 'authorization'))
  const refusal = checkHead(request.headers, container)
  if (refusal !== undefined) {
    tell(refusal, container)
    return refuse(refusal)
  }
  const bytes = Number(header(request.headers, 'content-length'))
  return exchange.readBody(bytes).then((body) => answerBody(body, { ...options, tell, container: container ?? '' }))
}

type Answering = UserEndpointOptions & {
  readonly container: string
  tell(failure: Failure, container: string): void
}

async function answerBody(
  body: Buffer | undefined,
  { broker, tell, container, onOutcome }: Answering,
): Promise<Message> {
  const asked = body === undefined ? cut() : read(body)
  if (asked instanceof Failure) {
    tell(asked, container)
    return refuse(asked)
  }
  const outcome = await broker.answer(asked)
  onOutcome?.({ ...outcome, container })
  return toReply(outcome)
}

function read(body: Buffer): UserRequest | Failure {
  try {
    return parseUserRequest(body)
  } catch (thrown) {
    return toFailure(thrown)
  }
}

const cut = (): Failure => new Failure({ code: 'RequestMalformed', message: 'the connection ended within the body' })

/** A length is no fault here; `checkHead` judges it. But a repeated one stays, for the guard to refuse. */
function withoutLength(request: EndpointRequest): EndpointRequest {
  const headers = new Map(request.headers)
  if (headers.get('content-length')?.length === 1) headers.delete('content-length')
  return { ...request, headers }
}

function checkHead(headers: HeaderValues, container: string | undefined): Failure | undefined {
  if (header(headers, 'authorization') === '')
    return new Failure({ code: 'EndpointTokenMissing', message: 'Authorization is missing' })
  if (container === undefined)
    return new Failure({ code: 'EndpointTokenWrong', message: "it is none of this pod's tokens for user credentials" })
  const length = header(headers, 'content-length')
  if (!/^\d{1,15}$/.test(length))
    return new Failure({ code: 'RequestMalformed', message: 'there is no Content-Length' })
  if (Number(length) > MOST_BODY)
    return new Failure({ code: 'UserRequestTooLarge', message: `the body has more than ${MOST_BODY} bytes` })
  const types = headers.get('content-type') ?? []
  if (types.length !== 1 || !/^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i.test(types[0] ?? ''))
    return new Failure({ code: 'UserContentTypeWrong', message: 'Content-Type is another' })
  return undefined
}
