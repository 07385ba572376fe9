import { describe, expect, test } from 'vitest'
import { checkCaller, checkFraming, checkRoute } from '../../../src/endpoint/protocol/guard.ts'
import { PORT, request } from './builders.ts'

const routes = new Map([['/v1/credentials', { methods: ['GET'] }]])

describe('framing', () => {
  test('a plain request passes, with an empty body too', () => {
    expect(checkFraming(request())).toBeUndefined()
    expect(checkFraming(request({ headers: ['Content-Length', '0'] }))).toBeUndefined()
  })

  test.each([
    ['HTTP/2.0', { version: '2.0' }],
    ['HTTP/0.9', { version: '0.9' }],
    ['no Host', { without: ['Host'] }],
    ['a second Host', { headers: ['host', '127.0.0.1'] }],
    ['a second Authorization', { headers: ['AUTHORIZATION', 'x'] }],
    ['a second Content-Length', { headers: ['Content-Length', '0', 'Content-Length', '0'] }],
    ['a body', { headers: ['Content-Length', '5'] }],
    ['a strange length', { headers: ['Content-Length', '+0'] }],
    ['Transfer-Encoding', { headers: ['Transfer-Encoding', 'chunked'] }],
    ['Trailer', { headers: ['Trailer', 'Authorization'] }],
    ['Upgrade', { headers: ['Upgrade', 'h2c'] }],
    ['Expect', { headers: ['Expect', '100-continue'] }],
    ['absolute-form', { target: 'http://127.0.0.1:9797/v1/credentials' }],
    ['authority-form', { target: '127.0.0.1:9797' }],
    ['asterisk-form', { target: '*' }],
    ['an empty target', { target: '' }],
  ])('%s is malformed', (_name, change) => {
    expect(checkFraming(request(change))).toMatchObject({ code: 'RequestMalformed', status: 400 })
  })
})

describe('caller', () => {
  test.each([
    'localhost',
    `localhost:${PORT}`,
    '127.0.0.1:80',
    '127.0.0.1:',
    '127.0.0.1.',
    '127.1',
    '127.0.0.2',
    '[::1]',
    '0.0.0.0',
    'evil.example',
    `127.0.0.1:${PORT}@evil.example`,
    '',
  ])('Host %j is refused', (host) => {
    expect(checkCaller(request({ without: ['Host'], headers: ['Host', host] }), PORT)).toMatchObject({
      code: 'HostRefused',
    })
  })

  test.each(['Origin', 'ORIGIN'])('%s is refused, null too', (name) => {
    expect(checkCaller(request({ headers: [name, 'null'] }), PORT)).toMatchObject({ code: 'OriginRefused' })
  })

  test.each([
    'Forwarded',
    'Via',
    'X-Forwarded-For',
    'x-forwarded-host',
    'X-Forwarded-Proto',
    'X-Forwarded',
    'X-Real-IP',
    'X-Original-Forwarded-For',
  ])('%s is refused', (name) => {
    expect(checkCaller(request({ headers: [name, ''] }), PORT)).toMatchObject({ code: 'ForwardedRefused' })
  })

  test('what only looks like one passes', () => {
    expect(checkCaller(request({ headers: ['X-Forwardedness', '1', 'Viable', '1'] }), PORT)).toBeUndefined()
  })
})

describe('route', () => {
  test.each([
    '/',
    '/v1/credentials/',
    '/v1/credentials?',
    '/v1/credentials?x=1',
    '//v1/credentials',
    '/v1//credentials',
    '/v1/./credentials',
    '/x/../v1/credentials',
    '/v1/%63redentials',
    '/v1%2fcredentials',
    '/v1/%2e/credentials',
    '/V1/credentials',
    '/v1/credentials;x',
    '/v1/credentials#x',
    '/constructor',
    '/__proto__',
  ])('%s is another path', (target) => {
    expect(checkRoute(request({ target }), routes)).toMatchObject({ code: 'PathUnknown', status: 404 })
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'get'])('%s is not allowed', (method) => {
    expect(checkRoute(request({ method }), routes)).toMatchObject({ status: 405, headers: { Allow: 'GET' } })
  })

  test('Allow names what the route answers', () => {
    const more = new Map([['/v1/credentials', { methods: ['GET', 'PUT'] }]])
    expect(checkRoute(request({ method: 'POST' }), more)?.headers).toMatchObject({ Allow: 'GET, PUT' })
  })
})
