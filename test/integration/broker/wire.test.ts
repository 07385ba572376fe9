import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Broker, MOST_BODY, startUserEndpoint, type Told, type UserRequest } from '../../../src/broker/index.ts'
import type { RunningServer } from '../../../src/endpoint/index.ts'
import { bodyOf, message, open, raw, readAll, statusOf } from '../endpoint/harness.ts'
import { codeOf, post, send } from './world.ts'

/** What a broker answers whom the test knows already. */
const credentials = {
  accessKeyId: 'ASIA1',
  secretAccessKey: 's',
  sessionToken: 't',
  expires: Date.UTC(2030, 0, 1),
  issued: 0,
  skew: 0,
  roleArn: 'arn:aws:iam::111122223333:role/files',
  assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/files/u-1',
  accountId: '111122223333',
}
const TOKEN = 'A'.repeat(43)
const BODY = JSON.stringify({ provider: 'login', role: 'files', token: 'eyJ.x.y', nonce: 'n' })

const asked: UserRequest[] = []
const told: Told[] = []
const broker: Pick<Broker, 'answer'> = {
  answer: async (request) => {
    asked.push(request)
    return { kind: 'granted', provider: 'login', role: 'files', user: 'u-1', credentials, fresh: true }
  },
}

let server: RunningServer
beforeAll(async () => {
  server = await startUserEndpoint({
    port: 0,
    broker,
    tokens: { lookup: (token) => (token === TOKEN ? 'app' : undefined) },
    onOutcome: (outcome) => void told.push(outcome),
    // A body that never comes ends the request in this time, and not in seconds.
    limits: { receive: 200, check: 50 },
  })
})
afterAll(() => server.close())
beforeEach(() => {
  asked.length = 0
  told.length = 0
})

const head = (...more: readonly string[]): readonly string[] => [
  'POST /v1/user-credentials HTTP/1.1',
  `Host: 127.0.0.1:${server.port}`,
  ...more,
]
const ours = ['Content-Type: application/json', `Authorization: ${TOKEN}`]
const whole = (body = BODY): string => message(...head(...ours, `Content-Length: ${Buffer.byteLength(body)}`)) + body
const closing = (body = BODY): string =>
  message(...head(...ours, 'Connection: close', `Content-Length: ${Buffer.byteLength(body)}`)) + body

