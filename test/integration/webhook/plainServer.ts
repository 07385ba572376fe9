import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Admit, createWebhook, type WebhookOptions } from '../../../src/webhook/index.ts'
import { memoryLog, memoryMetrics, review } from '../../unit/webhook/reviews.ts'
import { type Call, send } from './client.ts'

export const patching: Admit = () => ({
  kind: 'inject',
  patch: [{ op: 'add', path: '/metadata/labels', value: { done: 'yes' } }],
  warnings: ['envFrom is not looked into'],
  audit: { roles: 'app=r' },
})

/** A webhook without TLS, until the test ends. Its clock goes on by 2 ms each time it is read. */
export async function start(
  admit: Admit = patching,
  limits: Partial<Pick<WebhookOptions, 'maxBodyBytes' | 'mostBodyBytes'>> = {},
) {
  const [log, metrics] = [memoryLog(), memoryMetrics()]
  let clock = 1_000
  const now = (): number => {
    clock += 2
    return clock
  }
  const server = createServer(createWebhook({ admit, log, metrics, now, maxBodyBytes: 100_000, ...limits }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const call = (changes: Partial<Call> = {}) => send({ port, body: JSON.stringify(review()), ...changes })
  return { call, log, metrics, port, server }
}
