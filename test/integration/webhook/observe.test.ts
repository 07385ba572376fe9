import { afterEach, expect, test } from 'vitest'
import { webhookMetrics } from '../../../src/metrics/index.ts'
import { type ObserveOptions, startObserve } from '../../../src/webhook/index.ts'
import { send } from './client.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function start(changes: Partial<ObserveOptions> = {}) {
  const metrics = webhookMetrics({ version: '1.2.3' })
  const server = await startObserve({ host: '127.0.0.1', port: 0, ready: () => true, metrics, ...changes })
  closers.push(server.close)
  const get = (path: string, method = 'GET') => send({ port: server.port, path, method, headers: {} })
  return { get, metrics, port: server.port }
}

test('/readyz follows the readiness, /healthz does not', async () => {
  let ready = false
  const { get } = await start({ ready: () => ready })
  expect(await get('/readyz')).toMatchObject({ status: 503, text: 'not ready\n' })
  expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' })
  ready = true
  expect(await get('/readyz?verbose')).toMatchObject({ status: 200, text: 'ok\n' })
})

test('/metrics is the exposition with its content type', async () => {
  const { get, metrics } = await start()
  const reply = await get('/metrics')
  expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(reply.text).toBe((await metrics.text()).body)
  expect(await get('/metrics', 'HEAD')).toMatchObject({ status: 200, text: '' })
})

test('metrics that fail are a 500 without a word about why', async () => {
  const { get } = await start({ metrics: { text: () => Promise.reject(new Error('CANARY')) } })
  expect(await get('/metrics')).toMatchObject({ status: 500, text: 'failed\n' })
})

test('other paths are 404, other methods 405 with those allowed', async () => {
  const { get } = await start()
  expect((await get('/')).status).toBe(404)
  expect((await get('/mutate', 'POST')).status).toBe(404)
  const reply = await get('/healthz', 'POST')
  expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET, HEAD'])
})

test('a port that is taken names the setting', async () => {
  const { port } = await start()
  await expect(start({ port })).rejects.toMatchObject({
    code: 'PortInUse',
    problems: [{ field: 'webhook.metricsPort' }],
  })
})
