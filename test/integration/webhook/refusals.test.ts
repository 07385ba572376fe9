import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { pod, review } from '../../unit/webhook/reviews.ts'
import type { Call } from './client.ts'
import { start } from './plainServer.ts'

describe('a request that is refused', () => {
  const json = 'application/json'
  const body = JSON.stringify(review())
  const cases: [string, Partial<Call>, number, string][] = [
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415, 'ReviewContentType'],
    ['no content type', { headers: {} }, 415, 'ReviewContentType'],
    [
      'a content type that only begins alike',
      { headers: { 'content-type': 'application/jsonp' } },
      415,
      'ReviewContentType',
    ],
    [
      'gzip',
      { headers: { 'content-type': json, 'content-encoding': 'gzip' }, body: gzipSync(body) },
      415,
      'ReviewContentType',
    ],
    ['gzip that is not said', { body: gzipSync(body) }, 400, 'ReviewMalformed'],
    ['an unknown charset', { headers: { 'content-type': `${json}; charset=utf-19` } }, 415, 'ReviewContentType'],
    ['a charset that is no UTF', { headers: { 'content-type': `${json}; charset=latin1` } }, 415, 'ReviewContentType'],
    ['too much, with its length said', { body: ' '.repeat(100_001) }, 413, 'ReviewTooLarge'],
    [
      'too much, in chunks',
      { headers: { 'content-type': json, 'transfer-encoding': 'chunked' }, body: ' '.repeat(300_000) },
      413,
      'ReviewTooLarge',
    ],
    ['nothing', { body: '' }, 400, 'ReviewMalformed'],
    ['half a review', { body: body.slice(0, body.length / 2) }, 400, 'ReviewMalformed'],
    ['no JSON', { body: '<review/>' }, 400, 'ReviewMalformed'],
    ['a JSON string', { body: '"review"' }, 400, 'ReviewMalformed'],
    ['null', { body: 'null' }, 400, 'ReviewMalformed'],
    ['a list', { body: '[]' }, 400, 'ReviewMalformed'],
    ['a pod instead', { body: JSON.stringify(pod()) }, 400, 'ReviewMalformed'],
    ['deep nesting', { body: '['.repeat(90_000) }, 400, 'ReviewMalformed'],
    ['v1beta1', { body: JSON.stringify(review({}, { apiVersion: 'admission.k8s.io/v1beta1' })) }, 400, 'ReviewVersion'],
    ['a hostile uid', { body: JSON.stringify(review({ uid: '\u001b[2J'.repeat(9_000) })) }, 400, 'ReviewMalformed'],
    ['GET', { method: 'GET', body: '' }, 405, 'ReviewMethod'],
    ['PUT', { method: 'PUT' }, 405, 'ReviewMethod'],
    ['OPTIONS', { method: 'OPTIONS', body: '' }, 405, 'ReviewMethod'],
    ['another path', { path: '/' }, 404, 'ReviewPath'],
    ['almost the path', { path: '/mutate/' }, 404, 'ReviewPath'],
    ['the path in capitals', { path: '/MUTATE' }, 404, 'ReviewPath'],
    ['a broken path', { path: '/%zz%' }, 404, 'ReviewPath'],
  ]

  test.each(cases)('%s', async (_what, call, status, code) => {
    const { call: send, log, metrics } = await start()
    const reply = await send(call)
    expect(reply.status).toBe(status)
    expect(reply.json()).toEqual({ code, message: expect.any(String), fix: expect.any(String) })
    expect(reply.text.length).toBeLessThan(500)
    expect(reply.text).not.toMatch(/node_modules|\.ts:|\n/)
    expect(metrics.counted).toEqual([['refuse', code, expect.any(Number)]])
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toMatchObject({ level: 'warn', event: 'admission review refused', fields: { code, status } })
    expect(JSON.stringify(log.lines).length).toBeLessThan(500)
    // And it is the request that is refused, not the next one.
    expect((await send()).status).toBe(200)
  })

  test('a method that is refused is told the one that is not', async () => {
    const { call } = await start()
    const reply = await call({ method: 'DELETE', body: '' })
    expect(reply.headers['allow']).toBe('POST')
    expect((await call({ method: 'HEAD', body: '' })).status).toBe(405)
  })
})
