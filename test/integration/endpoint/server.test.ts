import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { type EndpointOptions, startEndpoint } from '../../../src/endpoint/index.ts'
import { failure, held, none, TOKEN } from '../../unit/endpoint/builders.ts'
import {
  answeringApp,
  closing,
  type FakeSession,
  fakeSession,
  message,
  open,
  raw,
  readAll,
  statusOf,
} from './harness.ts'

const lookup = (token: string) => (token === TOKEN ? 'app' : token === 'stray' ? 'gone' : undefined)

type Change = Partial<EndpointOptions> & { session?: FakeSession }

async function start({ session = fakeSession(held()), ...change }: Change = {}) {
  const onRequest = vi.fn()
  const onFailure = vi.fn()
  const options = { port: 0, answering: answeringApp(session, lookup), onRequest, onFailure }
  const server = await closing(startEndpoint({ ...options, ...change }))
  return { ...server, session, onRequest, onFailure }
}

type Answer = { status: number; headers: IncomingHttpHeaders; body: string }

function get(port: number, headers: Record<string, string> = {}, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/v1/credentials', agent: agent ?? (false as const) }
    const sent = httpRequest({ ...options, headers: { Authorization: TOKEN, ...headers } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject).end()
  })
}

describe('serving', () => {
  test('rule 1: http on 127.0.0.1 only', async () => {
    const { port } = await start()
    expect((await get(port)).status).toBe(200)
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    for (const { address, internal, family } of others) {
      if (internal || family !== 'IPv4') continue
      const socket = connect(port, address)
      const [error] = await once(socket, 'error')
      expect(error.code).toBe('ECONNREFUSED')
    }
  })

  test('rule 2 and 4: exact content type, not to be stored, and nothing about the server', async () => {
    const { port } = await start()
    const { headers, body } = await get(port)
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(headers).toMatchObject({ 'content-length': String(body.length) })
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(JSON.parse(body)).toMatchObject({ Code: 'Success', AccessKeyId: 'ASIAEXAMPLE' })
  })

  test('rule 5: a bare Host, as the CRT sends it', async () => {
    const { port } = await start()
    expect((await get(port, { Host: '127.0.0.1' })).status).toBe(200)
  })

  test('rule 6: the token of no container, or of one without a session, is refused', async () => {
    const { port, session } = await start()
    expect((await get(port, { Authorization: 'x' })).status).toBe(401)
    expect((await get(port, { Authorization: 'stray' })).status).toBe(401)
    expect(session.asks).toEqual([])
  })

  test('rule 8: no 5xx while credentials are held, even when the renewal fails', async () => {
    const session = fakeSession(held())
    const { port } = await start({ session: { ...session, asked: () => Promise.reject(new Error('down')) } })
    expect((await get(port)).status).toBe(200)
  })

  test('rule 9: answers from memory, and turns the clock of the session', async () => {
    const { port, session } = await start()
    await get(port)
    await get(port)
    expect(session.asks).toEqual([0, 0])
  })

  test('a connection is kept, and told for how long', async () => {
    const { port } = await start()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const first = await get(port, {}, agent)
    expect(first.headers).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=75' })
    const reused = vi.fn()
    agent.on('free', reused)
    expect((await get(port, {}, agent)).status).toBe(200)
    expect(reused).toHaveBeenCalled()
    agent.destroy()
  })

  test('each answer is reported with protocol, status and seconds', async () => {
    const { port, onRequest } = await start()
    await get(port)
    await get(port, { Origin: 'http://evil.example' })
    expect(onRequest.mock.calls).toEqual([
      ['container', 200, expect.any(Number)],
      ['container', 403, expect.any(Number)],
    ])
    expect(onRequest.mock.calls[0]?.[2]).toBeGreaterThan(0)
  })

  test('what breaks inside is a 500 that says nothing of it, and is reported', async () => {
    const session = { ...fakeSession(), view: () => JSON.parse('{secret') }
    const { port, onFailure } = await start({ session })
    const reply = await get(port)
    expect(reply).toMatchObject({ status: 500, headers: { connection: 'close' } })
    expect(reply.body).not.toContain('secret')
    expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: 'Internal' }))
  })
})

