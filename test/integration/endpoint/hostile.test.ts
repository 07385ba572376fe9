import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type RunningServer, startEndpoint } from '../../../src/endpoint/index.ts'
import { held, TOKEN } from '../../unit/endpoint/builders.ts'
import { answeringApp, bodyOf, closing, fakeSession, message, open, raw, readAll, statusOf } from './harness.ts'

const session = fakeSession(held())
const onRequest = vi.fn()
const options = { port: 0, answering: answeringApp(session), onRequest }

let server: RunningServer
beforeAll(async () => {
  server = await startEndpoint(options)
})
afterAll(() => server.close())

const line = 'GET /v1/credentials HTTP/1.1'
const host = 'Host: 127.0.0.1'
const authorization = `Authorization: ${TOKEN}`

/** The refusal must be our JSON, must be the only answer, must end the connection, and must hold no credentials. */
function expectRefusal(text: string, status: number, code: string): void {
  expect(statusOf(text)).toBe(status)
  expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
  expect(text).toMatch(/\r\nContent-Type: application\/json\r\n/)
  expect(text).toMatch(/\r\nCache-Control: no-store\r\n/)
  expect(text).toMatch(/\r\nConnection: close\r\n/)
  expect(JSON.parse(bodyOf(text))).toMatchObject({ code, Code: code })
  expect(text).not.toContain('ASIAEXAMPLE')
}

const smuggled = message(line, host, authorization)

