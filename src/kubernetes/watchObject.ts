import type { JsonObject } from '../json/index.ts'
import { objectAt, versionOf } from './json.ts'
import type { ObjectPlace } from './places.ts'
import type { Cluster } from './types.ts'
import { follow, type WatchLog } from './watch/follow.ts'

export type WatchOptions = {
  /** The object is another than before, or is gone, or has come; the first time, whatever it is. */
  readonly onChange: () => void
  /** Up to this instant nothing was missed, in Unix seconds. */
  readonly onSync: (unixSeconds: number) => void
  readonly log: WatchLog
}

/**
 * Watches one object, by its name, so that rights to that name suffice. Heals by itself; what it gives back stops it, and
 * the promise resolves when nothing is told any more.
 */
export function watchObject(cluster: Cluster, place: ObjectPlace, options: WatchOptions): () => Promise<void> {
  const { onChange, onSync, log } = options
  const { collection: path, name, title } = place
  let last: string | undefined
  const see = (now: string): void => {
    if (now === last) return
    last = now
    onChange()
  }
  return follow(cluster, {
    collection: { path, title, query: { fieldSelector: `metadata.name=${name}` } },
    follower: {
      listing: () => {
        let found: JsonObject | undefined
        return {
          add: (object) => {
            found = object
          },
          end: () => see(identify(found)),
        }
      },
      changed: (change, object) => see(identify(change === 'DELETED' ? undefined : object)),
      synced: () => onSync(Math.floor(cluster.clock.now() / 1_000)),
    },
    log,
  })
}

/** Another object of the same name has another uid. */
const identify = (object: JsonObject | undefined): string =>
  object === undefined ? 'absent' : `${String(objectAt(object, 'metadata')?.['uid'])} ${versionOf(object)}`