describe('holding', () => {
  test('a request that comes before the credentials gets them when they come', async () => {
    const { port, session } = await start({ session: fakeSession() })
    const reply = get(port)
    await session.waited
    session.become(held())
    expect((await reply).status).toBe(200)
    expect(session.asks).toEqual([700])
  })

  test('and a 503 with the cause when they do not', async () => {
    const { port, session } = await start({ session: fakeSession() })
    const reply = get(port)
    await session.waited
    session.become(none(failure))
    expect(await reply).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect((await reply).body).toContain('TokenExpired')
    expect(session.asks).toEqual([700])
  })

  test('a client that goes away while held is not answered and not counted', async () => {
    const { port, session, onRequest, onFailure } = await start({ session: fakeSession() })
    const socket = await open(port)
    socket.write(message('GET /v1/credentials HTTP/1.1', 'Host: 127.0.0.1', `Authorization: ${TOKEN}`))
    await session.waited
    socket.resetAndDestroy()
    await get(port, { Authorization: 'x' }) // By now the server has seen the reset.
    session.become(held())
    expect((await get(port)).status).toBe(200)
    expect(onRequest.mock.calls.map(([, status]) => status)).toEqual([401, 200])
    expect(onFailure).not.toHaveBeenCalled()
  })

  test('a session whose wait breaks is a 500', async () => {
    const session = { ...fakeSession(), asked: () => Promise.reject(new Error('down')) }
    const { port, onFailure } = await start({ session })
    expect((await get(port)).status).toBe(500)
    expect(onFailure).toHaveBeenCalledOnce()
  })

  const one = message('GET /v1/credentials HTTP/1.1', 'Host: 127.0.0.1', `Authorization: ${TOKEN}`)
  const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)

  test('what is pipelined behind a held request waits for its turn', async () => {
    const { port, session } = await start({ session: fakeSession() })
    const socket = await open(port)
    const all = readAll(socket)
    socket.write(one + one + message('GET /x HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close'))
    await session.waited
    await get(port, { Authorization: 'x' })
    expect(session.asks).toEqual([700])
    session.become(held())
    expect(statuses(await all)).toEqual(['200', '200', '404'])
  })

  test('garbage behind a held request gets its refusal after that answer', async () => {
    const { port, session } = await start({ session: fakeSession() })
    const all = raw(port, `${one}GARBAGE\r\n\r\n`)
    await session.waited
    session.become(held())
    expect(statuses(await all)).toEqual(['200', '400'])
  })

  test('whoever sends more than a little behind a held request loses the connection, and nobody else does', async () => {
    const { port, session } = await start({ session: fakeSession() })
    const other = get(port)
    await session.waited
    expect(await raw(port, one.repeat(200))).toBe('')
    session.become(held())
    expect((await other).status).toBe(200)
  })
})

describe('listening', () => {
  test('a port in use names the setting', async () => {
    const { port } = await start()
    const starting = startEndpoint({ port, answering: answeringApp(fakeSession()) })
    await expect(starting).rejects.toMatchObject({
      code: 'PortInUse',
      problems: [{ field: 'lanyard.dev/credentials-port', message: `port ${port} of 127.0.0.1 is taken` }],
    })
  })

  test.each([
    ['an address that is not ours', { port: 0, host: '192.0.2.1' }],
    ['a port that is none', { port: 70_000 }],
  ])('%s fails', async (_name, where) => {
    const starting = startEndpoint({ ...where, setting: 'x', answering: answeringApp(fakeSession()) })
    await expect(starting).rejects.toMatchObject({ code: 'ListenFailed', problems: [{ field: 'x' }] })
  })
})

describe('closing', () => {
  test('answers what is in flight, closes idle connections, accepts no more', async () => {
    const { port, session, close } = await start({ session: fakeSession() })
    const idle = await open(port)
    const idleEnd = readAll(idle)
    idle.write(message('GET /x HTTP/1.1', 'Host: 127.0.0.1'))
    await once(idle, 'data')
    const reply = get(port)
    await session.waited
    const closed = close()
    expect(statusOf(await idleEnd)).toBe(403 + 1)
    session.become(held())
    expect(await reply).toMatchObject({ status: 200, headers: { connection: 'close' } })
    await closed
    await expect(get(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await close()
  })

  test('does not wait for ever for a peer that never sends its request', async () => {
    const { port, close } = await start({ limits: { drain: 20 } })
    const socket = await open(port)
    const end = readAll(socket)
    socket.write('GET /v1')
    await get(port)
    await close()
    expect(await end).toBe('')
  })
})

test('the test of a port in use is not fooled by a closed server', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise((resolve) => other.close(resolve))
  expect((await start({ port })).port).toBe(port)
})
