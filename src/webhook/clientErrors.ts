import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import { describe } from '../errors/index.ts'
import type { Log } from '../terminal/log.ts'

const statusLines: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}
const quietFor = 60_000
const mostKinds = 32

/** Answers what never became a request (broken HTTP, too slow, too long) in the shape of our other refusals. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const { cause, fix } = describe('ReviewMalformed')
    const body = JSON.stringify({ code: 'ReviewMalformed', message: cause, fix })
    const head = [
      `HTTP/1.1 ${statusLines[error.code ?? ''] ?? '400 Bad Request'}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  })
}

/**
 * Tells of failed handshakes, one line a minute per kind: they are how a caBundle that does not fit shows, and port
 * scanners cause them as well.
 */
export function tellHandshakeErrors(server: Server, { log, now }: { log: Log; now: () => number }): void {
  const told = new Map<string, number>()
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    socket.destroy()
    const kind = error.code ?? 'unknown'
    const at = now()
    if (at - (told.get(kind) ?? Number.NEGATIVE_INFINITY) < quietFor) return
    if (told.size >= mostKinds) told.clear()
    told.set(kind, at)
    // Health checks of load balancers connect and leave; whoever does not trust our certificate says so.
    log[kind === 'ECONNRESET' ? 'debug' : 'warn']('tls handshake failed', { reason: kind })
  })
}
