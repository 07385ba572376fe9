import process from 'node:process'
import { Failure, toFailure } from '../../src/errors/index.ts'
import {
  loadCluster,
  secretPlace,
  secretStore,
  trustStore,
  watchObject,
  webhookConfigurationPlace,
} from '../../src/kubernetes/index.ts'
import type { WebhookMetrics } from '../../src/metrics/index.ts'
import type { ConfigOf } from '../../src/settings/index.ts'
import type { Log } from '../../src/terminal/log.ts'
import { VERSION } from '../../src/version.ts'
import {
  type CertificateFiles,
  type CertificateSource,
  certificateFiles,
  startAuthority,
} from '../../src/webhook/index.ts'
import { systemClock } from '../systemClock.ts'
import { readText } from './settings.ts'

type Parts = { readonly log: Log; readonly metrics: WebhookMetrics; readonly certificatePoll: number }
export type Certificates = {
  readonly source: CertificateSource
  /** Whether the API server trusts what is served, as far as it can be known here. */
  readonly trusted: () => boolean
  stop(): Promise<void>
}

/** The certificate that the webhook serves, once there is one: of files, or of the built-in authority. */
export function openCertificates(config: ConfigOf<'webhook'>, parts: Parts): Promise<Certificates> {
  const { 'tls.certFile': certFile, 'tls.keyFile': keyFile, 'tls.namespace': namespace } = config
  if (certFile !== undefined && keyFile !== undefined) return openFiles({ certFile, keyFile }, parts)
  // readSettings has seen to it that one or the other is there.
  if (namespace === undefined)
    throw new Failure({ code: 'SettingMissing', field: 'tls.namespace', message: 'no value' })
  return openAuthority(config, namespace, parts)
}

async function openFiles(
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
  { log, certificatePoll }: Parts,
): Promise<Certificates> {
  const read = async (path: string): Promise<string> =>
    readText(path, path === keyFile ? 'tls.keyFile' : 'tls.certFile')
  const source = await certificateFiles({ certFile, keyFile, read })
  const unfollow = follow(source, log, certificatePoll)
  return { source, trusted: () => true, stop: async () => unfollow() }
}

/** Polled, since a Secret volume swaps a symbolic link above the files, which file watches miss. */
function follow(files: CertificateFiles, log: Log, every: number): () => void {
  let told: string | undefined
  const reload = async (): Promise<void> => {
    try {
      await files.reload()
      told = undefined
    } catch (thrown) {
      const error = toFailure(thrown)
      if (error.message !== told) log.error('certificate files not taken over', { error })
      told = error.message
    }
  }
  const timer = setInterval(() => void reload(), every)
  return () => clearInterval(timer)
}

async function openAuthority(config: ConfigOf<'webhook'>, namespace: string, parts: Parts): Promise<Certificates> {
  const { log, metrics } = parts
  const places = { env: process.env, home: process.env['HOME'] }
  const cluster = loadCluster({ ...places, clock: systemClock, random: Math.random, version: VERSION })
  const where = {
    secret: { namespace, name: config['tls.caSecret'] },
    trust: { name: config['tls.webhookConfiguration'] },
  }
  const authority = startAuthority({
    secret: secretStore(cluster, where.secret),
    trust: trustStore(cluster, where.trust),
    clock: systemClock,
    random: Math.random,
    settings: authoritySettings(config, namespace),
    log,
    metrics,
  })
  const watches = [
    { place: secretPlace(where.secret), resource: 'secrets' as const },
    { place: webhookConfigurationPlace(where.trust), resource: 'mutatingwebhookconfigurations' as const },
  ].map(({ place, resource }) => {
    const onSync = (unixSeconds: number): void => metrics.watchSynced(resource, unixSeconds)
    return watchObject(cluster, place, { onChange: authority.changed, onSync, log })
  })
  await authority.ready()
  const stop = async (): Promise<void> => {
    authority.stop()
    await Promise.all(watches.map((end) => end()))
    cluster.close()
  }
  return { source: authority, trusted: authority.trusted, stop }
}

function authoritySettings(config: ConfigOf<'webhook'>, namespace: string) {
  const milliseconds = (seconds: number): number => seconds * 1_000
  return {
    namespace,
    service: config['tls.service'],
    caLifetime: milliseconds(config['tls.caLifetime']),
    certificateLifetime: milliseconds(config['tls.certificateLifetime']),
    settle: milliseconds(config['tls.settle']),
  }
}
