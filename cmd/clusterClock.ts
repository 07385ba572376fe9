import type { Clock } from '../src/credentials/index.ts'
import type { Cluster } from '../src/kubernetes/index.ts'

type Milliseconds = number

/** Below that, it may as well be the network: Date has whole seconds. */
const LEAST_SKEW: Milliseconds = 5_000
const ANSWER_WITHIN: Milliseconds = 5_000

/**
 * A clock set by that of the API server, where they differ: pods say when something expires by clocks that agree with the
 * latter, and to a laptop that has slept all of it would seem to have expired. One that cannot be asked changes nothing.
 */
export async function clusterClock(cluster: Cluster, own: Clock): Promise<Clock> {
  const skew = await skewOf(cluster, own).catch(() => 0)
  if (Math.abs(skew) < LEAST_SKEW) return own
  return { ...own, now: () => own.now() + skew, wakeAt: (at, fn) => own.wakeAt(at - skew, fn) }
}

/** The API server's clock minus the other. */
async function skewOf(cluster: Cluster, own: Clock): Promise<Milliseconds> {
  const request = {
    verb: 'get',
    title: 'the version of the API server',
    path: '/version',
    keepConnection: true,
  } as const
  const sent = own.now()
  const signal = AbortSignal.any([cluster.closed, AbortSignal.timeout(ANSWER_WITHIN)])
  const { headers, body } = await cluster.open(request, signal)
  for await (const _ of body);
  const told = Date.parse(headers.date ?? '')
  return Number.isNaN(told) ? 0 : told + 500 - (sent + own.now()) / 2
}
