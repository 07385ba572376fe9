import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { PlainSummary } from '../../../src/metrics/plainSummary.ts'

const make = (labelNames: string[]) => {
  const registry = new Registry()
  const summary = new PlainSummary({ name: 's', help: 'h', labelNames, registers: [registry] })
  return { summary, lines: async () => (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#')) }
}

test('adds up what it observes, by label set whatever the order of the labels', async () => {
  const { summary, lines } = make(['a', 'b'])
  summary.begin({ a: 'x', b: 'y' })
  summary.observe({ b: 'y', a: 'x' }, 1.5)
  summary.observe({ a: 'x', b: 'y' }, 0.5)
  summary.observe({ a: 'z' }, 1)
  expect(await lines()).toEqual([
    's_sum{a="x",b="y"} 2',
    's_count{a="x",b="y"} 2',
    's_sum{a="z"} 1',
    's_count{a="z"} 1',
    '',
  ])
})

test('works without labels', async () => {
  const { summary, lines } = make([])
  summary.observe({}, 3)
  expect(await lines()).toEqual(['s_sum 3', 's_count 1', ''])
})

test('calls itself a summary', async () => {
  const registry = new Registry()
  new PlainSummary({ name: 's', help: 'h', registers: [registry] }).begin({})
  expect(await registry.metrics()).toContain('# TYPE s summary\n')
})

test('keeps none of the observed values', () => {
  const { summary } = make(['a'])
  for (let at = 0; at < 5_000; at += 1) summary.observe({ a: 'x' }, at)
  // Where prom-client keeps what it is given.
  expect(Reflect.get(summary, 'hashMap')).toEqual({})
})
