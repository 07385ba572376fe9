import { describeMetric, type MetricName, metrics } from '../../src/metrics/index.ts'
import { usesOf } from './promql.ts'
import type { Recorded } from './ruleFile.ts'

/** A label's values where they are a closed set; else undefined. */
export type Labels = Readonly<Record<string, readonly string[] | undefined>>
/** Every series that a rule or a panel may read, by its name as Prometheus has it. */
export type KnownSeries = ReadonlyMap<string, Labels>

/** What the monitors of the chart add to every series. */
const targetLabels: Labels = {
  namespace: undefined,
  pod: undefined,
  container: undefined,
  service: undefined,
  endpoint: undefined,
  job: undefined,
  instance: undefined,
}

/** Series of others, with the labels that are used of them. */
const foreign: readonly (readonly [string, Labels])[] = [
  ['up', targetLabels],
  ['kube_deployment_spec_replicas', { namespace: undefined, deployment: undefined }],
  ['kube_deployment_status_replicas_available', { namespace: undefined, deployment: undefined }],
  [
    'apiserver_admission_webhook_rejection_count',
    {
      name: undefined,
      type: ['admit', 'validating'],
      operation: undefined,
      error_type: ['calling_webhook_error', 'apiserver_internal_error', 'no_error'],
      rejection_code: undefined,
    },
  ],
]

/** Of the metrics table, of the rules themselves, and of others. */
export function knownSeries(recorded: readonly Recorded[]): KnownSeries {
  const own = (Object.keys(metrics) as MetricName[]).flatMap(seriesOf)
  return new Map([...own, ...foreign, ...recorded.map(labelsOf)])
}

/** The names that a metric has in Prometheus: a histogram is three. */
export function namesOf(name: MetricName): readonly string[] {
  const { type } = describeMetric(name)
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`]
  return type === 'summary' ? [`${name}_sum`, `${name}_count`] : [name]
}

function seriesOf(metric: MetricName): readonly (readonly [string, Labels])[] {
  const own = Object.entries(describeMetric(metric).labels).map(
    ([label, entry]) => [label, 'values' in entry ? entry.values : undefined] as const,
  )
  const labels: Labels = { ...targetLabels, ...Object.fromEntries(own) }
  return namesOf(metric).map((name) => [name, name.endsWith('_bucket') ? { ...labels, le: undefined } : labels])
}

/** A recorded series has the labels by which its expression groups first. */
function labelsOf({ record, expr }: Recorded): readonly [string, Labels] {
  const by = /\bby\s*\([^)]*\)/.exec(expr)?.[0] ?? ''
  return [record, Object.fromEntries(usesOf(by).grouping.map((label) => [label, undefined]))]
}
