import type { Lookup } from '../webhook/lookup.ts'
import { liveLookup } from './liveLookup.ts'
import { prefixes } from './sources/metadata.ts'
import { createStore, keyOf } from './sources/store.ts'
import type { Cluster } from './types.ts'
import { follow, type WatchLog } from './watch/follow.ts'
import type { Follower } from './watch/types.ts'

export type SourceResource = 'serviceaccounts' | 'namespaces'

export type SourceOptions = {
  readonly log: WatchLog
  /** Up to this instant nothing was missed, in Unix seconds. */
  readonly onSync: (resource: SourceResource, unixSeconds: number) => void
}

export type SourceLookup = {
  readonly lookup: Lookup
  /** Resolves when both have been listed for the first time. */
  readonly ready: () => Promise<void>
  /** Ends the watches; resolves when nothing is told any more. */
  readonly stop: () => Promise<void>
}

/** Asked for at a time: some 300 kB. */
const pageSize = 500

/**
 * Watches all ServiceAccounts and namespaces, keeps what is said for Lanyard, and asks the API server for everything else,
 * so that an object that came a moment ago counts. Heals by itself.
 */
export function sourceLookup(cluster: Cluster, options: SourceOptions): SourceLookup {
  const accounts = startSource(cluster, 'serviceaccounts', options)
  const namespaces = startSource(cluster, 'namespaces', options)
  const live = liveLookup(cluster)
  return {
    lookup: {
      serviceAccount: async (namespace, name) =>
        accounts.get(keyOf({ namespace, name })) ?? (await live.serviceAccount(namespace, name)),
      namespace: async (name, now) =>
        (now ? undefined : namespaces.get(keyOf({ namespace: '', name }))) ?? (await live.namespace(name, now)),
    },
    ready: async () => void (await Promise.all([accounts.ready, namespaces.ready])),
    stop: async () => void (await Promise.all([accounts.stop(), namespaces.stop()])),
  }
}

function startSource(cluster: Cluster, resource: SourceResource, { log, onSync }: SourceOptions) {
  const { follower, get } = createStore(cluster.clock, resource)
  const first = Promise.withResolvers<void>()
  const synced: Follower['synced'] = () => {
    follower.synced()
    first.resolve()
    onSync(resource, Math.floor(cluster.clock.now() / 1_000))
  }
  const stop = follow(cluster, {
    collection: { path: `/api/v1/${resource}`, title: resource, pageSize, metadataOnly: true, mentions: prefixes },
    follower: { ...follower, synced },
    log,
  })
  return { get, ready: first.promise, stop }
}
