import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { PlainSummary } from './plainSummary.ts'
import { describeMetric, type MetricName, type metrics } from './table.ts'

type NamesOf<T extends string> = {
  [N in MetricName]: (typeof metrics)[N]['type'] extends T ? N : never
}[MetricName]

/** The exposition of a process, as its HTTP server answers it. */
export type MetricsText = { readonly contentType: string; readonly body: string }

/** Records durations, in seconds. */
export type DurationRecorder = {
  begin(labels: Readonly<Record<string, string>>): void
  observe(labels: Readonly<Record<string, string>>, seconds: number): void
}

const configOf = (name: MetricName, registry: Registry) => {
  const entry = describeMetric(name)
  return { name, help: entry.help, labelNames: Object.keys(entry.labels), registers: [registry] }
}

export const counterOf = (name: NamesOf<'counter'>, registry: Registry): Counter =>
  new Counter(configOf(name, registry))

/** A gauge that has no value until it is set: prom-client's own starts at 0, which of an expiration would be an alarm. */
export function gaugeOf(name: NamesOf<'gauge'>, registry: Registry): Gauge {
  const gauge = new Gauge(configOf(name, registry))
  if (Object.keys(describeMetric(name).labels).length === 0) gauge.remove()
  return gauge
}

/** A histogram where there are buckets (the table's, or the operator's), else a sum and a count. */
export function durationOf(
  name: NamesOf<'histogram' | 'summary'>,
  registry: Registry,
  buckets: readonly number[] = describeMetric(name).buckets ?? [],
): DurationRecorder {
  if (buckets.length === 0) return new PlainSummary(configOf(name, registry))
  const histogram = new Histogram({ ...configOf(name, registry), buckets: [...buckets] })
  return {
    begin: (labels) => histogram.zero(labels),
    observe: (labels, seconds) => histogram.observe(labels, seconds),
  }
}

/** `lanyard_build_info`, in every process. */
export function buildInfo(version: string, registry: Registry): void {
  gaugeOf('lanyard_build_info', registry).set({ version }, 1)
}

export async function textOf(registry: Registry): Promise<MetricsText> {
  return { contentType: registry.contentType, body: await registry.metrics() }
}

/** The value where the closed set has it, else `other`. */
export const knownOr = (values: readonly string[], value: string): string => (values.includes(value) ? value : 'other')
