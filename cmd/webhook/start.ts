import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, toFailure } from '../../src/errors/index.ts'
import { admit } from '../../src/injection/index.ts'
import { webhookMetrics } from '../../src/metrics/index.ts'
import type { ConfigOf } from '../../src/settings/index.ts'
import { type Log, pinoLog } from '../../src/terminal/log.ts'
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
import { readText } from './settings.ts'

const CERTIFICATE_POLL = 10_000
const MOST_CA_BYTES = 32_768
/** While answers ask clients to close their connections, and for reviews under way. */
const SHED = 1000
const FINISH = 10_000

/** The webhook: from its configuration to a server that answers reviews over TLS. */
export async function startWebhookCommand(config: ConfigOf<'webhook'>): Promise<Running> {
  const log = pinoLog({ level: config['log.level'] })
  const metrics = webhookMetrics({ version: VERSION })
  const stsCa = readStsCa(config)
  const decide = (pod: unknown, { namespace }: { readonly namespace: string }): ReturnType<typeof admit> =>
    admit(pod, { namespace, config, version: VERSION, ...(stsCa !== undefined && { stsCa }) })
  const { now } = { now: () => performance.timeOrigin + performance.now() }
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
  const unfollow = follow(tls, log)
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
function follow(tls: CertificateFiles, log: Log): () => void {
  const timer = setInterval(() => {
    tls.reload().catch((thrown: unknown) => log.error('certificate files not taken over', { error: toFailure(thrown) }))
  }, CERTIFICATE_POLL)
  return () => clearInterval(timer)
}

function readStsCa(config: ConfigOf<'webhook'>): string | undefined {
  const path = config['aws.stsCaFile']
  if (path === undefined) return undefined
  const pem = readText(path, 'aws.stsCaFile').trim()
  if (/^-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----$/.test(pem) && pem.length <= MOST_CA_BYTES)
    return pem
  throw new Failure({
    code: 'SettingInvalid',
    field: 'aws.stsCaFile',
    message: `${path} does not hold PEM certificates of at most 32 kB`,
    fix: 'Name a file with nothing but the authorities of the STS endpoint',
  })
}
