import { STATUS_CODES } from 'node:http'
import type { Milliseconds } from '../credentials/types.ts'
import type { Message } from './protocol/types.ts'

/** 127.0.0.0/8 and ::1, as IPv6 sockets show them too. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === '::1' || /^(?:::ffff:)?127\./.test(address))

/** Whether a peer at that address is the pod itself. */
export type IsLocal = (address: string | undefined) => boolean

export type Wire = {
  /** HTTP's own date (RFC 9110, section 5.6.7). */
  readonly date: string
  /** How long the connection is kept for another request; nothing for its last answer. */
  readonly keepAlive?: Milliseconds | undefined
  /** Whether HEAD asks, which an answer's body must not follow. */
  readonly headOnly?: boolean
}

/** An answer as it goes over the wire. Throws where a header would break its line. */
export function formatMessage({ status, headers, body }: Message, { date, keepAlive, headOnly }: Wire): string {
  const kept = keepAlive === undefined ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAlive / 1_000)}`
  const own = { Date: date, Connection: kept, 'Content-Length': Buffer.byteLength(body) }
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
  for (const [name, value] of Object.entries(headers)) {
    if (!headerLine.test(`${name}: ${value}`)) throw new Error(`${name} holds what no header can`)
    if (!Object.hasOwn(own, name)) head += `${name}: ${value}\r\n`
  }
  for (const [name, value] of Object.entries(own)) head += `${name}: ${value}\r\n`
  return `${head}\r\n${headOnly ? '' : body}`
}

const headerLine = /^[\w-]+: [\t -~]*$/

/** The same, and the last one is kept: clients ask a thousand times for the same. */
export function messageFormat(): typeof formatMessage {
  let last: { readonly message: Message; readonly wire: Wire; readonly text: string } | undefined
  return (message, wire) => {
    const { date, keepAlive, headOnly } = wire
    const known = last?.message === message && last.wire.date === date && last.wire.keepAlive === keepAlive
    if (last !== undefined && known && last.wire.headOnly === headOnly) return last.text
    last = { message, wire, text: formatMessage(message, wire) }
    return last.text
  }
}

/** The date as HTTP has it, made once a second. */
export function httpDates(now: () => number): () => string {
  let second = Number.NaN
  let text = ''
  return () => {
    const current = Math.floor(now() / 1_000)
    if (current !== second) {
      second = current
      text = new Date(current * 1_000).toUTCString()
    }
    return text
  }
}
