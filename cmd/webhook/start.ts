import { setTimeout as sleep } from 'node:timers/promises'
import { webhookMetrics } from '../../src/metrics/index.ts'
import type { ConfigOf } from '../../src/settings/index.ts'
import { createLog, type Log } from '../../src/terminal/log.ts'
import { VERSION } from '../../src/version.ts'
import {
  admitPods,
  createWebhook,
  drain,
  type StoppableServer,
  startObserve,
  startWebhook,
} from '../../src/webhook/index.ts'
import type { Running } from '../run.ts'
import { writeTo } from '../writeTo.ts'
import { openCertificates } from './certificates.ts'
import { readStsCa } from './settings.ts'
import { openSources, warnOfPermission } from './sources.ts'

/** While answers ask clients to close their connections, and for reviews under way: 11 s at most, which the chart adds. */
const SHED = { least: 100, quiet: 2_000, most: 6_000 }
const FINISH = 5_000

/** How often the certificate files are looked at, in milliseconds, and who writes a line of the log. */
type Seams = { readonly certificatePoll?: number; readonly write?: (line: string) => void }

/** The webhook: from its configuration to a server that answers reviews over TLS, by a certificate that is trusted. */
export async function startWebhookCommand(config: ConfigOf<'webhook'>, seams: Seams = {}): Promise<Running> {
  const { certificatePoll = 10_000, write = writeTo(1) } = seams
  const log = createLog({ level: config['log.level'], now: Date.now, write })
  const metrics = webhookMetrics({ version: VERSION })
  const stsCa = readStsCa(config)
  warnOfPermission(config, log)
  // Fractions of milliseconds, for the durations.
  const now = (): number => performance.timeOrigin + performance.now()
  const host = config['webhook.address']
  // From the first moment: what waits for the API server is alive, and not ready.
  let ready = (): boolean => false
  const observe = await startObserve({ host, port: config['webhook.metricsPort'], ready: () => ready(), metrics })
  const sources = await openSources(config, { log, metrics })
  const ground = { config, version: VERSION, ...(stsCa !== undefined && { stsCa }) }
  const admit = admitPods(ground, sources.lookup)
  const app = createWebhook({ admit, log, metrics, now, maxBodyBytes: config['webhook.maxBodyBytes'] })
  const certificates = await openCertificates(config, { log, metrics, certificatePoll })
  await sources.ready()
  const tls = certificates.source
  const server = await startWebhook({ app, host, port: config['webhook.port'], tls, log, now, metrics })
  ready = certificates.trusted
  log.info('webhook started', { version: VERSION, port: server.port, metricsPort: observe.port })
  const stop = async (): Promise<void> => {
    const notReady = (): void => {
      ready = () => false
    }
    await drainServer(server, { notReady, log, seconds: config['webhook.drain'] })
    await certificates.stop()
    await sources.stop()
    await observe.close()
  }
  return { stop }
}

type Draining = { readonly notReady: () => void; readonly log: Log; readonly seconds: number }

function drainServer(server: StoppableServer, { notReady, log, seconds }: Draining): ReturnType<typeof drain> {
  const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    sleep(milliseconds, undefined, { signal }).catch(() => {})
  // Who wants no drain waits for no silence either.
  const quiet = Math.max(SHED.least, Math.min(SHED.quiet, seconds * 1_000))
  return drain({
    server,
    notReady,
    sleep: wait,
    log,
    waitFor: seconds * 1000,
    shed: { quiet, most: SHED.most },
    finishWithin: FINISH,
  })
}
