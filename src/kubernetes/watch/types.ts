import type { Failed } from '../judge.ts'
import type { ClusterRequest, JsonObject } from '../types.ts'

/** A collection, or the part of one that a selector leaves. */
export type Collection = {
  readonly path: string
  /** As messages name it. */
  readonly title: string
  readonly query: Readonly<Record<string, string>>
}

export type Change = 'ADDED' | 'MODIFIED' | 'DELETED'

/** Who is told of a collection. */
export type Follower = {
  readonly listed: (items: readonly JsonObject[]) => void
  readonly changed: (change: Change, object: JsonObject) => void
  /** All that there is has been told up to now. */
  readonly synced: () => void
}

/** How a list or a watch ended: as it should, to be watched on from the version; with one that is too old; or badly. */
export type TurnEnd = { readonly kind: 'ended'; readonly version: string } | { readonly kind: 'gone' } | Failed

export function requestFor(
  verb: 'list' | 'watch',
  { path, title, query }: Collection,
  more: Readonly<Record<string, string>> = {},
): ClusterRequest {
  return { verb, title, path: `${path}?${new URLSearchParams({ ...query, ...more })}` }
}
