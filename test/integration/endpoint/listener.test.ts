import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { openListener } from '../../../src/endpoint/listener.ts'
import { refuse } from '../../../src/endpoint/protocol/replies.ts'
import { closing } from './harness.ts'

const limits = {
  receive: 5_000,
  check: 1_000,
  keepAlive: 75_000,
  stalled: 10_000,
  linger: 500,
  drain: 2_000,
  localConnections: 16,
  remoteConnections: 0,
  connectionsPerAddress: 0,
}
test.each([
  ['a length', 'Content-Length: 9\r\n\r\nab\r\n\r\nfgh'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
])('whatever answers a request with a body of %s, the connection ends: its rest is no request', async (_what, rest) => {
  const server = await closing(
    openListener({ port: 0, host: '127.0.0.1', setting: 'test', limits, respond: () => refuse('PathUnknown') }),
  )
  const socket = connect(server.port, '127.0.0.1')
  let answer = ''
  socket.on('data', (bytes: Buffer) => {
    answer += bytes.toString('latin1')
  })
  socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n${rest}`)
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[\s\S]*Connection: close\r\n[\s\S]*PathUnknown[\s\S]*\}$/)
})
