import { liveLookup, readConfigMap } from '../../src/kubernetes/index.ts'
import type { Lookup } from '../../src/webhook/index.ts'
import { openOwnCluster } from '../ownCluster.ts'

/** What is asked of the cluster, by the caller's own kubeconfig and rights. */
export type LiveCluster = {
  readonly lookup: Lookup
  /** The webhook's configuration file, by the chart's names. Rejects with a Failure of the area `cluster`. */
  readonly readConfig: (namespace: string) => Promise<string>
  readonly close: () => void
}

export const CONFIG_MAP = { name: 'lanyard-webhook', key: 'config.yaml' } as const

/** Rejects with Failure ClusterConfigurationMissing. */
export async function openCluster(): Promise<LiveCluster> {
  const cluster = await openOwnCluster({})
  return {
    lookup: liveLookup(cluster),
    readConfig: (namespace) => readConfigMap(cluster, { namespace, ...CONFIG_MAP }),
    close: cluster.close,
  }
}
