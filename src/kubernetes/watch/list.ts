import { askOnce } from '../exchange.ts'
import { explainThrown, invalidAnswer } from '../explain.ts'
import { isObject, versionOf } from '../json.ts'
import { failed } from '../judge.ts'
import type { Cluster } from '../types.ts'
import { type Collection, type Follower, requestFor, type TurnEnd } from './types.ts'

/** Lists the collection, in one page, and tells of it. Never rejects. */
export async function list(
  cluster: Cluster,
  collection: Collection,
  follower: Follower,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const request = requestFor('list', collection)
  const outcome = await askOnce(cluster, request, signal)
  if (outcome.kind === 'failed') return outcome
  if (outcome.kind !== 'answered' || signal.aborted) return { kind: 'gone' }
  const version = versionOf(outcome.value)
  const items = outcome.value['items'] ?? []
  if (version === undefined || !Array.isArray(items) || !items.every(isObject)) {
    return failed(invalidAnswer(request, 'the answer is no list'))
  }
  try {
    follower.listed(items)
    follower.synced()
    return { kind: 'ended', version }
  } catch (thrown) {
    return failed(explainThrown(thrown, request))
  }
}
