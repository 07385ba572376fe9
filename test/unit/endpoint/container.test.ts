import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CredentialsView } from '../../../src/credentials/types.ts'
import { answer, formatInstant, type Hold, type Reply } from '../../../src/endpoint/index.ts'
import { credentials, failure, held, NOW, none, PORT, request, TOKEN } from './builders.ts'

type Given = { view?: CredentialsView; held?: boolean; now?: number }

function ask(asked: ReturnType<typeof request>, given: Given = {}): Reply | Hold {
  const lookup = (token: string) => (token === TOKEN ? (given.view ?? held()) : undefined)
  return answer(asked, { port: PORT, lookup, held: given.held ?? false }, given.now ?? NOW)
}

const replyTo = (...asked: Parameters<typeof ask>): Reply => {
  const reply = ask(...asked)
  if ('hold' in reply) throw new Error('held')
  return reply
}

describe('credentials', () => {
  test('rule 2: status 200 with all string values', () => {
    const reply = replyTo(request())
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.body)).toEqual({
      Code: 'Success',
      AccessKeyId: 'ASIAEXAMPLE',
      SecretAccessKey: 'secret',
      Token: 'session',
      Expiration: '2026-03-04T06:06:07Z',
      AccountId: '111122223333',
      RoleArn: 'arn:aws:iam::111122223333:role/app',
    })
  })

  test('no AccountId where the server has no accounts', () => {
    expect(JSON.parse(replyTo(request(), { view: held({ accountId: '' }) }).body)).not.toHaveProperty('AccountId')
  })

  test('rule 2: under 10,000 bytes with the longest role ARN and a long session token', () => {
    const view = held({
      roleArn: `arn:aws:iam::111122223333:role/${'r'.repeat(2_017)}`,
      sessionToken: 't'.repeat(7_000),
    })
    expect(replyTo(request(), { view }).body.length).toBeLessThan(10_000)
  })

  test.each([
    [0, '2026-03-04T05:06:07Z'],
    [109, '2026-03-04T05:06:07Z'],
    [110, '2026-03-04T05:06:08Z'],
    [Number.MAX_VALUE, '9999-12-31T23:59:59Z'],
  ])('rule 3: Expiration has no fraction and is rounded down (%d)', (more, text) => {
    expect(formatInstant(NOW + more)).toBe(text)
  })

  test("rule 3: it is served in the pod's clock, as the session judged it", () => {
    const view: CredentialsView = { kind: 'held', credentials: credentials(), expires: NOW + 60_000 }
    expect(JSON.parse(replyTo(request(), { view }).body).Expiration).toBe('2026-03-04T05:07:07Z')
  })

  test.each(['127.0.0.1', `127.0.0.1:${PORT}`])('rule 5: Host %s is accepted', (host) => {
    expect(replyTo(request({ without: ['Host'], headers: ['Host', host] })).status).toBe(200)
  })
})

describe('token', () => {
  const withToken = (token: string) => request({ without: ['Authorization'], headers: ['Authorization', token] })

  test('rule 6: always required', () => {
    expect(replyTo(request({ without: ['Authorization'] }))).toMatchObject({
      status: 401,
      code: 'EndpointTokenMissing',
    })
    expect(replyTo(withToken(''))).toMatchObject({ status: 401, code: 'EndpointTokenMissing' })
  })

  test.each([`Bearer ${TOKEN}`, TOKEN.slice(1), `${TOKEN}\n`, 'x'])('rule 6: raw, so %j is wrong', (token) => {
    expect(replyTo(withToken(token))).toMatchObject({ status: 401, code: 'EndpointTokenWrong' })
  })

  test('a refused request is never compared with tokens', () => {
    const lookup = (): never => {
      throw new Error('looked up')
    }
    const shapes = [{ headers: ['Origin', 'x'] }, { headers: ['Via', 'x'] }, { method: 'POST' }, { target: '/x' }]
    for (const shape of shapes) {
      const reply = answer(request(shape), { port: PORT, lookup, held: false }, NOW)
      expect(reply).not.toMatchObject({ status: 200 })
    }
  })
})

describe('without credentials', () => {
  test('the request is held once, for less than the shortest client timeout', () => {
    expect(ask(request(), { view: none() })).toEqual({ hold: 700 })
  })

  test('then 503 with the cause, and when to come back', () => {
    const reply = replyTo(request(), { view: none(failure), held: true })
    expect(reply).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
    expect(JSON.parse(reply.body).Message).toContain('TokenExpired: it expired at noon')
  })

  test('rule 8: what expires within this second is not served', () => {
    const view = held({ expires: NOW + 50 })
    expect(ask(request(), { view })).toEqual({ hold: 700 })
    expect(replyTo(request(), { view, held: true }).status).toBe(503)
  })
})

describe('properties', () => {
  const names = [
    'Host',
    'Authorization',
    'Origin',
    'Via',
    'X-Forwarded-For',
    'Content-Length',
    'Upgrade',
    'Accept',
    'constructor',
  ]
  const values = [TOKEN, `Bearer ${TOKEN}`, '127.0.0.1', `127.0.0.1:${PORT}`, 'localhost', '0', '5', 'h2c', '']
  const header = fc.tuple(
    fc.oneof(fc.constantFrom(...names), fc.string()),
    fc.oneof(fc.constantFrom(...values), fc.string()),
  )
  const anyRequest = fc
    .record({
      method: fc.oneof({ weight: 3, arbitrary: fc.constant('GET') }, fc.string()),
      target: fc.oneof({ weight: 3, arbitrary: fc.constant('/v1/credentials') }, fc.webPath(), fc.string()),
      headers: fc.array(header, { maxLength: 4 }).map((pairs) => pairs.flat()),
      without: fc.subarray(['Host', 'Authorization']),
    })
    .map(request)
  const anyView = fc.oneof(
    fc.integer({ min: -10_000, max: 43_200_000 }).map((left) => held({ expires: NOW + left })),
    fc.constantFrom(none(), none(failure)),
  )
  const runs = { numRuns: 1_000 }

  test('rule 8: never a 5xx, and no waiting, while unexpired credentials are held', () => {
    const property = fc.property(anyRequest, fc.integer({ min: 1_000 }), fc.boolean(), (asked, left, heldBefore) => {
      expect(replyTo(asked, { view: held({ expires: NOW + left }), held: heldBefore }).status).toBeLessThan(500)
    })
    fc.assert(property, runs)
  })

  test('rule 8: never credentials that have expired by what they say', () => {
    const property = fc.property(anyView, fc.boolean(), (view, heldBefore) => {
      const reply = ask(request(), { view, held: heldBefore })
      if ('hold' in reply || reply.status !== 200) return
      expect(Date.parse(JSON.parse(reply.body).Expiration)).toBeGreaterThan(NOW)
    })
    fc.assert(property, runs)
  })

  test('never credentials, nor a wait, without the right token sent once and raw', () => {
    const property = fc.property(anyRequest, anyView, fc.boolean(), (asked, view, heldBefore) => {
      const reply = ask(asked, { view, held: heldBefore })
      const sent = asked.headers.get('authorization') ?? []
      if (sent.length === 1 && sent[0] === TOKEN) return
      expect(reply).toMatchObject({ status: expect.toSatisfy((status: number) => status >= 400 && status < 500) })
      expect(JSON.stringify(reply)).not.toContain('ASIAEXAMPLE')
    })
    fc.assert(property, runs)
  })
})
