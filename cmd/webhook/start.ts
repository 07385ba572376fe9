import { setTimeout as sleep } from 'node:timers/promises'
import { toFailure } from '../../src/errors/index.ts'
import { admit } from '../../src/injection/index.ts'
import { webhookMetrics } from '../../src/metrics/index.ts'
import type { ConfigOf } from '../../src/settings/index.ts'
import { createLog, type Log } from '../../src/terminal/log.ts'
import { VERSION } from '../../src/version.ts'
import {
  type CertificateFiles,
  certificateFiles,
  createWebhook,
  drain,
  startObserve,
  startWebhook,
} from '../../src/webhook/index.ts'
import type { Running } from '../run.ts'
import { writeTo } from '../writeTo.ts'
import { readStsCa, readText } from './settings.ts'

/** While answers ask clients to close their connections, and for reviews under way. */
const SHED = 1000
const FINISH = 10_000

/** How often the certificate files are looked at, in milliseconds, and who writes a line of the log. */
type Seams = { readonly certificatePoll?: number; readonly write?: (line: string) => void }

/** The webhook: from its configuration to a server that answers reviews over TLS. */
export async function startWebhookCommand(config: ConfigOf<'webhook'>, seams: Seams = {}): Promise<Running> {
  const { certificatePoll = 10_000, write = writeTo(1) } = seams
  const log = createLog({ level: config['log.level'], now: Date.now, write })
  const metrics = webhookMetrics({ version: VERSION })
  const stsCa = readStsCa(config)
  const decide = (pod: unknown, { namespace }: { readonly namespace: string }): ReturnType<typeof admit> =>
    admit(pod, { namespace, config, version: VERSION, ...(stsCa !== undefined && { stsCa }) })
  // Fractions of milliseconds, for the durations.
  const now = (): number => performance.timeOrigin + performance.now()
  const app = createWebhook({ admit: decide, log, metrics, now, maxBodyBytes: config['webhook.maxBodyBytes'] })
  const tls = await certificateFiles({
    certFile: config['tls.certFile'],
    keyFile: config['tls.keyFile'],
    read: async (path) => readText(path, path === config['tls.keyFile'] ? 'tls.keyFile' : 'tls.certFile'),
  })
  let ready = true
  const host = config['webhook.address']
  const server = await startWebhook({ app, host, port: config['webhook.port'], tls, log, now, metrics })
  const observe = await startObserve({ host, port: config['webhook.metricsPort'], ready: () => ready, metrics })
  const unfollow = follow(tls, log, certificatePoll)
  log.info('webhook started', { version: VERSION, port: server.port, metricsPort: observe.port })
  const stop = async (): Promise<void> => {
    unfollow()
    const notReady = (): void => {
      ready = false
    }
    const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
      sleep(milliseconds, undefined, { signal }).catch(() => {})
    await drain({
      server,
      notReady,
      sleep: wait,
      log,
      waitFor: config['webhook.drain'] * 1000,
      shedFor: SHED,
      finishWithin: FINISH,
    })
    await observe.close()
  }
  return { stop }
}

/** Polled, since a Secret volume swaps a symbolic link above the files, which file watches miss. */
function follow(tls: CertificateFiles, log: Log, every: number): () => void {
  const timer = setInterval(() => {
    tls.reload().catch((thrown: unknown) => log.error('certificate files not taken over', { error: toFailure(thrown) }))
  }, every)
  return () => clearInterval(timer)
}
