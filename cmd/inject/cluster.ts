import process from 'node:process'
import { liveLookup, loadCluster, readConfigMap } from '../../src/kubernetes/index.ts'
import { VERSION } from '../../src/version.ts'
import type { Lookup } from '../../src/webhook/index.ts'
import { systemClock } from '../systemClock.ts'

/** What is asked of the cluster, by the caller's own kubeconfig and rights. */
export type LiveCluster = {
  readonly lookup: Lookup
  /** The webhook's configuration file, by the chart's names. Rejects with a Failure of the area `cluster`. */
  readonly readConfig: (namespace: string) => Promise<string>
  readonly close: () => void
}

export const CONFIG_MAP = { name: 'lanyard-webhook', key: 'config.yaml' } as const

/** Throws Failure ClusterConfigurationMissing. */
export function openCluster(): LiveCluster {
  const places = { env: process.env, home: process.env['HOME'] }
  const cluster = loadCluster({ ...places, clock: systemClock, random: Math.random, version: VERSION })
  return {
    lookup: liveLookup(cluster),
    readConfig: (namespace) => readConfigMap(cluster, { namespace, ...CONFIG_MAP }),
    close: cluster.close,
  }
}
