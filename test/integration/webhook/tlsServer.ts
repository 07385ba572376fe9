import { once } from 'node:events'
import type { Agent } from 'node:https'
import { connect } from 'node:tls'
import { onTestFinished } from 'vitest'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { type ConnectionLimits, createWebhook, startWebhook, type WebhookServer } from '../../../src/webhook/index.ts'
import { memoryLog, memoryMetrics, review } from '../../unit/webhook/reviews.ts'

export const host = '127.0.0.1'
export const body = JSON.stringify(review())
export const ca = await createCertificateAuthority({ name: 'webhook tests', now: Date.now })
export const pair = await ca.issue([host, 'localhost'])

/** A webhook over TLS that lets every pod through, until the test ends. Its clock stands still. */
export async function start(changes: Partial<Parameters<typeof startWebhook>[0]> = {}) {
  const clock = { value: 0, now: () => clock.value }
  const [log, metrics] = [memoryLog(), memoryMetrics()]
  const app = createWebhook({
    admit: () => ({ kind: 'inject', patch: [], warnings: [], audit: {} }),
    log,
    metrics,
    now: clock.now,
    maxBodyBytes: 1_000_000,
  })
  const server = await startWebhook({ app, host, port: 0, tls: pair, log, now: clock.now, metrics, ...changes })
  onTestFinished(() => stop(server))
  return { server, port: server.port, log, metrics, clock }
}

function stop(server: WebhookServer): void {
  void server.finish()
  server.abort()
}

/** Destroys the agent when the test ends. */
export function ending(agent: Agent): Agent {
  onTestFinished(() => agent.destroy())
  return agent
}

export const limits = (changes: Partial<ConnectionLimits>) => ({ limits: { checkInterval: 10, ...changes } })

/** Sends raw bytes over TLS and gives back all that comes until the other side closes. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = connect({ host, port, ca: ca.pem })
  let received = ''
  socket.on('data', (chunk) => {
    received += String(chunk)
  })
  await once(socket, 'secureConnect')
  socket.write(text)
  await once(socket, 'close')
  return received
}
