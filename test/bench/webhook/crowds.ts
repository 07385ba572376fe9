import { setTimeout as sleep } from 'node:timers/promises'
import type { Measurement } from '../bench.ts'
import { ratioOf, spreadOf } from '../statistics.ts'
import { compare } from '../support/rounds.ts'
import { ACCOUNT, ask, type Place } from './place.ts'
import { requestOf, reviewBody, SIZES } from './pods.ts'
import { type Reviewer, startParser, startWebhook } from './servers.ts'
import type { BenchCluster } from './standIn.ts'

const [SMALL, , LARGE] = SIZES
const IDLE = 10_000

/** Memory after many large bodies: of a fresh process each time. */
export async function measureLarge(place: Place, cluster: BenchCluster): Promise<readonly Measurement[]> {
  const request = requestOf(reviewBody({ ...LARGE, serviceAccount: ACCOUNT }))
  const askAll = async (reviewer: Reviewer): Promise<Reviewer & { readonly dirty: number }> => {
    await ask(place, reviewer, { request, connections: 16, requests: 150 })
    return { ...reviewer, dirty: reviewer.subject.memory().dirty }
  }
  const pairs = await compare(
    { rounds: place.ground.short ? 3 : 5 },
    async () => askAll(await startWebhook(place.ground, { cluster })),
    async () => askAll(await startParser(place.ground)),
  )
  await sleep(IDLE)
  const idle = pairs.map(({ ours }) => ours.subject.memory().dirty)
  for (const { ours, baseline } of pairs) {
    await ours.subject.stop()
    await baseline.subject.stop()
  }
  return [
    { id: 'webhook.dirty.large', value: spreadOf(pairs.map(({ ours }) => ours.dirty)) },
    { id: 'webhook.dirty.large.idle', value: spreadOf(idle) },
    { id: 'webhook.dirty.large.empty', value: spreadOf(pairs.map(({ baseline }) => baseline.dirty)) },
  ]
}

const CROWD = 1_000

/** A thousand connections at once, each with one review: as API servers speak HTTP/1.1, one connection for each. */
export async function measureBurst(place: Place, ours: Reviewer, parser: Reviewer): Promise<readonly Measurement[]> {
  const request = requestOf(reviewBody({ ...SMALL, serviceAccount: ACCOUNT }))
  const crowd = (reviewer: Reviewer) => async (): Promise<number> => {
    const began = performance.now()
    await ask(place, reviewer, { request, connections: CROWD, requests: CROWD })
    return performance.now() - began
  }
  const pairs = await compare({ rounds: place.ground.short ? 2 : 5 }, crowd(ours), crowd(parser))
  return [
    { id: 'webhook.burst', ...ratioOf(pairs) },
    { id: 'webhook.dirty.burst', value: spreadOf([ours.subject.memory().dirty]) },
  ]
}
