import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Control } from '../../../src/testbed/control/server.ts'
import { startControl } from '../../../src/testbed/control/server.ts'
import { send } from '../sidecar/pod.ts'
import { assume, createClock, textOf, token, useWorld, world } from './support.ts'

useWorld(createClock())

let control: Control
beforeAll(async () => {
  const logins = new Map([['amazon', (user: string, options: object) => `${user} ${JSON.stringify(options)}`]])
  control = await startControl({ sts: world.sts, host: '127.0.0.1', port: 0, logins })
})
afterEach(() => world.sts.faults.clear())
afterAll(() => control.stop())

type Answer = { status: number; content: unknown }

/** One request on a connection of its own. */
function call(method: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port: control.port, method, path, agent: false as const }
    const outgoing = request(target, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, content: JSON.parse(text) }))
    })
    outgoing.on('error', reject).end(body)
  })
}

const exchange = async (): Promise<string> =>
  textOf(await assume(world, { WebIdentityToken: token }), 'Code') ?? 'Success'

describe('the control server', () => {
  it('sets a fault, shows it, and clears it by either method', async () => {
    for (const [method, path] of [
      ['DELETE', '/faults'],
      ['POST', '/faults/clear'],
    ] as const) {
      const shown = { lasting: { kind: 'throttling' }, next: [] }
      expect(await call('POST', '/faults', '{"kind":"throttling"}')).toEqual({ status: 200, content: shown })
      expect(await call('GET', '/faults')).toEqual({ status: 200, content: shown })
      expect(await exchange()).toBe('Throttling')
      expect(await call(method, path)).toEqual({ status: 200, content: { next: [] } })
      expect(await exchange()).toBe('Success')
    }
  })

  it('tells of the authority, as PEM, where it was told of one', async () => {
    expect(await call('GET', '/ca.crt')).toMatchObject({ status: 404, content: { kind: 'Status', code: 404 } })
    const telling = await startControl({ sts: world.sts, host: '127.0.0.1', port: 0, ca: world.ca.pem })
    try {
      const { status, text } = await send({ port: telling.port, path: '/ca.crt' })
      expect([status, text]).toEqual([200, world.ca.pem])
    } finally {
      await telling.stop()
    }
  })

  it('sets a fault for the next requests alone', async () => {
    const { content } = await call('POST', '/faults?next=2', '{"kind":"unavailable"}')
    expect(content).toEqual({ next: [{ count: 2, fault: { kind: 'unavailable' } }] })
    expect([await exchange(), await exchange(), await exchange()]).toEqual([
      'ServiceUnavailable',
      'ServiceUnavailable',
      'Success',
    ])
  })

  it('shows the requests that STS had, and says that it is there', async () => {
    await exchange()
    const { content } = await call('GET', '/requests')
    expect(content).toEqual(JSON.parse(JSON.stringify(world.sts.requests)))
    expect(JSON.stringify(content)).not.toContain(token)
    expect(await call('GET', '/healthz')).toEqual({ status: 200, content: { ok: true } })
  })

  it.each<[method: string, path: string, body: string | undefined, status: number, message: string]>([
    ['POST', '/faults', '{"kind":', 400, 'must be JSON'],
    ['POST', '/faults', '{"kind":"storm"}', 400, 'kind: must be one of'],
    ['POST', '/faults', undefined, 400, 'must be JSON'],
    ['POST', '/faults', '"x"'.padEnd(20_000), 413, 'over 16384 bytes'],
    ['POST', '/faults?next=0', '{"kind":"hang"}', 400, 'next=N'],
    ['POST', '/faults?next=1&next=2', '{"kind":"hang"}', 400, 'next=N'],
    ['POST', '/faults?count=1', '{"kind":"hang"}', 400, 'next=N'],
    ['PUT', '/faults', '{"kind":"hang"}', 405, 'GET, POST, DELETE'],
    ['DELETE', '/requests', undefined, 405, 'GET'],
    ['GET', '/__proto__', undefined, 404, '/healthz'],
    ['GET', '//faults', undefined, 404, '/healthz'],
  ])('refuses %s %s %s', async (method, path, body, status, message) => {
    const answer = await call(method, path, body)
    const failure = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status }
    expect(answer).toEqual({ status, content: { ...failure, message: expect.stringContaining(message) } })
    expect(world.sts.faults.list()).toEqual({ lasting: undefined, next: [] })
  })

  it('queues so many and no more', async () => {
    for (let count = 0; count < 100; count++) await call('POST', '/faults?next=1', '{"kind":"hang"}')
    expect((await call('POST', '/faults?next=1', '{"kind":"hang"}')).status).toBe(409)
    expect(world.sts.faults.list().next).toHaveLength(100)
  })

  it('refuses a port that is taken', async () => {
    const options = { sts: world.sts, host: '127.0.0.1', port: control.port }
    await expect(startControl(options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('the control server logs in', () => {
  const logIn = (body: string, name = 'amazon'): Promise<Answer> => call('POST', `/logins/${name}`, body)

  it('whoever is asked for', async () => {
    expect(await logIn('{"user":"A"}')).toEqual({ status: 200, content: { token: 'A {}' } })
    const { content } = await logIn('{"user":"A","expiresIn":-1,"appId":"b"}')
    expect(content).toEqual({ token: 'A {"expiresIn":-1,"appId":"b"}' })
  })

  it.each([
    ['null', 'the body must be a JSON object'],
    ['{', 'the body must be JSON'],
    ['{}', 'user: must be a text of at most 255 characters'],
    [`{"user":"${'x'.repeat(256)}"}`, 'user: must be a text of at most 255 characters'],
    ['{"user":"A","expiresIn":"1"}', 'expiresIn: must be whole seconds'],
    ['{"user":"A","appId":1}', 'appId: must be a text of at most 255 characters'],
    ['{"user":"A","token":"x"}', 'the fields are user, expiresIn and appId'],
  ])('but not by %s', async (body, message) => {
    expect(await logIn(body)).toMatchObject({ status: 400, content: { message } })
  })

  it('but not where it stands in for nobody', async () => {
    expect(await logIn('{"user":"A"}', 'facebook')).toMatchObject({ status: 404 })
    expect((await call('GET', '/logins/amazon')).status).toBe(405)
  })
})
