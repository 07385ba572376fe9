import { type Code, describe } from '../../errors/index.ts'
import type { Reply, ReplyCode } from './types.ts'

export type ReplyRow = { readonly status: number; readonly headers?: Readonly<Record<string, string>> }

// What breaks the framing, or comes from where no client is, leaves nothing worth keeping the connection for.
const close = { Connection: 'close' }

/**
 * Every answer that the endpoint gives, once. 401 has no WWW-Authenticate: the token is sent without a scheme, so there
 * is none to name. 503 is the only one that a client should try again soon.
 */
export const replies = {
  Success: { status: 200 },
  EndpointTokenMissing: { status: 401 },
  EndpointTokenWrong: { status: 401 },
  HostRefused: { status: 403, headers: close },
  OriginRefused: { status: 403, headers: close },
  ForwardedRefused: { status: 403, headers: close },
  PathUnknown: { status: 404 },
  MethodRefused: { status: 405, headers: { Allow: 'GET' } },
  RequestMalformed: { status: 400, headers: close },
  CredentialsNotReady: { status: 503, headers: { 'Retry-After': '1' } },
  Internal: { status: 500, headers: close },
} as const satisfies Record<ReplyCode, ReplyRow>

/**
 * On every answer. The content type has no charset: Go and Kotlin compare it literally, and would take the error for
 * plain text.
 */
const common = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }

const LONGEST_MESSAGE = 2_000

/** A 200 with this JSON body, or with another content type. */
export function succeed(body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { code: 'Success', status: replies.Success.status, headers: { ...common, ...headers }, body }
}

type RefusalDetail = {
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly more?: object
}

/**
 * An error in the form that all SDKs read: JavaScript's takes `Code` and `Message`, Java's `code` and `message`.
 * The message says nothing that the caller sent.
 */
export function refuse(code: Exclude<ReplyCode, 'Success'>, detail: RefusalDetail = {}): Reply {
  const row: ReplyRow = replies[code]
  const { cause, fix } = describe(code)
  const message = (detail.message ?? `${cause} ${fix}`).slice(0, LONGEST_MESSAGE)
  const body = JSON.stringify({ code, message, Code: code, Message: message, ...detail.more })
  return { code, status: row.status, headers: { ...common, ...row.headers, ...detail.headers }, body }
}

type Noted = { readonly code: Code; readonly message: string }

/** No credentials: the text ends with the last failure, so that an SDK's own error already names the cause. */
export function notReady(lastFailure: Noted | undefined, more: object = {}): Reply {
  const { cause } = describe('CredentialsNotReady')
  const why = lastFailure === undefined ? 'The first attempt has not ended yet.' : formatNote(lastFailure)
  return refuse('CredentialsNotReady', { message: `${cause} ${why}`, more })
}

/** `Code: message`, once, whether or not the message already begins with its code. */
function formatNote(note: Noted): string {
  return note.message.startsWith(`${note.code}: `) ? note.message : `${note.code}: ${note.message}`
}
