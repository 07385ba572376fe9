import { codes as errorCodes } from '../../src/errors/index.ts'
import {
  describeMetric,
  type LabelEntry,
  type MetricName,
  type MetricProcess,
  metrics,
} from '../../src/metrics/index.ts'
import { anchor, code, heading, codes as listed, table } from './markdown.ts'

const MANY = 12

const processes: Readonly<Record<MetricProcess, { title: string; about: string }>> = {
  webhook: {
    title: 'The webhook',
    about: 'On `/metrics` of the port [`webhook.metricsPort`](settings.md#webhook.metricsPort).',
  },
  sidecar: {
    title: 'The sidecar',
    about: 'On `/metrics` of the port [`lanyard.dev/metrics-port`](annotations.md#metrics-port) of each pod.',
  },
  broker: {
    title: 'The broker',
    about: 'On `/metrics` of a port of its own in each pod that asks for credentials of its users.',
  },
}

/** docs/reference/metrics.md: every metric with its labels, by process. */
export const metricsPage = (): string =>
  [
    heading(
      'Metrics',
      'For whoever writes dashboards and alerts: every metric of Lanyard, in the format of Prometheus.',
    ),
    'Durations are in seconds, instants in seconds since 1970. Every label has few values.',
    '',
    ...(Object.keys(processes) as MetricProcess[]).map(chapter),
  ].join('\n')

function chapter(process: MetricProcess): string {
  const { title, about } = processes[process]
  const own = (Object.keys(metrics) as MetricName[]).filter((name) => describeMetric(name).processes.includes(process))
  const rows = own.map((name) => {
    const { type, help, labels, buckets } = describeMetric(name)
    const bounds = buckets === undefined ? '' : ` Buckets: ${buckets.join(', ')}.`
    return [`${anchor(`${process}-${name}`)}${code(name)}`, type, help + bounds, labelsOf(labels)]
  })
  return [`## ${title}`, '', about, '', table(['Metric', 'Type', 'What it says', 'Labels'], rows)].join('\n')
}

const labelsOf = (labels: Readonly<Record<string, LabelEntry>>): string =>
  Object.entries(labels)
    .map(([name, label]) => `${code(name)}: ${'from' in label ? label.from : valuesOf(label.values)}`)
    .join('; ')

/** The codes are a page of their own. */
function valuesOf(values: readonly string[]): string {
  if (values.length <= MANY) return listed(values)
  return `${listed(values.filter((value) => !Object.hasOwn(errorCodes, value)))} or a code of [errors.md](errors.md)`
}
