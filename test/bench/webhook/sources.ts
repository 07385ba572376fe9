import { setTimeout as sleep } from 'node:timers/promises'
import type { Curve, Measurement } from '../bench.ts'
import { exponentOf, spreadOf } from '../statistics.ts'
import { interleave } from '../support/rounds.ts'
import { ask, type Place } from './place.ts'
import { requestOf, reviewBody, SIZES } from './pods.ts'
import { type Reviewer, startParser, startWebhook } from './servers.ts'
import type { BenchCluster } from './standIn.ts'

/** So many ServiceAccounts a cluster has, and those with a role. */
export const CLUSTERS = [
  { accounts: 10, annotated: 10 },
  { accounts: 1_000, annotated: 10 },
  { accounts: 50_000, annotated: 500 },
] as const

/** Until what the start left behind is gone. */
const SETTLE = 2_000

type Start = { readonly ready: number; readonly dirty: number; readonly early: number }

/** Starts in each cluster in turns, the memory of each once it is idle, and whether anybody got past it before. */
export async function measureStarts(
  place: Place,
  clusters: readonly BenchCluster[],
): Promise<{ readonly measurements: readonly Measurement[]; readonly curves: readonly Curve[] }> {
  const takes = clusters.map((cluster) => () => startOnce(place, cluster))
  const taken = await interleave({ rounds: place.ground.short ? 3 : 5, takes })
  const [few = [], , many = []] = taken
  const seconds = (starts: readonly Start[]) => spreadOf(starts.map(({ ready }) => ready / 1_000))
  const dirty = (starts: readonly Start[]) => spreadOf(starts.map((one) => one.dirty))
  const points = CLUSTERS.map(({ accounts }, index) => ({ at: accounts, value: dirty(taken[index] ?? []).median }))
  const name = 'webhook: private memory'
  return {
    measurements: [
      { id: 'webhook.ready.10', value: seconds(few) },
      { id: 'webhook.ready.50000', value: seconds(many) },
      { id: 'webhook.early', value: spreadOf([...few, ...many].map(({ early }) => early)) },
      { id: 'webhook.dirty.10', value: dirty(few) },
      { id: 'webhook.dirty.50000', value: dirty(many) },
      {
        id: 'webhook.dirty.added',
        value: spreadOf(many.map((one, round) => one.dirty - (few[round]?.dirty ?? Number.NaN))),
      },
    ],
    curves: [{ name, axis: 'ServiceAccounts', unit: 'MiB', points, exponent: exponentOf(points) }],
  }
}

async function startOnce(place: Place, cluster: BenchCluster): Promise<Start> {
  const { subject, ready, early, load } = await startWebhook(place.ground, { cluster })
  // The very first review is of a pod whose role the last page of ServiceAccounts says: it is not let through without.
  const [size] = SIZES
  const serviceAccount = cluster.annotated.at(-1) ?? ''
  const request = requestOf(reviewBody({ ...size, serviceAccount, annotations: { 'lanyard.dev/inject': 'true' } }))
  await ask(place, { subject, ready, early, load }, { request, connections: 1, requests: 1 })
  await sleep(SETTLE)
  const { dirty } = subject.memory()
  await subject.stop()
  return { ready, dirty, early: early.filter((door) => door === 'open').length }
}

/** What they spend over the same minute when nobody asks. */
export async function measureIdle(
  { ground }: Place,
  few: BenchCluster,
  many: BenchCluster,
): Promise<readonly Measurement[]> {
  const servers: readonly Reviewer[] = [
    await startWebhook(ground, { cluster: few }),
    await startWebhook(ground, { cluster: many }),
    await startParser(ground),
  ]
  const seconds = ground.short ? 10 : 60
  await sleep(REST)
  const before = servers.map(({ subject }) => subject.cpu())
  await sleep(seconds * 1_000)
  const spent = servers.map(({ subject }, index) => (subject.cpu() - (before[index] ?? Number.NaN)) / seconds)
  for (const { subject } of servers) await subject.stop()
  const [ofFew = Number.NaN, ofMany = Number.NaN, ofEmpty = Number.NaN] = spent
  return [
    { id: 'webhook.idle.10', value: spreadOf([ofFew]) },
    { id: 'webhook.idle.50000', value: spreadOf([ofMany]) },
    { id: 'webhook.idle.empty', value: spreadOf([ofEmpty]) },
  ]
}

/** Longer than the last thing that V8 does by itself in a process that has become idle. */
const REST = 10_000
