import { setTimeout as sleep } from 'node:timers/promises'
import { NAMESPACE } from './standIn.ts'
import type { Webhook } from './webhook.ts'

export type Measured = {
  /** Milliseconds to readiness. */
  readonly ready: number
  /** MiB. */
  readonly synced: number
  readonly after: number
  readonly latencies: readonly Latency[]
}
type Latency = { readonly name: string; readonly median: number; readonly p99: number }
export type Effort = { readonly rounds: number; readonly reviews: number }

/** What is asked: pods whose ServiceAccount the webhook knows, and pods for which it must ask the API server. */
const KINDS = [
  {
    name: 'role by ServiceAccount',
    account: ({ annotated }: Webhook, turn: number) => annotated[turn % annotated.length],
  },
  { name: 'asked live', account: (_: Webhook, turn: number) => `other-${turn % 100}` },
] as const
const CLIENTS = [1, 16] as const

const cases: readonly Case[] = KINDS.flatMap((kind) => CLIENTS.map((clients) => ({ ...kind, clients })))

/** Asks the webhooks in turns, a round each, and gives what each took; the first round of each warms up. */
export async function measure(webhooks: readonly Webhook[], { rounds, reviews }: Effort): Promise<readonly Measured[]> {
  await sleep(3_000)
  const synced = webhooks.map((webhook) => webhook.privateMemory())
  const samples = webhooks.map(() => cases.map((): Latency[] => []))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [at, one] of cases.entries()) {
      for (const index of turns(webhooks.length, round)) {
        const times = await runRound(webhooks[index], one, reviews)
        if (round > 0) samples[index]?.[at]?.push(summary(one, times))
      }
    }
  }
  await sleep(3_000)
  return webhooks.map((webhook, index) => ({
    ready: webhook.ready,
    synced: synced[index] ?? 0,
    after: webhook.privateMemory(),
    latencies: (samples[index] ?? []).map(middleOf),
  }))
}

/** Whoever comes first changes with every round. */
const turns = (count: number, round: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => (index + round) % count)

type Case = (typeof KINDS)[number] & { readonly clients: number }

async function runRound(
  webhook: Webhook | undefined,
  { account, clients }: Case,
  reviews: number,
): Promise<readonly number[]> {
  if (webhook === undefined) return []
  const times: number[] = []
  let turn = 0
  const client = async (): Promise<void> => {
    while (turn < reviews) {
      turn += 1
      times.push(await webhook.review(reviewOf(account(webhook, turn) ?? '', turn)))
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return times
}

const summary = ({ name, clients }: Case, times: readonly number[]): Latency => ({
  name: `${name}, ${clients} at once`,
  median: quantile(times, 0.5),
  p99: quantile(times, 0.99),
})

/** Of the rounds, so that a round that the machine disturbed does not count. */
const middleOf = (rounds: readonly Latency[]): Latency => ({
  name: rounds[0]?.name ?? '',
  median: quantile(
    rounds.map(({ median }) => median),
    0.5,
  ),
  p99: quantile(
    rounds.map(({ p99 }) => p99),
    0.5,
  ),
})

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** The difference of memory, the ratio of times. */
export const compare = (few: number, many: number, unit: string): string =>
  (unit === 'MiB'
    ? `${many >= few ? '+' : ''}${(many - few).toFixed(2)} MiB`
    : `× ${(many / few).toFixed(2)}`
  ).padStart(14)

/** A pod of about 4 kB. A pod without annotations of ours whose ServiceAccount has none is let through. */
function reviewOf(serviceAccountName: string, turn: number): string {
  const env = Array.from({ length: 40 }, (_, index) => ({
    name: `SETTING_${index}`,
    value: `a value of some length ${index}`,
  }))
  const resource = { group: '', version: 'v1', resource: 'pods' }
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'web-', labels: { app: 'web' } },
    spec: { serviceAccountName, containers: [{ name: 'app', image: 'app:1', env }] },
  }
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: `bench-${turn}`, operation: 'CREATE', resource, namespace: NAMESPACE, object },
  })
}
