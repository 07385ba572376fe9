import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sidecarMetrics } from '../../src/metrics/index.ts'
import { readConfig } from '../../src/settings/index.ts'
import type { FigureId } from '../../test/bench/figures.ts'
import { formatNumber, type Report, withUnit } from '../../test/bench/report.ts'
import { table } from './markdown.ts'
import { REPORT } from './performance.ts'

export const SIZING = 'docs/operators/sizing.md'

/** Pods with a sidecar, each with one role. */
export const SIZES = [10, 100, 1_000, 10_000] as const
/** As many sidecars as the herd of the bench has. */
const HERD = 100_000
/** Where kubelet renews a projected token: at this part of its lifetime. */
const RENEWED_AT = 0.8
/** What Prometheus adds of its own to each target: up, and four of scrape_. */
const SERIES_OF_SCRAPE = 5
/** How often the chart's PodMonitor has a sidecar scraped, in seconds. */
export const SCRAPE_SECONDS = 60

/** docs/operators/sizing.md: what so many pods cost, by the run of the bench that was kept. */
export async function sizingPage(root: string): Promise<string> {
  const report = JSON.parse(readFileSync(join(root, REPORT), 'utf8')) as Report
  return formatSizing(report, await seriesOfSidecar())
}

/** The series of a sidecar that has renewed, has failed once by one cause, and is asked. */
export async function seriesOfSidecar(): Promise<number> {
  const session = 'default'
  const metrics = sidecarMetrics({ version: '0', sessions: [{ session, role: 'arn:aws:iam::111122223333:role/web' }] })
  metrics.refreshed({ session, result: 'success' })
  metrics.refreshed({ session, result: 'failure', code: 'StsUnavailable' })
  metrics.stsRequest('AssumeRoleWithWebIdentity', 0.1)
  metrics.endpointRequest('container', 200, 0.001)
  metrics.endpointRequest('container', 503, 0.001)
  const { body } = await metrics.text()
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
}

/** What it takes from the report. Throws where the run left it out. */
type Figures = ReturnType<typeof figuresOf>

function figuresOf({ measurements, curves }: Report) {
  const one = (id: FigureId): (typeof measurements)[number] => {
    const found = measurements.find((measurement) => measurement.id === id)
    if (found === undefined) throw new Error(`${REPORT} has no ${id}`)
    return found
  }
  /** Of a ratio, one of its sides. */
  const side = (id: FigureId, name: 'ours' | 'baseline'): number => one(id)[name]?.median ?? Number.NaN
  const peak = curves.find(({ name }) => name === 'herd: what the busiest minute has above the mean')
  return {
    memory: one('sidecar.dirty.hour').value.median,
    idle: one('sidecar.idle').value.median,
    hourly: one('herd.mean').value.median / HERD,
    quarterly: side('herd.fifteenMinutes', 'baseline') / HERD,
    halfDaily: side('herd.twelveHours', 'baseline') / HERD,
    afterOutage: one('herd.afterOutage').value.median,
    peaks: new Map(peak?.points.map(({ at, value }) => [at, value])),
    review: { small: side('webhook.cpu.4kB.16', 'ours'), large: side('webhook.cpu.100kB.16', 'ours') },
    rate: side('webhook.requests.4kB.16', 'ours'),
    webhookMemory: (['webhook.dirty.10', 'webhook.dirty.50000'] as const).map((id) => one(id).value.median),
  }
}

type Row = readonly [what: string, of: (pods: number) => string]

/** The page of a report; `series` are those of one sidecar. */
export function formatSizing(report: Report, series: number): string {
  const figures = figuresOf(report)
  const rows = (some: readonly Row[]): string =>
    table(
      ['Pods', ...SIZES.map((pods) => pods.toLocaleString('en-US'))],
      some.map(([what, of]) => [what, ...SIZES.map(of)]),
    )
  return [
    ...INTRO,
    '## Nodes',
    '',
    rows(nodeRows(figures)),
    ...NODES,
    '## STS',
    '',
    rows(stsRows(figures)),
    ...stsText(figures),
    '## The webhook',
    '',
    rows(webhookRows(figures)),
    ...webhookText(figures),
    '## The API server',
    '',
    rows(apiServerRows()),
    ...API_SERVER,
    '## Prometheus',
    '',
    rows(prometheusRows(series)),
    ...prometheusText(series),
  ].join('\n')
}

const config = readConfig('webhook', {
  file: { tls: { namespace: 'lanyard-system' }, sidecar: { image: 'lanyard:0' } },
}).values

/** A quantity of Kubernetes memory as MiB, or of its processors as processors. */
function quantity(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)(\w*)$/.exec(text) ?? []
  const unitOf: Readonly<Record<string, number>> = { '': 1, m: 1 / 1_000, Mi: 1, Gi: 1_024 }
  const factor = unitOf[unit]
  if (factor === undefined) throw new Error(`${text} is in no unit that is known here`)
  return Number(number) * factor
}

const memory = (mebibytes: number): string =>
  mebibytes < 1_024 ? withUnit(mebibytes, 'MiB') : withUnit(mebibytes / 1_024, 'GiB')

function nodeRows({ memory: each, idle }: Figures): readonly Row[] {
  const requested = {
    memory: quantity(String(config['sidecar.resources.requests.memory'])),
    cpu: quantity(String(config['sidecar.resources.requests.cpu'])),
  }
  return [
    ['memory that sidecars take', (pods) => memory(pods * each)],
    ['memory that they request', (pods) => memory(pods * requested.memory)],
    ['processors that they take at rest', (pods) => formatNumber((pods * idle) / 1_000)],
    ['processors that they request', (pods) => formatNumber(pods * requested.cpu)],
  ]
}

