import { backoff } from '../backoff.ts'
import { pause } from '../deadline.ts'
import type { Cluster, Milliseconds } from '../types.ts'
import { list } from './list.ts'
import type { Collection, Follower, TurnEnd } from './types.ts'
import { watch } from './watch.ts'

/** Where a watch tells that it is interrupted; the log of the process fits. */
export type WatchLog = Readonly<
  Record<'info' | 'warn' | 'debug', (event: string, fields: Readonly<Record<string, unknown>>) => void>
>

const between = { first: 1_000, cap: 30_000 }
/** A watch that lasted so long was a good one, and what comes after it is the first trouble. */
const goodAfter: Milliseconds = 30_000

type Following = { readonly collection: Collection; readonly follower: Follower; readonly log: WatchLog }

/**
 * Tells the follower what a collection holds, and then of every change, until it is stopped: lists, watches from there,
 * watches on from where a watch ended, and lists anew after any trouble. What it gives back stops it; the promise resolves
 * when nothing is told any more.
 */
export function follow(cluster: Cluster, following: Following): () => Promise<void> {
  const stopped = new AbortController()
  const ended = run(cluster, following, AbortSignal.any([stopped.signal, cluster.closed]))
  return () => {
    stopped.abort()
    return ended
  }
}

async function run(cluster: Cluster, { collection, follower, log }: Following, signal: AbortSignal): Promise<void> {
  const { clock, random } = cluster
  const troubles = tellTroubles(log, collection.title)
  const synced = (): void => {
    troubles.over()
    follower.synced()
  }
  let version: string | undefined
  let failures = 0
  while (!signal.aborted) {
    const began = clock.uptime()
    const end = await takeTurn(cluster, { collection, version, follower: { ...follower, synced } }, signal)
    version = end.kind === 'ended' ? end.version : undefined
    const wasGood = clock.uptime() - began >= goodAfter
    if (wasGood) failures = 0
    if (wasGood && version !== undefined && !signal.aborted) continue
    follower.interrupted?.()
    if (signal.aborted) return
    failures += 1
    const wait = backoff(between, failures, random(), end.kind === 'failed' ? end.retryAfter : 0)
    troubles.tell(end, wait)
    await pause(clock, wait, signal)
  }
}

type Turn = { readonly collection: Collection; readonly version: string | undefined; readonly follower: Follower }

async function takeTurn(cluster: Cluster, turn: Turn, signal: AbortSignal): Promise<TurnEnd> {
  const { collection, version, follower } = turn
  if (version !== undefined) return await watch(cluster, { collection, version }, follower, signal)
  const listed = await list(cluster, collection, follower, signal)
  if (listed.kind !== 'ended' || signal.aborted) return listed
  return await watch(cluster, { collection, version: listed.version }, follower, signal)
}

/** Warns once of each kind of trouble, and says when it is over. */
function tellTroubles(log: WatchLog, object: string) {
  let warned: string | undefined
  return {
    tell(end: TurnEnd, wait: Milliseconds): void {
      const retrySeconds = wait / 1_000
      if (end.kind !== 'failed') {
        log.debug('watch begins anew', { object, reason: end.kind, retrySeconds })
        return
      }
      const { failure } = end
      log[warned === failure.code ? 'debug' : 'warn']('watch interrupted', { object, error: failure, retrySeconds })
      warned = failure.code
    },
    over(): void {
      if (warned !== undefined) log.info('watch goes on', { object })
      warned = undefined
    },
  }
}
