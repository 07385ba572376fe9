import { describe, expect, test } from 'vitest'
import {
  brokerMetrics,
  describeMetric,
  type MetricName,
  type MetricProcess,
  metrics,
  sidecarMetrics,
  webhookMetrics,
} from '../../../src/metrics/index.ts'

const names = Object.keys(metrics) as MetricName[]
const texts: Record<MetricProcess, () => Promise<{ body: string }>> = {
  webhook: () => webhookMetrics({ version: '1' }).text(),
  sidecar: () => sidecarMetrics({ version: '1', sessions: [] }).text(),
  broker: () => brokerMetrics({ version: '1', providers: [], roles: [], entries: () => 0 }).text(),
}

describe.each(Object.entries(texts))('the %s', (process, text) => {
  test('exposes the metrics of the table that are its own, with their help and type, and no others', async () => {
    const { body } = await text()
    const expected = names
      .filter((name) => describeMetric(name).processes.includes(process as MetricProcess))
      .flatMap((name) => {
        const { help, type } = describeMetric(name)
        return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
      })
    const comments = body.split('\n').filter((line) => line.startsWith('#'))
    expect(comments.sort()).toEqual(expected.sort())
  })
})

test.each(names)('%s is named in base units and says what it is', (name) => {
  const { type, help } = describeMetric(name)
  expect(name).toMatch(/^lanyard_[a-z_]+_(total|seconds|info|entries)$/)
  expect(name.endsWith('_total')).toBe(type === 'counter')
  expect(help).toMatch(/^[A-Z].+\.$/)
})

test('histograms start at half a millisecond', () => {
  expect(metrics.lanyard_admission_duration_seconds.buckets[0]).toBe(0.0005)
})
