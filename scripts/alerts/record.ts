import { aFewMicrotasks, createVirtualClock } from '../../test/support/virtualClock.ts'
import type { Scrape } from './openMetrics.ts'
import { type RecordedProcess, recordBroker, recordForeign, recordWebhook } from './recordedOthers.ts'
import { type PodPlan, type RecordedSidecar, startRecorded } from './recordedSidecars.ts'

export type Recording = {
  readonly scrapes: readonly Scrape[]
  /** Unix seconds: of the first scrape, of a moment at which all is well, of the worst one, and of the last scrape. */
  readonly from: number
  readonly calm: number
  readonly worst: number
  readonly to: number
}

const HOUR = 3_600
const STEP = 10
const BEGAN = Date.UTC(2026, 0, 5) / 1_000
/** STS is away for longer than a session lasts, and all else goes wrong meanwhile. */
const TROUBLE = { from: BEGAN + 1.5 * HOUR, to: BEGAN + 2.75 * HOUR }
const inTrouble = (now: number): boolean => within(TROUBLE, now)
const minutesOfTrouble = (now: number): number => Math.max(0, Math.min(now, TROUBLE.to) - TROUBLE.from) / 60

/** Prometheus does not see the webhook, and later no sidecar. */
const BLIND = {
  webhook: { from: BEGAN + 0.4 * HOUR, to: BEGAN + 0.6 * HOUR },
  sidecars: { from: BEGAN + 0.8 * HOUR, to: BEGAN + HOUR },
}
const within = ({ from, to }: { readonly from: number; readonly to: number }, now: number): boolean =>
  now >= from && now < to

const usual = {
  starts: BEGAN,
  sessions: ['default'],
  protocol: 'container',
  lasts: HOUR,
  ahead: 0,
  tokenExpires: BEGAN + 24 * HOUR,
  refusal: (now: number) => (inTrouble(now / 1_000) ? 'StsTimeout' : undefined),
} as const

const pods: readonly PodPlan[] = [
  { ...usual, namespace: 'shop', pod: 'web-0' },
  { ...usual, namespace: 'shop', pod: 'web-1', sessions: ['default', 'worker'], lasts: 2 * HOUR },
  { ...usual, namespace: 'shop', pod: 'web-2', lasts: 4 * HOUR },
  { ...usual, namespace: 'bank', pod: 'db-0', protocol: 'imds', lasts: HOUR / 4 },
  // On a node whose clock is wrong.
  { ...usual, namespace: 'bank', pod: 'db-1', starts: TROUBLE.from - HOUR / 30, ahead: 120_000 },
  ...Array.from({ length: 8 }, (_, index) => ({ ...usual, namespace: 'bank', pod: `api-${index}` })),
  // Whose role trusts nobody, with a token that kubelet does not renew.
  {
    ...usual,
    namespace: 'shop',
    pod: 'job-0',
    starts: TROUBLE.from,
    tokenExpires: TROUBLE.from + HOUR / 4,
    refusal: () => 'StsAccessDenied',
  },
]

/**
 * Four hours of a small cluster, scraped every minute: sidecars, brokers and webhooks by the product's own code, under a
 * virtual clock, the same each time. Prometheus is blind twice; later, for an hour and a quarter, all goes wrong that can.
 */
export async function record(): Promise<Recording> {
  const clock = createVirtualClock({ start: BEGAN * 1_000, settle: aFewMicrotasks })
  const random = sequence()
  const sidecars: RecordedSidecar[] = []
  const others = [
    recordBroker(targetOf('shop', 'web-0', 9800), inTrouble),
    ...[0, 1].map((replica) => recordWebhook(replica, BEGAN, inTrouble)),
  ]
  const scrapes: Scrape[] = []
  const to = BEGAN + 4 * HOUR
  for (let now = BEGAN; now <= to; now += STEP) {
    for (const plan of pods) if (plan.starts === now) sidecars.push(startRecorded(plan, clock, random))
    for (const { live } of others) live(now)
    for (const { serve } of sidecars) serve()
    if ((now - BEGAN) % 60 === 0) scrapes.push(...(await scrapeAll(now, sidecars, others)))
    await clock.advance(STEP * 1_000)
  }
  return { scrapes, from: BEGAN, calm: TROUBLE.from - 180, worst: TROUBLE.to - 60, to }
}

async function scrapeAll(
  at: number,
  sidecars: readonly RecordedSidecar[],
  others: readonly RecordedProcess[],
): Promise<readonly Scrape[]> {
  const ofSidecars = sidecars
    .filter(() => !within(BLIND.sidecars, at))
    .map(async ({ plan, metrics }) => ({
      at,
      target: targetOf(plan.namespace, plan.pod, 9798),
      text: (await metrics.text()).body,
    }))
  const seen = others.filter(({ target }) => target['job'] === undefined || !within(BLIND.webhook, at))
  const ofOthers = seen.map(async ({ target, text }) => ({ at, target, text: (await text()).body }))
  return [
    ...(await Promise.all([...ofSidecars, ...ofOthers])),
    { at, target: {}, text: recordForeign(minutesOfTrouble(at), inTrouble(at)) },
  ]
}

const targetOf = (namespace: string, pod: string, port: number): Readonly<Record<string, string>> => ({
  namespace,
  pod,
  container: port === 9800 ? 'lanyard-broker' : 'lanyard',
  instance: `${pod}.${namespace}:${port}`,
})

/** Numbers in [0, 1) that look like chance, and are the same each time (the generator of "Numerical Recipes"). */
function sequence(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
