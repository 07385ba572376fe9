import { request } from 'node:http'
import { type IdentityGround, intendedOf, type SeenToken } from '../../src/doctor/identity/index.ts'
import { keyIdOf, type Outbound } from '../../src/federation/index.ts'
import { createOutbound } from '../../src/outbound/index.ts'
import { parseExposition } from '../../src/status/exposition.ts'
import { VERSION } from '../../src/version.ts'
import { allExchanges } from '../sidecar/allExchanges.ts'
import { type ExchangeParts, ownToken, TIMEOUTS } from '../sidecar/exchanges.ts'
import { type Env, readSettings, type SidecarSettings } from '../sidecar/settings.ts'
import { systemClock } from '../systemClock.ts'
import { tryExchanges } from './exchange.ts'

const PUBLIC = { connectTimeout: 5_000, totalTimeout: 15_000, maxBytes: 1_048_576 } as const

/** The ground inside the sidecar's container: its variables, its token, its own way to STS. Throws Failure with every problem. */
export function groundInPod(env: Env): IdentityGround {
  const settings = readSettings(env, allExchanges)
  const { config } = settings
  const pod = {
    namespace: config['pod.namespace'],
    pod: config['pod.name'],
    serviceaccount: config['pod.serviceAccount'],
  }
  return {
    now: systemClock.now,
    uptime: systemClock.uptime,
    intended: async () => intendedOf({ title: `pod/${pod.pod}`, pod, env }),
    live: undefined,
    token: () => seeToken(settings),
    failing: undefined,
    skew: () => skewOf(settings.values.metricsPort),
    fetchPublic: publicWay(settings),
    exchange: (signal) => tryAll(settings, signal),
    roleFile: undefined,
    providerFile: undefined,
  }
}

const publicWay = ({ config }: SidecarSettings): Outbound =>
  createOutbound({
    ...PUBLIC,
    proxy: config['outbound.proxy'],
    noProxy: config['outbound.noProxy'],
    now: systemClock.now,
    version: VERSION,
  })

async function seeToken({ config, values }: SidecarSettings): Promise<SeenToken> {
  const token = await ownToken({ config, values, now: systemClock.now })(new AbortController().signal)
  return { token, kid: keyIdOf(token.raw) }
}

function tryAll(settings: SidecarSettings, signal: AbortSignal): ReturnType<typeof tryExchanges> {
  const { config, values, plans } = settings
  const stsOptions = {
    region: values.region,
    endpoint: values.stsEndpoint,
    ca: config['sts.ca'],
    fips: config['aws.fips'],
    dualStack: config['aws.dualStack'],
    proxy: config['outbound.proxy'],
    noProxy: config['outbound.noProxy'],
    ...TIMEOUTS,
    now: systemClock.now,
    version: VERSION,
  }
  const sts = allExchanges.openSts(stsOptions)
  const parts: ExchangeParts = { ...settings, sts, now: systemClock.now, watch: (source) => source }
  return tryExchanges({ plans, stsOptions, sts, byIdentity: allExchanges.byIdentity(parts) }, signal)
}

const MOST_OF_METRICS = 1_048_576
const PATIENCE = 2_000

/** As the sidecar measured it at its last answer of STS; undefined before the first, or where it does not answer. */
async function skewOf(port: number): Promise<number | undefined> {
  const samples = parseExposition(await readMetrics(port).catch(() => ''))
  const sampleOf = (name: string): number => samples?.find((sample) => sample.name === name)?.value ?? 0
  const isKnown = sampleOf('lanyard_credentials_last_refresh_timestamp_seconds') > 0
  return isKnown ? sampleOf('lanyard_clock_skew_seconds') * 1_000 : undefined
}

function readMetrics(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/metrics', timeout: PATIENCE }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        if (text.length > MOST_OF_METRICS) response.destroy(new Error('too long'))
      })
      response.on('error', reject)
      response.on('end', () => resolve(text))
    })
    sent.on('timeout', () => sent.destroy(new Error('too late')))
    sent.on('error', reject)
    sent.end()
  })
}
