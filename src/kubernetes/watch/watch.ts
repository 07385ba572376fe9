import { type JsonObject, parseObject } from '../../json/index.ts'
import { startDeadline } from '../deadline.ts'
import { answerWithin, mostItemBytes, readAnswer } from '../exchange.ts'
import { explainThrown, failureOf, invalidAnswer, outOfTime, quote } from '../explain.ts'
import { objectAt, versionOf } from '../json.ts'
import { failed, judge } from '../judge.ts'
import type { Cluster, ClusterRequest, Reply } from '../types.ts'
import { splitLines } from './lines.ts'
import { type Change, type Collection, type Follower, refused, requestFor, type TurnEnd } from './types.ts'

/** How long the server is asked to keep a watch open, in seconds; spread, so that replicas do not come back together. */
const secondsOf = (random: number): number => Math.round(270 + 60 * random)
/** How many seconds later a connection on which it did not end is taken for dead. */
const grace = 30

type Start = { readonly collection: Collection; readonly version: string }

/** Watches from a version on until the watch ends, and tells of every change. Never rejects. */
export async function watch(
  cluster: Cluster,
  { collection, version }: Start,
  follower: Follower,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const seconds = secondsOf(cluster.random())
  const request = requestFor('watch', collection, {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: version,
    timeoutSeconds: String(seconds),
  })
  let within = answerWithin
  const deadline = startDeadline(cluster.clock, within, signal)
  try {
    const reply = await cluster.open(request, deadline.signal)
    if (reply.status !== 200) return refused(judge(await readAnswer(reply, request), request), request)
    within = (seconds + grace) * 1_000
    deadline.renew(within)
    return await readEvents(reply, { request, version, follower, signal })
  } catch (thrown) {
    return failed(deadline.expired() ? outOfTime(request, within) : explainThrown(thrown, request))
  } finally {
    deadline.end()
  }
}

type Reading = {
  readonly request: ClusterRequest
  readonly version: string
  readonly follower: Follower
  readonly signal: AbortSignal
}

async function readEvents(reply: Reply, { request, version, follower, signal }: Reading): Promise<TurnEnd> {
  let current = version
  const lines = splitLines(reply.body, mostItemBytes, (what) =>
    invalidAnswer(request, `a line of the watch is ${what}`),
  )
  for await (const line of lines) {
    if (signal.aborted) break
    const { type, object } = parseEvent(line, request)
    if (type === 'ERROR') return errorEvent(object, reply, request)
    current = versionOf(object) ?? current
    if (type !== 'BOOKMARK') follower.changed(type, object)
    follower.synced()
  }
  return { kind: 'ended', version: current }
}

type WatchEvent = { readonly type: Change | 'BOOKMARK' | 'ERROR'; readonly object: JsonObject }

function parseEvent(line: string, request: ClusterRequest): WatchEvent {
  const event = parseObject(line)
  const object = objectAt(event, 'object')
  const type = typeOf(event?.['type'])
  const isWhole = type === 'ERROR' || versionOf(object) !== undefined
  if (type !== undefined && object !== undefined && isWhole) return { type, object }
  throw invalidAnswer(request, 'a line of the watch is no event')
}

function typeOf(type: unknown): WatchEvent['type'] | undefined {
  const known: readonly WatchEvent['type'][] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']
  return known.find((each) => each === type)
}

/** Its object is a Status: 410 where the version became too old meanwhile. */
function errorEvent(status: JsonObject, { secrets }: Reply, request: ClusterRequest): TurnEnd {
  if (status['code'] === 410) return { kind: 'gone' }
  const words = quote(status['message'], secrets)
  return failed(failureOf('ClusterUnreachable', request, `the watch was ended${words === '' ? '' : `: ${words}`}`))
}
