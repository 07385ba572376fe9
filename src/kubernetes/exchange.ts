import type { Failure } from '../errors/index.ts'
import type { JsonObject } from '../json/index.ts'
import type { WriteResult } from '../webhook/authority/ports.ts'
import { backoff } from './backoff.ts'
import { pause, startDeadline } from './deadline.ts'
import { explainEnd, invalidAnswer } from './explain.ts'
import { type Answer, failed, isUnreachable, judge, type Outcome } from './judge.ts'
import { type ObjectPlace, pathOf } from './places.ts'
import type { Cluster, ClusterRequest, Milliseconds, Reply } from './types.ts'

/** From the connection to the last byte of the answer, for one attempt. */
export const answerWithin: Milliseconds = 5_000
/** Above every object that the API server keeps: etcd takes 1.5 MiB. */
export const mostBytes = 4 * 1024 * 1024
/**
 * Of one object of a list or a watch: etcd takes 1.5 MiB, and JSON may spell a byte of it in six (\u003c for <). One that
 * anybody can make must not end the whole list.
 */
export const mostItemBytes = 12 * 1024 * 1024
const mostAttempts = 3
const between = { first: 500, cap: 5_000 }

/**
 * Reads an object from the API server itself, never from a cache.
 * @throws Failure of the area `cluster`.
 */
export async function readObject(cluster: Cluster, place: ObjectPlace): Promise<JsonObject> {
  const request: ClusterRequest = { verb: 'get', title: place.title, path: pathOf(place) }
  const outcome = await persist(cluster, request)
  if (outcome.kind === 'answered') return outcome.value
  throw failureIn(outcome, request)
}

export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/**
 * Patches an object, unless it has changed since `version`. Setting the version makes the API server compare it with the
 * stored one and answer 409; a `test` would be answered 422, like everything else that is wrong with a patch.
 * @throws Failure of the area `cluster`.
 */
export async function patchObject(
  cluster: Cluster,
  place: ObjectPlace,
  { version, operations, secrets }: Patch,
): Promise<WriteResult> {
  const lock: PatchOperation = { op: 'replace', path: '/metadata/resourceVersion', value: version }
  const patch = JSON.stringify([lock, ...operations])
  const request: ClusterRequest = { verb: 'patch', title: place.title, path: pathOf(place), patch, secrets }
  const outcome = await persist(cluster, request)
  if (outcome.kind === 'answered') return 'written'
  if (outcome.kind === 'conflict') return 'conflict'
  throw failureIn(outcome, request)
}

type Patch = {
  readonly version: string
  readonly operations: readonly PatchOperation[]
  readonly secrets: readonly string[]
}

export const failureIn = (outcome: Outcome, request: ClusterRequest): Failure =>
  outcome.kind === 'failed' ? outcome.failure : invalidAnswer(request, `${outcome.kind}, which was not asked for`)

/**
 * Asks again what was not answered: patches too, for one that was made after all is a conflict the second time. A server
 * that asks for more patience than there is here gets it from whoever called.
 */
async function persist(cluster: Cluster, request: ClusterRequest): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await askOnce(cluster, request, cluster.closed)
    if (!isUnreachable(outcome)) return outcome
    if (attempt === mostAttempts || (outcome.retryAfter ?? 0) > between.cap) return outcome
    await pause(cluster.clock, backoff(between, attempt, cluster.random(), outcome.retryAfter), cluster.closed)
    if (cluster.closed.aborted) return outcome
  }
}

/** One attempt; never rejects. */
export async function askOnce(
  cluster: Cluster,
  request: ClusterRequest,
  signal: AbortSignal,
  within: Milliseconds = answerWithin,
): Promise<Outcome> {
  const deadline = startDeadline(cluster.clock, within, signal)
  try {
    return judge(await readAnswer(await cluster.open(request, deadline.signal), request), request)
  } catch (thrown) {
    return failed(explainEnd(thrown, request, deadline.expired() ? within : undefined))
  } finally {
    deadline.end()
  }
}

/** The whole answer, within bounds. */
export async function readAnswer(reply: Reply, request: ClusterRequest): Promise<Answer> {
  const { body, ...head } = reply
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > mostBytes) throw invalidAnswer(request, `the answer is longer than ${mostBytes} bytes`)
    chunks.push(chunk)
  }
  return { ...head, text: Buffer.concat(chunks).toString('utf8') }
}
