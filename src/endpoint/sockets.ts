import { type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Milliseconds } from '../credentials/types.ts'
import type { Reply } from './protocol/types.ts'

/** 127.0.0.0/8 and ::1, as IPv6 sockets show them too. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === '::1' || /^(?:::ffff:)?127\./.test(address))

/** Whether a peer at that address is the pod itself. */
export type IsLocal = (address: string | undefined) => boolean

type Caps = { readonly localConnections: number; readonly remoteConnections: number }

/**
 * Caps the pod's own connections and everybody else's apart, so that no neighbour can take the places of the pod's own.
 * Where the places run out, idle connections make room for whoever tries again.
 */
export function capConnections(server: Server, caps: Caps, isLocal: IsLocal): void {
  const open = { local: 0, remote: 0 }
  server.on('connection', (socket) => {
    const peer = isLocal(socket.remoteAddress) ? 'local' : 'remote'
    if (open[peer] >= (peer === 'local' ? caps.localConnections : caps.remoteConnections)) {
      socket.destroy()
      server.closeIdleConnections()
      return
    }
    open[peer] += 1
    socket.once('close', () => {
      open[peer] -= 1
    })
  })
}

/** How the connections stand. */
export type Ledger = {
  add(socket: Socket): void
  /** @param last The connection ends with this answer. */
  remove(socket: Socket, last: boolean): void
  /** A request waits for its answer; several, where they are pipelined. */
  isAwaiting(socket: Socket): boolean
  /** It has had its last answer: whatever else it sends gets none. */
  isOver(socket: Socket): boolean
}

export function keepLedger(): Ledger {
  const counts = new WeakMap<Socket, number>()
  const over = new WeakSet<Socket>()
  const change = (socket: Socket, by: number): void => void counts.set(socket, (counts.get(socket) ?? 0) + by)
  return {
    add: (socket) => change(socket, 1),
    remove: (socket, last) => {
      change(socket, -1)
      if (last) over.add(socket)
    },
    isAwaiting: (socket) => (counts.get(socket) ?? 0) > 0,
    isOver: (socket) => over.has(socket),
  }
}

/** Answers a request, the last one of its connection where `closing`. Returns whether it is the last for any reason. */
export function sendReply(response: ServerResponse, reply: Reply, closing: boolean): boolean {
  const last = closing || reply.headers['Connection'] === 'close'
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(last ? { Connection: 'close' } : {}),
    'Content-Length': Buffer.byteLength(reply.body),
  })
  response.end(reply.body)
  return last || !response.shouldKeepAlive
}

/** Answers what never became a request, and ends the connection. */
export function endWith(socket: Socket, reply: Reply, linger: Milliseconds): void {
  const headers = { ...reply.headers, 'Content-Length': Buffer.byteLength(reply.body), Connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status]}\r\n${lines.join('')}\r\n${reply.body}`)
  // Closed at once with bytes unread, TCP would reset, and the peer might never see the answer.
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), linger)
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', () => socket.destroy())
}