describe('a request', () => {
  test('is answered, and told with its container', async () => {
    const answer = await post(server.port, BODY, { authorization: TOKEN })
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(asked).toEqual([JSON.parse(BODY)])
    expect(told).toMatchObject([{ kind: 'granted', container: 'app', user: 'u-1' }])
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'may be of the type %s',
    async (type) => {
      expect((await post(server.port, BODY, { authorization: TOKEN, 'content-type': type })).status).toBe(200)
    },
  )

  test('of the greatest size passes, however it is cut into pieces', async () => {
    const token = 'x'.repeat(20_000)
    const body = JSON.stringify({ provider: 'login', role: 'files', token, nonce: 'n'.repeat(512) })
    const bytes = closing(body)
    for (const size of [1_000, 7_919, bytes.length]) {
      const socket = await open(server.port)
      const all = readAll(socket)
      for (let at = 0; at < bytes.length; at += size) {
        await new Promise<void>((resolve, reject) => {
          socket.write(bytes.slice(at, at + size), (error) => (error ? reject(error) : resolve()))
        })
      }
      expect(statusOf(await all)).toBe(200)
    }
    expect(asked).toHaveLength(3)
    expect(asked.every((request) => request.token === token)).toBe(true)
  })

  test('leaves its connection for the next one', async () => {
    const socket = await open(server.port)
    const all = readAll(socket)
    socket.write(whole() + whole() + closing())
    const text = await all
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
    expect(asked).toHaveLength(3)
  })
})

describe('refuses', () => {
  type Refused = [string, () => string, number, string]
  const length = `Content-Length: ${BODY.length}`
  test.each<Refused>([
    ['no token', () => message(...head('Content-Type: application/json', length)) + BODY, 401, 'EndpointTokenMissing'],
    [
      'a wrong token',
      () => message(...head('Content-Type: application/json', 'Authorization: x', length)) + BODY,
      401,
      'EndpointTokenWrong',
    ],
    [
      'a token with Bearer',
      () => message(...head('Content-Type: application/json', `Authorization: Bearer ${TOKEN}`, length)) + BODY,
      401,
      'EndpointTokenWrong',
    ],
    ['two tokens', () => message(...head(...ours, `Authorization: ${TOKEN}`, length)) + BODY, 400, 'RequestMalformed'],
    ['a web page', () => message(...head(...ours, 'Origin: http://127.0.0.1', length)) + BODY, 403, 'OriginRefused'],
    ['a proxy', () => message(...head(...ours, 'X-Forwarded-For: 10.0.0.1', length)) + BODY, 403, 'ForwardedRefused'],
    [
      'a chunked body',
      () => `${message(...head(...ours, 'Transfer-Encoding: chunked'))}0\r\n\r\n`,
      400,
      'RequestMalformed',
    ],
    ['a body of no length', () => message(...head(...ours)), 400, 'RequestMalformed'],
    ['a length twice', () => message(...head(...ours, length, length)) + BODY, 400, 'RequestMalformed'],
    ['a length in words', () => message(...head(...ours, 'Content-Length: many')), 400, 'RequestMalformed'],
    ['a length below nothing', () => message(...head(...ours, 'Content-Length: -1')), 400, 'RequestMalformed'],
    ['a larger body', () => message(...head(...ours, `Content-Length: ${MOST_BODY + 1}`)), 413, 'UserRequestTooLarge'],
    [
      'the largest of bodies',
      () => message(...head(...ours, 'Content-Length: 999999999999999')),
      413,
      'UserRequestTooLarge',
    ],
    [
      'another type',
      () => message(...head('Content-Type: text/plain', `Authorization: ${TOKEN}`, length)) + BODY,
      415,
      'UserContentTypeWrong',
    ],
    ['no type', () => message(...head(`Authorization: ${TOKEN}`, length)) + BODY, 415, 'UserContentTypeWrong'],
    [
      'two types',
      () => message(...head(...ours, 'Content-Type: text/plain', length)) + BODY,
      415,
      'UserContentTypeWrong',
    ],
    [
      'another charset',
      () =>
        message(...head('Content-Type: application/json; charset=utf-16', `Authorization: ${TOKEN}`, length)) + BODY,
      415,
      'UserContentTypeWrong',
    ],
    [
      'a body to be asked for',
      () => message(...head(...ours, 'Expect: 100-continue', length)),
      400,
      'RequestMalformed',
    ],
    ['an upgrade', () => message(...head(...ours, 'Upgrade: h2c', length)) + BODY, 400, 'RequestMalformed'],
    ['what is no HTTP', () => 'PING\r\n\r\n', 400, 'RequestMalformed'],
    ['no JSON', () => closing('provider=login'), 400, 'UserRequestInvalid'],
    ['nothing', () => closing(''), 400, 'UserRequestInvalid'],
    [
      'an unknown field',
      () => closing(JSON.stringify({ ...JSON.parse(BODY), policy: '{}' })),
      400,
      'UserRequestInvalid',
    ],
  ])('%s', async (_, bytes, status, code) => {
    const text = await raw(server.port, bytes().replace('HTTP/1.1\r\n', 'HTTP/1.1\r\nConnection: close\r\n'))
    expect(statusOf(text)).toBe(status)
    expect(JSON.parse(bodyOf(text))).toEqual({ code, message: expect.any(String) })
    expect(text).toMatch(/cache-control: no-store/i)
    expect(text).not.toContain('AWS_CONTAINER')
    expect(asked).toEqual([])
  })

  test.each<[string, string]>([
    ['a name that was bound to this address', 'evil.example.com'],
    ['localhost', 'localhost'],
    ['another port', '127.0.0.1:1'],
  ])('%s as Host', async (_, host) => {
    const answer = await post(server.port, BODY, { authorization: TOKEN, host })
    expect([answer.status, codeOf(answer)]).toEqual([403, 'HostRefused'])
  })

  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('the method %s', async (method) => {
    const answer = await send({
      port: server.port,
      path: '/v1/user-credentials',
      method,
      headers: { authorization: TOKEN },
    })
    expect([answer.status, answer.headers['allow'], codeOf(answer)]).toEqual([405, 'POST', 'MethodRefused'])
  })

  test.each([
    '/',
    '/v1/credentials',
    '/v1/user-credentials/',
    '/v1/user-credentials?x=1',
    '//v1/user-credentials',
    '/v1/user%2Dcredentials',
  ])('the path %s', async (path) => {
    const answer = await send({ port: server.port, path, method: 'POST', headers: { authorization: TOKEN } })
    expect([answer.status, codeOf(answer)]).toEqual([404, 'PathUnknown'])
  })

  test('a body that ends too early, without an answer to anybody', async () => {
    const socket = await open(server.port)
    const all = readAll(socket)
    socket.end(message(...head(...ours, `Content-Length: ${BODY.length + 1}`)) + BODY)
    await all
    expect(asked).toEqual([])
  })

  test('a body that never comes, in time', async () => {
    const socket = await open(server.port)
    const all = readAll(socket)
    socket.write(message(...head(...ours, 'Content-Length: 100')))
    expect(await all).not.toContain('200')
    expect(asked).toEqual([])
  })

  test('what comes behind a body as a request of its own: nothing is smuggled', async () => {
    const socket = await open(server.port)
    const all = readAll(socket)
    socket.write(`${whole()}GET /admin HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    const text = await all
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404'])
    expect(asked).toHaveLength(1)
  })
})

test('slow bodies on every connection keep nobody out: they are missed least', async () => {
  const slow = await startUserEndpoint({
    port: 0,
    broker,
    tokens: { lookup: () => 'app' },
    limits: { localConnections: 4 },
  })
  try {
    const host = `Host: 127.0.0.1:${slow.port}`
    const sockets = await Promise.all(Array.from({ length: 8 }, () => open(slow.port)))
    for (const socket of sockets)
      socket.write(message('POST /v1/user-credentials HTTP/1.1', host, ...ours, 'Content-Length: 100'))
    expect((await post(slow.port, BODY, { authorization: TOKEN })).status).toBe(200)
    for (const socket of sockets) socket.destroy()
  } finally {
    await slow.close()
  }
})
