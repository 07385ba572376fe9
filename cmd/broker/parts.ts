import { createSts } from '../../src/aws/index.ts'
import { type Broker, createBroker, createProvider, type LoginIssuers, type Provider } from '../../src/broker/index.ts'
import type { Clock } from '../../src/credentials/index.ts'
import type { Sts } from '../../src/federation/index.ts'
import type { BrokerMetrics } from '../../src/metrics/index.ts'
import { createOutbound } from '../../src/outbound/index.ts'
import { VERSION } from '../../src/version.ts'
import type { BrokerConfig } from './settings.ts'

export type Parts = {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly issuers: LoginIssuers
  readonly signal: AbortSignal
}

type Needed = Pick<Sts, 'assumeRoleWithWebIdentity'>

const STS_TIMEOUTS = { connectTimeout: 2_000, totalTimeout: 10_000 }
/** A user waits in front of a page. */
const PROVIDER_TIMEOUTS = { connectTimeout: 3_000, totalTimeout: 5_000 }
/** Discovery documents and keys have a few kB. */
const MOST_OF_AN_ANSWER = 131_072

/** The broker with all that it asks of others. Throws Failure SettingInvalid for what cannot be used of them. */
export function openBroker(parts: Parts, timedBy: (sts: Needed) => Needed): Broker {
  const { config, clock, signal } = parts
  return createBroker({
    providers: openProviders(parts),
    roles: config['broker.roles'],
    sts: timedBy(openSts(parts)),
    clock,
    signal,
    requestsPerMinute: config['broker.requestsPerMinute'],
    requestsPerSecond: config['broker.requestsPerSecond'],
    cacheEntries: config['broker.cacheEntries'],
  })
}

const proxyOf = (config: BrokerConfig) => ({ proxy: config['outbound.proxy'], noProxy: config['outbound.noProxy'] })

/** Each with authorities of its own. */
function openProviders({ config, clock, issuers }: Parts): ReadonlyMap<string, Provider> {
  const open = (ca: string | undefined) =>
    createOutbound({
      ...PROVIDER_TIMEOUTS,
      ...proxyOf(config),
      ca,
      maxBytes: MOST_OF_AN_ANSWER,
      now: clock.now,
      version: VERSION,
    })
  return new Map(
    [...config['broker.providers']].map(([name, declared]) => [
      name,
      createProvider(declared, { issuers, clock, outbound: open(declared.ca) }),
    ]),
  )
}

const openSts = ({ config, clock }: Parts): Sts =>
  createSts({
    ...STS_TIMEOUTS,
    ...proxyOf(config),
    region: config['sts.region'],
    endpoint: config['sts.endpoint'],
    fips: config['aws.fips'],
    dualStack: config['aws.dualStack'],
    ca: config['sts.ca'],
    now: clock.now,
    version: VERSION,
  })

/** STS with its durations measured, by a clock that nobody sets. */
export const timed =
  (record: BrokerMetrics['stsRequest'], uptime: Clock['uptime']) =>
  (sts: Needed): Needed => ({
    assumeRoleWithWebIdentity: async (...asked) => {
      const began = uptime()
      try {
        return await sts.assumeRoleWithWebIdentity(...asked)
      } finally {
        record('AssumeRoleWithWebIdentity', (uptime() - began) / 1_000)
      }
    },
  })