function stsRows({ hourly, halfDaily, afterOutage, peaks }: Figures): readonly Row[] {
  return [
    ['calls a second, sessions of 1 h', (pods) => formatNumber(pods * hourly)],
    [
      'the busiest minute of these, a second',
      (pods) => {
        const above = peaks.get(pods)
        return above === undefined ? 'single calls' : formatNumber(pods * hourly * (1 + above))
      },
    ],
    ['the busiest minute after 20 minutes without STS', (pods) => formatNumber(pods * hourly * afterOutage)],
    ['calls a second, sessions of 12 h', (pods) => formatNumber(pods * halfDaily)],
  ]
}

const webhookRows = ({ review, rate }: Figures): readonly Row[] => [
  ['processor time to admit them all, 4 kB each', (pods) => withUnit((pods * review.small) / 1e6, 's')],
  ['the same, 100 kB each', (pods) => withUnit((pods * review.large) / 1e6, 's')],
  ['of what one replica can do, all made within a minute', (pods) => `${formatNumber((pods / 60 / rate) * 100)} %`],
]

const apiServerRows = (): readonly Row[] => {
  const seconds = Number(config['defaults.tokenExpiration']) * RENEWED_AT
  return [
    ['tokens that kubelets ask for, a second', (pods) => formatNumber(pods / seconds)],
    ['the same for a whole day', (pods) => formatNumber((pods * 86_400) / seconds)],
  ]
}

const prometheusRows = (series: number): readonly Row[] => [
  ['series of sidecars', (pods) => (pods * (series + SERIES_OF_SCRAPE)).toLocaleString('en-US')],
  ['samples a second', (pods) => formatNumber((pods * (series + SERIES_OF_SCRAPE)) / SCRAPE_SECONDS)],
]

const INTRO = [
  '# Sizing',
  '',
  'For operators who ask what 10, 100, 1,000 or 10,000 pods with a sidecar take of nodes, STS, the API server and Prometheus.',
  '',
  '_Generated by `npm run docs` from [the result](../performance.json) of a run of `npm run bench` and from the defaults of the',
  'settings; change these instead of this page._',
  '',
  'Each pod has one role and the defaults. The figures are products of what was measured for one sidecar, for one review, and',
  'in a simulated herd of 100,000; [performance](../performance.md) has these, how they were measured, and how far they spread.',
  'Nobody has run 10,000 pods of it yet.',
  '',
]

const NODES = [
  'What is taken is private memory after an hour of renewals. What is requested is what the scheduler reserves:',
  '`config.sidecar.resources`, or the [annotations](../reference/annotations.md) of a pod. Leave the CPU limit where it is,',
  "since it is what a pod's start waits for. A pod with more than one role takes little more:",
  '[growth](../performance.md#growth).',
  '',
  'ResourceQuotas and LimitRanges of the namespaces count sidecars too: raise them before you move a namespace.',
  '',
]

const stsText = ({ hourly, quarterly }: Figures): readonly string[] => [
  'Each role of a chain is a call more. Renewals are spread by themselves; after an outage they come back over minutes. Pods',
  'that start are a call each, when they start.',
  '',
  'Quotas of STS are per account and region; AWS names some',
  '([IAM and STS quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)), and may not raise them.',
  'Where calls are throttled, [StsThrottled](../reference/errors.md#StsThrottled) is',
  'counted, sidecars wait and try again, and nobody who holds credentials notices. Longer sessions',
  '(`config.defaults.sessionDuration: 12h`, which the role has to allow) are the lever. Sessions of 15 minutes cost',
  `${formatNumber(quarterly / hourly)} times as many calls as those of an hour.`,
  '',
]

const webhookText = ({ webhookMemory: [least = 0, most = 0], rate }: Figures): readonly string[] => [
  `One replica admits about ${formatNumber(rate)} small pods a second, so the number of replicas is a matter of availability: **2** for any of`,
  'these sizes, on different nodes (the default), and 3 where a zone may be lost and pods have to be made meanwhile.',
  `Memory depends on ServiceAccounts and not on pods: ${formatNumber(least)} to ${formatNumber(most)} MiB for 10 to 50,000 of them, and more for moments in`,
  'which pods are large or many API servers connect at once ([performance](../performance.md#sizing)); the default limit of 256Mi',
  'covers both. `autoscaling.enabled` is for clusters that make thousands of pods of 100 kB and more a minute.',
  '',
]

const API_SERVER = [
  'A token lasts for `config.defaults.tokenExpiration` (24 hours), and kubelet renews it at 80 % of that, as it does for IRSA.',
  'Besides, for each pod that asks: one review, and a second one where another webhook changes the pod after it. Each replica',
  'of the webhook keeps four watches, two of them for the metadata of all ServiceAccounts and namespaces. The API server itself',
  'decides which pods are reviewed: for those that do not ask it evaluates two short expressions.',
  '',
]

const prometheusText = (series: number): readonly string[] => [
  `A sidecar with one role has ${series} series once something has failed, and Prometheus adds ${SERIES_OF_SCRAPE} to each target. It is scraped every`,
  `${SCRAPE_SECONDS} s (\`monitoring.podMonitor.interval\`); alerts look back for five minutes, so stay below two. Another role in the same pod`,
  'adds up to ten. Series are new with every pod, as are those of any pod.',
  '',
]
