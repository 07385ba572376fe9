import { randomBytes } from 'node:crypto'
import { type Broker, LOGIN_ISSUERS, type LoginIssuers, startUserEndpoint } from '../../src/broker/index.ts'
import type { Clock } from '../../src/credentials/index.ts'
import { prepareTokens, restAfterBursts, startHealth } from '../../src/endpoint/index.ts'
import { type BrokerMetrics, brokerMetrics } from '../../src/metrics/index.ts'
import { createLog, type Log } from '../../src/terminal/log.ts'
import { VERSION } from '../../src/version.ts'
import type { Running } from '../run.ts'
import { memoryKeeper, v8Collector } from '../sidecar/memory.ts'
import { openBroker, timed } from './parts.ts'
import { recordOutcomes } from './record.ts'
import { type BrokerConfig, danglingRoles, readBrokerSettings } from './settings.ts'

export type Start = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly write: (line: string) => void
  readonly clock: Clock
  /** Who Google and Apple are. */
  readonly issuers?: LoginIssuers
}

/** The broker: from its variables to two servers that answer. Throws Failure with every problem of its variables. */
export async function startBroker({ env, write, clock, issuers = LOGIN_ISSUERS }: Start): Promise<Running> {
  const config = readBrokerSettings(env)
  const log = createLog({ level: config['log.level'], now: clock.now, write })
  for (const names of danglingRoles(config)) log.warn('role names a provider that is not there', names)
  const ending = new AbortController()
  const names = { providers: [...config['broker.providers'].keys()], roles: [...config['broker.roles'].keys()] }
  const metrics = brokerMetrics({ version: VERSION, ...names, entries: () => broker.entries() })
  const broker = openBroker({ config, clock, issuers, signal: ending.signal }, timed(metrics.stsRequest, clock.uptime))
  const close = await serve({ config, clock, log, metrics, broker })
  const { 'broker.port': port, 'broker.metricsPort': metricsPort } = config
  log.info('broker started', { version: VERSION, ...names, port, metricsPort })
  return {
    stop: async () => {
      await close()
      ending.abort()
      log.info('broker stopped')
    },
  }
}

type Serving = {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly log: Log
  readonly metrics: BrokerMetrics
  readonly broker: Broker
}

async function serve({ config, clock, log, metrics, broker }: Serving): Promise<() => Promise<void>> {
  const onFailure = (error: unknown): void => log.error('something failed', { error })
  const onActivity = restAfterBursts(memoryKeeper(v8Collector()), (time, act) => void setTimeout(act, time).unref())
  const endpoint = await startUserEndpoint({
    port: config['broker.port'],
    broker,
    tokens: prepareTokens({
      directory: config['broker.tokensDirectory'],
      containers: config['broker.containers'],
      random: randomBytes,
    }),
    onOutcome: recordOutcomes({ log, metrics, uptime: clock.uptime }),
    onFailure,
    onActivity,
  })
  const health = await startHealth({
    port: config['broker.metricsPort'],
    setting: 'LANYARD_BROKER_METRICS_PORT',
    // It is ready as soon as it listens: whom it gives what, the next request decides.
    sessions: [],
    gate: { passed: () => true, opened: Promise.resolve() },
    metrics: metrics.text,
    now: clock.now,
    onFailure,
    onActivity,
  })
  return async () => {
    await Promise.all([endpoint.close(), health.close()])
  }
}
