import type { JsonObject } from '../../json/index.ts'
import { invalidAnswer } from '../explain.ts'
import { type Failed, failed, type Outcome } from '../judge.ts'
import type { ClusterRequest } from '../types.ts'

/** A collection, or the part of one that a selector leaves. */
export type Collection = {
  readonly path: string
  /** As messages name it. */
  readonly title: string
  readonly query?: Readonly<Record<string, string>>
  /** How many objects a list asks for at a time; all at once where it is not said. */
  readonly pageSize?: number
  readonly metadataOnly?: boolean
  /** A list passes over the objects whose text holds none of these, without looking at them. */
  readonly mentions?: readonly string[]
}

export type Change = 'ADDED' | 'MODIFIED' | 'DELETED'

/** Who is told of a collection. */
export type Follower = {
  /** A list begins. One that breaks off never ends, and what was told of it does not count. */
  readonly listing: () => Listing
  readonly changed: (change: Change, object: JsonObject) => void
  /** All that there is has been told up to now. */
  readonly synced: () => void
  /** From now on, and until it is synced again, there may be more than has been told. */
  readonly interrupted?: () => void
}

export type Listing = {
  readonly add: (item: JsonObject) => void
  /** All that there was has been added. */
  readonly end: () => void
}

/** How a list or a watch ended: as it should, to be watched on from the version; with one that is too old; or badly. */
export type TurnEnd = { readonly kind: 'ended'; readonly version: string } | { readonly kind: 'gone' } | Failed

/** What the answer to a list or a watch means that is no list and no watch. */
export const refused = (outcome: Outcome, request: ClusterRequest): TurnEnd =>
  outcome.kind === 'failed' || outcome.kind === 'gone'
    ? outcome
    : failed(invalidAnswer(request, `${outcome.kind}, which was not asked for`))

export function requestFor(
  verb: 'list' | 'watch',
  { path, title, query, pageSize, metadataOnly = false }: Collection,
  more: Readonly<Record<string, string>> = {},
): ClusterRequest {
  // A hundred pages need no hundred handshakes.
  const keepConnection = verb === 'list' && pageSize !== undefined
  return { verb, title, path: `${path}?${new URLSearchParams({ ...query, ...more })}`, metadataOnly, keepConnection }
}
