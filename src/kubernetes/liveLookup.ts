import type { Lookup } from '../webhook/lookup.ts'
import { namespacePlace, serviceAccountPlace } from './places.ts'
import { createLive } from './sources/live.ts'
import { isName } from './sources/metadata.ts'
import type { Cluster } from './types.ts'

/** Asks the API server itself each time, which is all that a command needs: it has a few questions and no time to watch. */
export function liveLookup(cluster: Cluster): Lookup {
  const live = createLive(cluster)
  return {
    serviceAccount: async (namespace, name) =>
      isName(namespace) && isName(name) ? await live(serviceAccountPlace({ namespace, name })) : {},
    namespace: async (name) => (isName(name) ? await live(namespacePlace(name)) : {}),
  }
}