describe('malformed', () => {
  test.each([
    [
      'CL + TE',
      `${message('POST /v1/credentials HTTP/1.1', host, authorization, 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
    ],
    [
      'TE + CL',
      `${message(line, host, authorization, 'Transfer-Encoding: chunked', 'Content-Length: 4')}0\r\n\r\n${smuggled}`,
    ],
    ['TE alone', `${message(line, host, authorization, 'Transfer-Encoding: chunked')}0\r\n\r\n`],
    [
      'TE hidden by a space',
      `${message(line, host, authorization, 'Transfer-Encoding : chunked')}0\r\n\r\n${smuggled}`,
    ],
    ['TE that is not chunked', message(line, host, authorization, 'Transfer-Encoding: xchunked')],
    ['two lengths', `${message(line, host, authorization, 'Content-Length: 0', 'Content-Length: 99')}${smuggled}`],
    ['a body', `${message(line, host, authorization, 'Content-Length: 5')}hello`],
    [
      'a body that holds a request',
      `${message(line, host, authorization, `Content-Length: ${smuggled.length}`)}${smuggled}`,
    ],
    ['two Hosts', message(line, host, 'Host: evil.example', authorization)],
    ['two equal Hosts', message(line, host, host, authorization)],
    ['two Authorizations', message(line, host, authorization, 'Authorization: x')],
    ['no Host', message(line, authorization)],
    ['HTTP/1.0 without Host', message('GET /v1/credentials HTTP/1.0', authorization)],
    ['HTTP/0.9', 'GET /v1/credentials\r\n\r\n'],
    ['HTTP/2.0 by name', message('GET /v1/credentials HTTP/2.0', host, authorization)],
    ['absolute-form', message('GET http://127.0.0.1/v1/credentials HTTP/1.1', host, authorization)],
    ['asterisk-form', message('OPTIONS * HTTP/1.1', host, authorization)],
    ['CONNECT', message('CONNECT 127.0.0.1:9797 HTTP/1.1', host, authorization)],
    ['Upgrade to a WebSocket', message(line, host, authorization, 'Connection: Upgrade', 'Upgrade: websocket')],
    [
      'Upgrade to h2c',
      message(
        line,
        host,
        authorization,
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABk',
      ),
    ],
    ['Expect: 100-continue', message(line, host, authorization, 'Expect: 100-continue')],
    ['another Expect', message(line, host, authorization, 'Expect: the-unexpected')],
    ['a header of 16 kB', message(line, host, authorization, `X: ${'x'.repeat(16_384)}`)],
    ['a target of 16 kB', message(`GET /${'x'.repeat(16_384)} HTTP/1.1`, host, authorization)],
    [
      '2,005 tiny headers, then a second Host',
      message(line, host, authorization, ...Array<string>(2_005).fill('a:'), 'Host: x'),
    ],
    ['a folded header', message(line, host, authorization, 'X: a', ' b: c')],
    ['a bare line feed', `${line}\n${host}\n${authorization}\n\n`],
    ['a NUL in a header', message(line, host, authorization, 'X: a\0b')],
    ['a header without a name', message(line, host, authorization, ': x')],
    ['a lower-case method', message('get /v1/credentials HTTP/1.1', host, authorization)],
    ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['the bytes of TLS', Buffer.from('160301020001000 1fc0303'.replace(' ', ''), 'hex')],
    ['nothing of sense', '\x01\x02\x03\r\n\r\n'],
  ])('%s', async (_name, bytes) => {
    expectRefusal(await raw(server.port, bytes), 400, 'RequestMalformed')
  })

  test('a TLS client fails, and the endpoint does not', async () => {
    const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'error')
    expect(statusOf(await raw(server.port, message(line, host, authorization, 'Connection: close')))).toBe(200)
  })
})

describe('refused', () => {
  test.each([
    ['a rebound name', ['Host: evil.example'], 403, 'HostRefused'],
    ['localhost', ['Host: localhost'], 403, 'HostRefused'],
    ['another port', ['Host: 127.0.0.1:1'], 403, 'HostRefused'],
    ['a web page', [host, 'Origin: null'], 403, 'OriginRefused'],
    ['a proxy', [host, 'X-Forwarded-For: 10.0.0.1'], 403, 'ForwardedRefused'],
    ['a proxy that says so', [host, 'Via: 1.1 proxy'], 403, 'ForwardedRefused'],
  ])('%s', async (_name, headers, status, code) => {
    expectRefusal(await raw(server.port, message(line, ...headers, authorization)), status, code)
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'HEAD', 'PURGE', 'STEAL'])(
    '%s gets 405 and Allow',
    async (method) => {
      const text = await raw(
        server.port,
        message(`${method} /v1/credentials HTTP/1.1`, host, authorization, 'Connection: close'),
      )
      expect(statusOf(text)).toBe(405)
      expect(text).toMatch(/\r\nAllow: GET\r\n/)
      expect(text).not.toContain('ASIAEXAMPLE')
    },
  )

  test.each(['//v1/credentials', '/v1/credentials/', '/v1/credentials?x', '/v1/%2e/credentials', '/'])(
    '%s gets 404',
    async (path) => {
      const text = await raw(server.port, message(`GET ${path} HTTP/1.1`, host, authorization, 'Connection: close'))
      expectRefusal(text, 404, 'PathUnknown')
    },
  )

  test('HTTP/1.0 with everything right is served, and closed', async () => {
    expect(statusOf(await raw(server.port, message('GET /v1/credentials HTTP/1.0', host, authorization)))).toBe(200)
  })
})

describe('pipelined', () => {
  test('requests are answered in order', async () => {
    const text = await raw(
      server.port,
      smuggled + message('GET /x HTTP/1.1', host) + message(line, host, authorization, 'Connection: close'),
    )
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '404', '200'])
  })

  test('nothing is read behind a refusal that closes', async () => {
    const text = await raw(server.port, message(line, 'Host: evil.example', authorization) + smuggled)
    expectRefusal(text, 403, 'HostRefused')
  })

  test('garbage behind the last answer gets none', async () => {
    const text = await raw(server.port, `${message(line, host, authorization, 'Connection: close')}GARBAGE\r\n\r\n`)
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200'])
  })

  test('garbage behind an answer gets its own refusal', async () => {
    const text = await raw(server.port, `${smuggled}GARBAGE\r\n\r\n`)
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '400'])
  })
})

describe('slow', () => {
  const start = () =>
    closing(startEndpoint({ ...options, limits: { receive: 30, check: 10, keepAlive: 30, linger: 100 } }))

  test.each([
    ['a header that never ends', `${line}\r\n${host}\r\nX: `],
    ['a request line that never ends', 'GET /v1'],
  ])('%s is cut', async (_name, bytes) => {
    expectRefusal(await raw((await start()).port, bytes), 400, 'RequestMalformed')
  })

  test('a connection without a byte is cut', async () => {
    const socket = await open((await start()).port)
    expect(statusOf(await readAll(socket))).toBe(400)
  })

  test('a refused peer that keeps sending is cut', async () => {
    const socket = await open((await start()).port)
    socket.write('GARBAGE\r\n\r\n')
    const stop = setInterval(() => socket.write('x'), 5)
    expect(statusOf(await readAll(socket))).toBe(400)
    clearInterval(stop)
  })
})

test('malformed requests are counted, resets are not', async () => {
  onRequest.mockClear()
  await raw(server.port, 'GARBAGE\r\n\r\n')
  const socket = await open(server.port)
  socket.write('GET /v1')
  socket.resetAndDestroy()
  await raw(server.port, message(line, host, authorization, 'Connection: close'))
  expect(onRequest.mock.calls.map(([, status]) => status)).toEqual([400, 200])
})
