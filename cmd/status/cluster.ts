import { type Cluster, clusterReader } from '../../src/kubernetes/index.ts'
import { fleetOf, type Looking, type Reader } from '../../src/status/index.ts'
import { clusterClock } from '../clusterClock.ts'
import { openOwnCluster } from '../ownCluster.ts'
import { systemClock } from '../systemClock.ts'
import type { Options } from './options.ts'

export type Opened = { readonly looking: Looking; readonly close: () => void }

/** The cluster of the caller's kubeconfig, by the caller's own rights. Throws Failure ClusterConfigurationMissing. */
export async function openFleet(options: Options): Promise<Opened> {
  const { isEverywhere, selector, systemNamespace, timeout } = options
  const cluster = await openOwnCluster(options)
  const namespace = isEverywhere ? undefined : (options.namespace ?? cluster.namespace ?? 'default')
  const fleet = fleetOf(readerOf(cluster), { namespace, selector, systemNamespace })
  const clock = await clusterClock(cluster, systemClock)
  return { looking: { fleet, clock, namespace, selector, timeout }, close: cluster.close }
}

const readerOf = (cluster: Cluster): Reader => ({
  get: clusterReader(cluster).get,
  text: (place, signal) => {
    const closed = AbortSignal.any([cluster.closed, signal])
    return clusterReader({ ...cluster, closed }).text(place)
  },
})
