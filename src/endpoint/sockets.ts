import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Milliseconds } from '../credentials/types.ts'
import type { Message } from './protocol/types.ts'

/** 127.0.0.0/8 and ::1, as IPv6 sockets show them too. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === '::1' || /^(?:::ffff:)?127\./.test(address))

/** Whether a peer at that address is the pod itself. */
export type IsLocal = (address: string | undefined) => boolean

/** Answers a request, the last one of its connection where `closing`. */
export function sendReply(response: ServerResponse, reply: Message, closing: boolean): void {
  const last = closing || reply.headers['Connection'] === 'close'
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(last ? { Connection: 'close' } : {}),
    'Content-Length': Buffer.byteLength(reply.body),
  })
  response.end(reply.body)
}

/** Answers what never became a request, and ends the connection. */
export function endWith(socket: Duplex, reply: Message, linger: Milliseconds): void {
  const headers = { ...reply.headers, 'Content-Length': Buffer.byteLength(reply.body), Connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status]}\r\n${lines.join('')}\r\n${reply.body}`)
  // Closed at once with bytes unread, TCP would reset, and the peer might never see the answer.
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), linger)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
}
