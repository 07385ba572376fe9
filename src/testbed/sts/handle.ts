import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { findAction } from './actions.ts'
import type { Dialect } from './dialects.ts'
import { StsFailure } from './failure.ts'
import type { Fault, FaultPlan } from './faults.ts'
import { failureOf } from './faults.ts'
import { readRequest } from './readRequest.ts'
import type { Reply } from './replies.ts'
import { fail, htmlPage, send, succeed } from './replies.ts'
import type { RequestFacts } from './requestFacts.ts'
import { readFacts } from './requestFacts.ts'
import type { RequestLog } from './requestLog.ts'
import type { Account, SessionStore, StsRequest } from './types.ts'

/** What the server's parts share. */
type HandlerOptions = {
  account: Account
  sessions: SessionStore
  now: () => number
  faults: FaultPlan
  log: RequestLog
  createId: () => string
}

/** A request that has been read, or could not be, and the fault that hits it. */
type Arrival = {
  requestId: string
  read: StsRequest | StsFailure
  action: string
  role: string | undefined
  facts: RequestFacts
  fault: Fault | undefined
}

/** What becomes of it: an answer or, by a fault, none; and what is to be remembered. */
type Outcome = {
  reply: Reply | undefined
  code: string
  role: string | undefined
  accessKeyId?: string | undefined
  /** What only the verified token or assertion says. */
  facts?: RequestFacts | undefined
}

/** Whatever else stands in RoleArn, a token by mistake perhaps, is not for the log. */
function loggableRole(request: StsRequest): string | undefined {
  const arn = request.parameters.get('RoleArn')
  return arn !== undefined && /^arn:[\w-]{1,20}:iam::(?:\d{12})?:role\/[\w+=,.@/-]{1,600}$/.test(arn) ? arn : undefined
}

function toFailure(error: unknown): StsFailure {
  if (error instanceof StsFailure) return error
  const message = 'The request processing has failed because of an unknown error, exception or failure.'
  return new StsFailure('InternalFailure', message, { status: 500, type: 'Receiver' })
}

/** Where a server has but one word for everything that is wrong with a token. */
function inDialect(failure: StsFailure, { refusals }: Dialect): StsFailure {
  const isAboutToken = /^(InvalidIdentityToken|ExpiredToken(Exception)?|IDPRejectedClaim)$/.test(failure.code)
  return refusals === 'denied' && isAboutToken ? new StsFailure('AccessDenied', '', { status: 403 }) : failure
}

function skewOf(fault: Fault | undefined): number {
  return fault?.kind === 'skew' ? fault.ms : 0
}

async function receive(message: IncomingMessage, { account, createId, faults }: HandlerOptions): Promise<Arrival> {
  const read = await readRequest(message, account.dialect).catch(toFailure)
  const requestId = createId()
  if (read instanceof StsFailure) {
    return { requestId, read, action: '', role: undefined, facts: {}, fault: faults.take('') }
  }
  const action = read.parameters.get('Action')?.slice(0, 128) ?? ''
  const facts = readFacts(read.parameters)
  return { requestId, read, action, role: loggableRole(read), facts, fault: faults.take(action) }
}

/** @throws whatever made it fail. */
async function perform(arrival: Arrival, { account, sessions, now }: HandlerOptions): Promise<Outcome> {
  const { read, action, fault, requestId } = arrival
  if (read instanceof StsFailure) throw read
  const failure = failureOf(fault)
  if (failure !== undefined) throw failure
  const { content, role, accessKeyId, facts } = await findAction(read.parameters, account.dialect)(read, {
    account,
    sessions,
    now: now() + skewOf(fault),
    sessionLimit: fault?.kind === 'shortSession' ? fault.seconds : Number.POSITIVE_INFINITY,
  })
  return { reply: succeed(action, content, requestId, fault), code: 'Success', role, accessKeyId, facts }
}

async function decide(arrival: Arrival, options: HandlerOptions): Promise<Outcome> {
  const { fault, requestId, role } = arrival
  if (fault?.kind === 'hang' || fault?.kind === 'reset') return { reply: undefined, code: fault.kind, role }
  if (fault?.kind === 'html') return { reply: htmlPage(fault.status), code: fault.kind, role }
  return perform(arrival, options).catch((error: unknown) => {
    const failure = toFailure(error)
    const told = inDialect(failure, options.account.dialect)
    return { reply: fail(told, requestId, options.account.dialect), code: told.code, role }
  })
}

/** A client that is still sending could not read the answer otherwise, and must not use the connection again. */
function closeAfterwards(message: IncomingMessage, response: ServerResponse): void {
  if (message.complete) return
  response.setHeader('Connection', 'close')
  message.resume()
}

/** The way of one request: read, perhaps a fault, the action, the answer, a line in the log. */
export function createHandler(options: HandlerOptions): RequestListener {
  const { now, log } = options

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival = await receive(message, options)
    const { fault, requestId, action } = arrival
    const { reply, code, role, accessKeyId, facts } = await decide(arrival, options)
    const about = { ...arrival.facts, ...facts }
    log.add({ time: now(), action, code, status: reply?.status ?? 0, role, accessKeyId, requestId, facts: about })
    if (fault?.kind === 'reset') message.socket.destroy()
    if (reply === undefined) return
    closeAfterwards(message, response)
    const slow = fault?.kind === 'slowBody' ? { slowBody: fault.ms } : {}
    send(response, reply, { requestId, now: now() + skewOf(fault), ...slow })
  }

  return (message, response) => {
    void handle(message, response)
  }
}
