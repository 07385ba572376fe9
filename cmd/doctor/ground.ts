import process from 'node:process'
import { createGround, type Ground, type IdentityGround } from '../../src/doctor/index.ts'
import { failOn } from '../../src/errors/index.ts'
import { clusterReader } from '../../src/kubernetes/index.ts'
import { createOutbound } from '../../src/outbound/index.ts'
import { type ConfigOf, readConfig } from '../../src/settings/index.ts'
import { VERSION } from '../../src/version.ts'
import { clusterClock } from '../clusterClock.ts'
import { parseYaml } from '../configFile.ts'
import { openOwnCluster } from '../ownCluster.ts'
import { proxyOf } from '../proxy.ts'
import { systemClock } from '../systemClock.ts'
import { contradictions } from '../webhook/settings.ts'
import { identityFromOutside } from './identity.ts'
import type { Options } from './options.ts'

const PUBLIC = { connectTimeout: 5_000, totalTimeout: 10_000, maxBytes: 1_048_576 } as const

type Opened = { readonly ground: Ground & IdentityGround; readonly close: () => void }

/**
 * The cluster of KUBECONFIG, by the caller's own rights. Throws Failure ClusterConfigurationMissing, SettingInvalid,
 * FileUnreadable.
 */
export async function openGround(options: Options): Promise<Opened> {
  const { systemNamespace, isDryRunAllowed } = options
  const cluster = await openOwnCluster(options)
  const target = options.targetIn(cluster.namespace)
  const { now } = await clusterClock(cluster, systemClock)
  const ground = createGround({
    ...{ target, systemNamespace, isDryRunAllowed, readWebhookConfig, now },
    version: VERSION,
    cluster: clusterReader(cluster),
    // At each call: a proxy that this Node cannot use is told where something is asked by it.
    fetchPublic: (request, signal) =>
      createOutbound({ ...PUBLIC, ...proxyOf(process.env), now, version: VERSION })(request, signal),
  })
  const identity = identityFromOutside(ground, options)
  return { ground: { ...ground, ...identity }, close: cluster.close }
}

/** As the webhook reads it, of its file alone. */
function readWebhookConfig(text: string, title: string): ConfigOf<'webhook'> {
  const { values, problems } = readConfig('webhook', { file: parseYaml(text, title) })
  failOn([...problems, ...contradictions(values, problems)])
  return values
}
