import { request } from 'node:https'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Fault, Lie } from '../../../src/testbed/index.ts'
import { type Answer, assume, createClock, post, startWorld, textOf, type World, webToken } from './support.ts'

const clock = createClock()
let world: World
let token: string
beforeAll(async () => {
  world = await startWorld(clock)
})
beforeEach(async () => {
  token = await webToken(world.issuer)
})
afterEach(() => world.sts.faults.clear())
afterAll(() => world.stop())

const exchange = (): Promise<Answer> => assume(world, { WebIdentityToken: token })

describe('faults', () => {
  it.each<[fault: Fault, status: number, type: string, code: string, message: string]>([
    [{ kind: 'throttling' }, 400, 'Sender', 'Throttling', 'Rate exceeded'],
    [{ kind: 'unavailable' }, 503, 'Receiver', 'ServiceUnavailable', 'Service Unavailable'],
    [
      { kind: 'idpCommunicationError' },
      400,
      'Sender',
      'IDPCommunicationError',
      'The identity provider could not be reached',
    ],
    [
      { kind: 'failure', code: 'RegionDisabledException', message: 'STS is off here', status: 403 },
      403,
      'Sender',
      'RegionDisabledException',
      'STS is off here',
    ],
  ])('%j', async (fault, status, type, code, message) => {
    world.sts.faults.set(fault)
    const answer = await exchange()
    const [actualType, actualCode, text] = ['Type', 'Code', 'Message'].map((name) => textOf(answer, name))
    expect([answer.status, actualType, actualCode, text]).toEqual([status, type, code, message])
    expect(world.sts.requests.at(-1)).toMatchObject({ code, status })
    world.sts.faults.clear()
    expect((await exchange()).status).toBe(200)
  })

  it('for the next requests only, or for one action only', async () => {
    world.sts.faults.next(2, { kind: 'unavailable', action: 'AssumeRoleWithWebIdentity' })
    expect((await post(world, { Action: 'GetCallerIdentity', Version: '2011-06-15' })).status).toBe(403)
    const statuses = [(await exchange()).status, (await exchange()).status, (await exchange()).status]
    expect(statuses).toEqual([503, 503, 200])
  })

  it('reset destroys the connection', async () => {
    world.sts.faults.set({ kind: 'reset' })
    await expect(exchange()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(world.sts.requests.at(-1)).toMatchObject({ code: 'reset', status: 0 })
  })

  it('hang never answers, and does not keep the server from stopping', async () => {
    const other = await startWorld(clock)
    other.sts.faults.set({ kind: 'hang' })
    const hanging = other.sts.nextRequest()
    const pending = assume(other, { WebIdentityToken: token }).catch((error: Error & { code?: string }) => error.code)
    expect(await hanging).toMatchObject({ code: 'hang', status: 0 })
    await other.stop()
    expect(await pending).toBe('ECONNRESET')
  })

  it.each([200, 502] as const)('html with status %d', async (status) => {
    world.sts.faults.set({ kind: 'html', status })
    const answer = await exchange()
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.text).toContain('</html>')
  })

  it.each<[lie: Lie, field: string, value: string | undefined]>([
    ['missingFields', 'SecretAccessKey', undefined],
    ['garbageExpiration', 'Expiration', 'tomorrow, perhaps'],
    ['alreadyExpired', 'Expiration', '2011-07-15T23:28:33Z'],
    ['truncated', 'RequestId', undefined],
  ])('lies: %s', async (lie, field, value) => {
    world.sts.faults.set({ kind: 'lies', lie })
    const answer = await exchange()
    expect(answer.status).toBe(200)
    expect(textOf(answer, field)).toBe(value)
    expect(textOf(answer, 'AccessKeyId')).toMatch(/^ASIA/)
  })

  it('lies about the fields that are named', async () => {
    world.sts.faults.set({ kind: 'lies', lie: 'missingFields', fields: ['Credentials', 'Provider'] })
    const answer = await exchange()
    expect(answer.text).not.toMatch(/Credentials|AccessKeyId|Provider>/)
    expect(textOf(answer, 'Audience')).toBe('sts.amazonaws.com')
  })

  it('skew is in the Date, in the Expiration and in how tokens are judged', async () => {
    world.sts.faults.set({ kind: 'skew', ms: 600_000 })
    const ahead = await exchange()
    expect(ahead.headers.date).toBe('Thu, 15 Jan 2026 12:10:00 GMT')
    expect(textOf(ahead, 'Expiration')).toBe('2026-01-15T13:10:00Z')
    token = await webToken(world.issuer, 299)
    expect(textOf(await exchange(), 'Code')).toBe('ExpiredTokenException')
    world.sts.faults.clear()
    expect((await exchange()).status).toBe(200)
  })

  it('shortSession grants less than was asked for', async () => {
    world.sts.faults.set({ kind: 'shortSession', seconds: 5 })
    expect(textOf(await exchange(), 'Expiration')).toBe('2026-01-15T12:00:05Z')
  })

  it('slowBody sends the second half later', async () => {
    world.sts.faults.set({ kind: 'slowBody', ms: 1 })
    const answer = await exchange()
    expect(textOf(answer, 'AccessKeyId')).toMatch(/^ASIA/)
    expect(answer.text).toContain('</AssumeRoleWithWebIdentityResponse>')
  })

  it('slowBody may never come to its end', async () => {
    const other = await startWorld(clock)
    other.sts.faults.set({ kind: 'slowBody', ms: Number.POSITIVE_INFINITY })
    const answered = other.sts.nextRequest()
    const pending = assume(other, { WebIdentityToken: await webToken(other.issuer) })
    const settled = pending.catch((error: Error & { code?: string }) => error.code)
    await answered
    await other.stop()
    expect(await settled).toBe('ECONNRESET')
  })

  it('a client that leaves in the middle of its body harms nobody', async () => {
    const options = { ca: world.ca.pem, agent: false, method: 'POST', headers: { 'content-length': '1000' } } as const
    await new Promise<void>((resolve) => {
      const leaving = request(world.sts.url, options)
      leaving.on('error', () => resolve())
      leaving.write('Action=', () => leaving.destroy(new Error('gone')))
    })
    expect((await exchange()).status).toBe(200)
  })
})
