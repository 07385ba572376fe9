import process from 'node:process'
import {
  loadCluster,
  secretPlace,
  secretStore,
  trustStore,
  watchObject,
  webhookConfigurationPlace,
} from '../../src/kubernetes/index.ts'
import type { ConfigOf } from '../../src/settings/index.ts'
import { VERSION } from '../../src/version.ts'
import { startAuthority } from '../../src/webhook/authority/index.ts'
import { systemClock } from '../systemClock.ts'
import type { CertificateParts, Certificates } from './types.ts'

/** The certificate of the built-in authority, once every caBundle trusts it. Throws Failure ClusterConfigurationMissing. */
export async function openAuthority(
  config: ConfigOf<'webhook'>,
  namespace: string,
  parts: CertificateParts,
): Promise<Certificates> {
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
