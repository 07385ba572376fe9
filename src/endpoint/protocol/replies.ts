import { type Code, describe } from '../../errors/index.ts'
import { type ReplyRow, replies } from './contract.ts'
import type { Reply, ReplyCode } from './types.ts'

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
