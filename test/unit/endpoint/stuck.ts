import { Socket } from 'node:net'
import { Connection, type ConnectionOptions } from '../../../src/endpoint/connection.ts'
import type { EndpointRequest } from '../../../src/endpoint/protocol/types.ts'

export const HEAD = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
export const patience = { receive: 5_000, keepAlive: 75_000, stalled: 10_000, linger: 500 }

/** A socket that is connected to nothing: the test says what it reads; its peer takes nothing unless it is told to. */
export class Stuck extends Socket {
  readonly written: string[] = []
  takes = false
  override _write(chunk: string, encoding: BufferEncoding, done: () => void): void {
    if (chunk !== '') this.written.push(Buffer.from(chunk, encoding).toString('latin1'))
    if (this.takes) done()
  }
  override _final(done: () => void): void {
    done()
  }
  read_(text: string): void {
    this.emit('data', Buffer.from(text, 'latin1'))
  }
}

/** A connection over such a socket, and what came of it. */
export function connected(change: Partial<ConnectionOptions> = {}) {
  const socket = new Stuck()
  socket.takes = true
  const clock = { now: 0 }
  const requests: EndpointRequest[] = []
  let malformed = 0
  const connection = new Connection(socket, {
    now: () => clock.now,
    patience,
    onRequest: (_, request) => void requests.push(request),
    onMalformed: (one) => {
      malformed += 1
      one.end('malformed')
    },
    ...change,
  })
  return {
    socket,
    connection,
    clock,
    requests,
    malformed: () => malformed,
    read: (text: string) => socket.read_(text),
    answer: (last = false) => connection.answer('the answer', 'served', last),
  }
}
