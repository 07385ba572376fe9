import { formatInstant, type HeaderValues, type Reply } from '../endpoint/index.ts'
import type { Message } from '../endpoint/protocol/types.ts'
import { type Code, describe, type Failure, fixOf } from '../errors/index.ts'
import { wholeSeconds } from './buckets.ts'
import { type UserReplyRow, userReplies } from './contract.ts'
import { expiryOf } from './exchange.ts'
import type { Outcome } from './types.ts'

const common = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
const LONGEST_MESSAGE = 2_000

/** What is answered to a request that was read. */
export const toReply = (outcome: Outcome): Message =>
  outcome.kind === 'granted' ? granted(outcome) : refuse(outcome.failure, outcome.retryAfter)

function granted({ user, role, credentials }: Extract<Outcome, { kind: 'granted' }>): Message {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const expiration = formatInstant(expiryOf(credentials))
  const body = { user, role, credentials: { accessKeyId, secretAccessKey, sessionToken, expiration } }
  return { status: userReplies.Success.status, headers: common, body: JSON.stringify(body) }
}

/** A failure as an answer: its code, what happened, what to change; nothing that came with the request. */
export function refuse(failure: Failure, retryAfter?: number): Message {
  const { code, problems } = failure
  const row = rowOf(code)
  const again = retryAfter ?? (row.status === 503 ? wholeSeconds(0) : undefined)
  const [first] = problems
  const said = first === undefined ? '' : `${first.message}. ${fixOf({ ...first, ...(row.fix && { fix: row.fix }) })}`
  const { area, cause } = describe(code)
  // Of STS the table speaks to those whose pod it is; what it said itself is in the message.
  const message = (area === 'sts' ? said : `${cause.replace(/\.$/, '')}: ${said}`).slice(0, LONGEST_MESSAGE)
  return {
    status: row.status,
    headers: { ...common, ...row.headers, ...(again !== undefined && { 'Retry-After': String(again) }) },
    body: JSON.stringify({ code, message }),
  }
}

/** What the guard of the sidecar's endpoint refuses, in the words of this one. */
export function refuseAs({ code, headers }: Pick<Reply, 'code' | 'headers'>): Message {
  const known: Code = code === 'Success' ? 'Internal' : code
  const row = rowOf(known)
  const { cause, fix } = describe(known)
  return {
    status: row.status,
    headers: { ...headers, ...common, ...row.headers },
    body: JSON.stringify({ code: known, message: `${cause} ${row.fix ?? fix}` }),
  }
}

/** The status that a code is answered with. */
export function rowOf(code: Code): UserReplyRow {
  if (Object.hasOwn(userReplies, code)) return userReplies[code as keyof typeof userReplies]
  const { area, retry } = describe(code)
  if (area !== 'provider' && area !== 'sts') return userReplies.Internal
  return { status: retry === 'backoff' ? 503 : 502 }
}

export const header = (headers: HeaderValues, name: string): string => headers.get(name)?.[0] ?? ''
