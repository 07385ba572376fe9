import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CredentialsView } from '../../../src/credentials/types.ts'
import {
  answerImds,
  createSessionTokens,
  type EndpointRequest,
  type Hold,
  type Reply,
  resources,
  routesOf,
} from '../../../src/endpoint/index.ts'
import { failure, groupHeaders, held, NOW, none, PORT } from './builders.ts'

const ROLE = 'web+orders@eu=1'
const instance = { role: ROLE, accountId: '111122223333', region: 'eu-west-1' }
const tokens = createSessionTokens(new Uint8Array(32).fill(7))
const routes = routesOf('imds', ROLE)
const TOKEN = tokens.mint(NOW + 60_000)
const LIST = '/latest/meta-data/iam/security-credentials'

type Given = { view?: CredentialsView; held?: boolean; now?: number }

function ask(method: string, target: string, headers: readonly string[] = [], given: Given = {}): Reply | Hold {
  const request: EndpointRequest = {
    method,
    target,
    version: '1.1',
    headers: groupHeaders(['Host', `127.0.0.1:${PORT}`, ...headers]),
  }
  const view = (): CredentialsView => given.view ?? held()
  return answerImds(
    request,
    { port: PORT, routes, tokens, instance, view, held: given.held ?? false },
    given.now ?? NOW,
  )
}

const reply = (...asked: Parameters<typeof ask>): Reply => {
  const answered = ask(...asked)
  if ('hold' in answered) throw new Error('held')
  return answered
}
const get = (target: string, given: Given = {}): Reply =>
  reply('GET', target, ['X-aws-ec2-metadata-token', TOKEN], given)
const put = (ttl: string): Reply => reply('PUT', '/latest/api/token', ['X-aws-ec2-metadata-token-ttl-seconds', ttl])

describe('session token', () => {
  test.each(['1', '60', '21600', '007'])('a lifetime of %s seconds is granted and echoed', (ttl) => {
    const { status, body, headers } = put(ttl)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'Content-Type': 'text/plain',
      'x-aws-ec2-metadata-token-ttl-seconds': String(Number(ttl)),
    })
    expect(tokens.verify(body, NOW + Number(ttl) * 1_000 - 1)).toBe(true)
    expect(tokens.verify(body, NOW + Number(ttl) * 1_000)).toBe(false)
  })

  test.each(['0', '21601', '-1', '1e3', '60.0', ' 60', '60s', '', '0x10', '999999', '٣'])(
    '%o is no lifetime',
    (ttl) => {
      expect(put(ttl)).toMatchObject({ status: 400, code: 'ImdsTtlInvalid' })
    },
  )

  test('without a lifetime there is none, and two are malformed', () => {
    const ttl = 'X-aws-ec2-metadata-token-ttl-seconds'
    expect(reply('PUT', '/latest/api/token')).toMatchObject({ status: 400, code: 'ImdsTtlInvalid' })
    expect(reply('PUT', '/latest/api/token', [ttl, '1', ttl, '2'])).toMatchObject({ code: 'RequestMalformed' })
  })

  test('is given while there are no credentials, and with a slash more before or behind the path', () => {
    const ttl = ['X-aws-ec2-metadata-token-ttl-seconds', '60']
    for (const target of ['/latest/api/token', '/latest/api/token/', '//latest/api/token', '//latest/api/token/'])
      expect(reply('PUT', target, ttl, { view: none(failure) }).status).toBe(200)
  })

  test.each(['GET', 'POST', 'HEAD', 'put'])('is not to be had by %s', (method) => {
    expect(reply(method, '/latest/api/token')).toMatchObject({ status: 405, headers: { Allow: 'PUT' } })
  })
})

describe('without a valid session token', () => {
  const paths = [...routes.keys(), '/', '/latest', '/latest/meta-data/', `${LIST}/other`, '/v1/credentials']
  const others = paths.filter((path) => !path.includes('/api/token'))

  test.each(others)('%s is 401, whatever it is', (target) => {
    expect(reply('GET', target)).toMatchObject({ status: 401, code: 'ImdsTokenMissing' })
    const wrong = ['X-aws-ec2-metadata-token', `${TOKEN.slice(0, -2)}AA`]
    expect(reply('GET', target, wrong)).toMatchObject({ status: 401, code: 'ImdsTokenWrong' })
    expect(reply('PUT', target)).toMatchObject({ status: 401, code: 'ImdsTokenMissing' })
  })

  test('that has expired, or is empty, or comes twice', () => {
    const name = 'X-aws-ec2-metadata-token'
    expect(reply('GET', LIST, [name, TOKEN], { now: NOW + 60_000 })).toMatchObject({ code: 'ImdsTokenWrong' })
    expect(reply('GET', LIST, [name, ''])).toMatchObject({ code: 'ImdsTokenMissing' })
    expect(reply('GET', LIST, [name, TOKEN, name, TOKEN])).toMatchObject({ status: 400, code: 'RequestMalformed' })
  })
})

