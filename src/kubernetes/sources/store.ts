import type { JsonObject } from '../../json/index.ts'
import { invalidAnswer } from '../explain.ts'
import type { Clock, ClusterRequest, Milliseconds, Verb } from '../types.ts'
import type { Follower } from '../watch/types.ts'
import { holdAnnotations } from './held.ts'
import { type Annotations, type Metadata, readMetadata } from './metadata.ts'

/** What a watch has told, as long as nothing can have been missed. */
export type Store = {
  /** Undefined where nothing is held, or what is held may be out of date. */
  readonly get: (key: string) => Annotations | undefined
  readonly follower: Follower
  /** Of how many objects something is held. */
  readonly size: () => number
}

/** Bookmarks come each minute: when the next one is overdue, the connection may be dead. */
const freshFor: Milliseconds = 90_000
/** Far above what the annotations of an object need, and far below what the webhook may use. */
const bounds = { each: 32 * 1024, all: 16 * 1024 * 1024 }

export function createStore({ uptime }: Pick<Clock, 'uptime'>, title: string): Store {
  let held = holdAnnotations(bounds)
  let syncedAt: Milliseconds | undefined
  const isFresh = (): boolean => syncedAt !== undefined && uptime() - syncedAt < freshFor
  const follower: Follower = {
    listing: () => {
      const next = holdAnnotations(bounds)
      return {
        add: (object) => {
          const metadata = read(object, title, 'list')
          next.set(keyOf(metadata), metadata.annotations)
        },
        end: () => {
          held = next
        },
      }
    },
    changed: (change, object) => {
      const metadata = read(object, title, 'watch')
      if (change === 'DELETED') held.delete(keyOf(metadata))
      else held.set(keyOf(metadata), metadata.annotations)
    },
    synced: () => {
      syncedAt = uptime()
    },
    interrupted: () => {
      syncedAt = undefined
    },
  }
  return { get: (key) => (isFresh() ? held.get(key) : undefined), follower, size: () => held.size() }
}

/** No two objects have the same: names hold no `/`. */
export const keyOf = ({ namespace, name }: Pick<Metadata, 'namespace' | 'name'>): string => `${namespace}/${name}`

function read(object: JsonObject, title: string, verb: Verb): Metadata {
  const metadata = readMetadata(object)
  const request: ClusterRequest = { title, verb, path: '' }
  if (metadata === undefined) throw invalidAnswer(request, 'an object has no name, or annotations that are no text')
  return metadata
}