describe('what is answered', () => {
  test('the role by its name alone, in each spelling of the path', () => {
    for (const target of [LIST, `${LIST}/`, `/${LIST}`, `/${LIST}/`])
      expect(get(target)).toMatchObject({ status: 200, body: ROLE, headers: { 'Content-Type': 'text/plain' } })
  })

  test.each([ROLE, `${ROLE}/`, encodeURIComponent(ROLE), `${encodeURIComponent(ROLE)}/`])(
    'credentials at %s',
    (name) => {
      const { body, headers } = get(`${LIST}/${name}`)
      expect(headers['Content-Type']).toBe('application/json')
      expect(JSON.parse(body)).toEqual({
        Code: 'Success',
        LastUpdated: '2026-03-04T05:06:07Z',
        Type: 'AWS-HMAC',
        AccessKeyId: 'ASIAEXAMPLE',
        SecretAccessKey: 'secret',
        Token: 'session',
        Expiration: '2026-03-04T06:06:07Z',
        AccountId: '111122223333',
        RoleArn: 'arn:aws:iam::111122223333:role/app',
      })
    },
  )

  test('where the pod is', () => {
    const places = '/latest/meta-data/placement'
    expect(get(`${places}/region`).body).toBe('eu-west-1')
    expect(get(`${places}/availability-zone/`).body).toBe('eu-west-1a')
    expect(JSON.parse(get('/latest/dynamic/instance-identity/document').body)).toEqual({
      accountId: '111122223333',
      availabilityZone: 'eu-west-1a',
      region: 'eu-west-1',
      version: '2017-09-30',
    })
  })

  test.each([
    '/',
    '/latest',
    '/latest/meta-data/',
    '/latest/meta-data/iam/security-credentials-extended/',
    `${LIST}/other`,
    `${LIST}/web%2borders%40eu%3d1`,
    `${LIST}/${ROLE}//`,
    `//${LIST}`,
    `/latest//meta-data/iam/security-credentials`,
    `${LIST}/${ROLE}?x`,
    `${LIST}/./${ROLE}`,
    '/v1/credentials',
    '/constructor',
    '/latest/dynamic/instance-identity/signature',
  ])('%s is 404', (target) => {
    expect(get(target)).toMatchObject({ status: 404, code: 'PathUnknown' })
  })

  test('nothing is written', () => {
    const token = ['X-aws-ec2-metadata-token', TOKEN]
    for (const method of ['PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS'])
      expect(reply(method, LIST, token)).toMatchObject({ status: 405, headers: { Allow: 'GET' } })
  })
})

describe('without credentials', () => {
  const asking = ['GET', `${LIST}/${ROLE}`, ['X-aws-ec2-metadata-token', TOKEN]] as const

  test('a request is held once, then 503 with the cause', () => {
    expect(ask(...asking, { view: none(failure) })).toEqual({ hold: 400 })
    const answered = reply(...asking, { view: none(failure), held: true })
    expect(answered).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
    expect(JSON.parse(answered.body).Message).toContain('TokenExpired: it expired at noon')
  })

  test('those that have ended are never served', () => {
    const view = held({ expires: NOW + 109 })
    expect(reply(...asking, { view, held: true }).status).toBe(503)
  })

  test('the role and the region are answered all the same', () => {
    expect(get(LIST, { view: none() }).status).toBe(200)
    expect(get('/latest/meta-data/placement/region', { view: none() }).status).toBe(200)
  })
})

test.each(['X-Forwarded-For', 'Forwarded', 'Via'])('the PUT is refused to what came by a proxy: %s', (name) => {
  const headers = ['X-aws-ec2-metadata-token-ttl-seconds', '60', name, '10.0.0.1']
  expect(reply('PUT', '/latest/api/token', headers)).toMatchObject({ status: 403, code: 'ForwardedRefused' })
})

describe('session tokens', () => {
  test('are HMAC-SHA-256 over their end, under the key of the process', () => {
    const bytes = Buffer.from(TOKEN, 'base64url')
    const end = bytes.subarray(0, 6)
    expect(end.readUIntBE(0, 6)).toBe(NOW + 60_000)
    const mac = createHmac('sha256', new Uint8Array(32).fill(7)).update(end).digest()
    expect(bytes.subarray(6).equals(mac)).toBe(true)
    expect(createSessionTokens(new Uint8Array(32).fill(8)).verify(TOKEN, NOW)).toBe(false)
  })

  test('no other text is one: changed by a character, cut, longer, or in another spelling of the same bytes', () => {
    fc.assert(
      fc.property(fc.nat({ max: TOKEN.length - 1 }), fc.constantFrom(...'ABCDabcd0189-_+/= é'), (at, character) => {
        const changed = TOKEN.slice(0, at) + character + TOKEN.slice(at + 1)
        fc.pre(changed !== TOKEN)
        expect(tokens.verify(changed, NOW)).toBe(false)
        expect(tokens.verify(TOKEN.slice(0, at), NOW)).toBe(false)
        expect(tokens.verify(TOKEN + character, NOW)).toBe(false)
      }),
    )
  })
})

test('whatever is asked, only a valid token gets credentials', () => {
  const text = fc.oneof(fc.constantFrom(...routes.keys()), fc.webPath(), fc.string())
  const token = fc.oneof(fc.constant(TOKEN), fc.base64String(), fc.string())
  fc.assert(
    fc.property(fc.constantFrom('GET', 'PUT', 'POST'), text, token, (method, target, given) => {
      const answered = reply(method, target, ['X-aws-ec2-metadata-token', given], { held: true })
      if (answered.body.includes('ASIAEXAMPLE')) {
        expect(given).toBe(TOKEN)
        expect(routes.get(target)?.name).toBe('imdsCredentials')
      }
    }),
  )
})

test('the table of the contract says what is in the bodies', () => {
  expect(Object.keys(JSON.parse(get(`${LIST}/${ROLE}`).body))).toEqual(resources.imdsCredentials.fields)
  expect(Object.keys(JSON.parse(get('/latest/dynamic/instance-identity/document').body))).toEqual(
    resources.imdsIdentity.fields,
  )
})
