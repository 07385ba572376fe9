import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { parseExposition } from '../../../src/status/index.ts'

const committed = (name: string): string => readFileSync(new URL(`../metrics/${name}.prom`, import.meta.url), 'utf8')
const one = (line: string) => parseExposition(`${line}\n`)?.[0]

describe('what our own processes say', () => {
  test.each(['sidecar', 'broker', 'webhook'])('every line of the %s', (name) => {
    const text = committed(name)
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(parseExposition(text)?.map((sample) => sample.name)).toEqual(lines.map((line) => /^\w+/.exec(line)?.[0]))
  })

  test('with labels and value', () => {
    expect(parseExposition(committed('sidecar'))?.[0]).toEqual({
      name: 'lanyard_credentials_expiration_timestamp_seconds',
      labels: { session: 'default', role: 'arn:aws:iam::111122223333:role/app' },
      value: 1_800_003_600,
    })
  })
})

const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/)
const value = fc.oneof(
  fc.double({ noDefaultInfinity: false }).map((number) => number + 0),
  fc.constantFrom(0, 1e21, 5e-324, -1.5e-7),
)

test('whatever the library of metrics writes is read as it was set', async () => {
  const labels = fc.dictionary(name, fc.string({ unit: 'grapheme' }), { maxKeys: 4, noNullPrototype: true })
  await fc.assert(
    fc.asyncProperty(name, labels, value, fc.string(), async (metric, set, number, help) => {
      const registry = new Registry()
      new Gauge({ name: metric, help: help || '-', labelNames: Object.keys(set), registers: [registry] }).set(
        set,
        number,
      )
      expect(parseExposition(await registry.metrics())).toEqual([{ name: metric, labels: set, value: number }])
    }),
  )
})

test('counters, histograms and summaries too', async () => {
  const registry = new Registry()
  const registers = [registry]
  new Counter({ name: 'c', help: 'a', registers }).inc()
  new Histogram({ name: 'h', help: 'b', registers, buckets: [0.1] }).observe(1)
  new Summary({ name: 's', help: 'c', registers, percentiles: [0.5] }).observe(1)
  const samples = parseExposition(await registry.metrics()) ?? []
  expect(samples.map((sample) => [sample.name, sample.labels, sample.value])).toEqual([
    ['c', {}, 1],
    ['h_bucket', { le: '0.1' }, 0],
    ['h_bucket', { le: '+Inf' }, 1],
    ['h_sum', {}, 1],
    ['h_count', {}, 1],
    ['s', { quantile: '0.5' }, 1],
    ['s_sum', {}, 1],
    ['s_count', {}, 1],
  ])
})

describe('the format', () => {
  test.each([
    ['a 1', { name: 'a', labels: {}, value: 1 }],
    ['a 1 1700000000000', { name: 'a', labels: {}, value: 1 }],
    ['a\t+Inf ', { name: 'a', labels: {}, value: Number.POSITIVE_INFINITY }],
    ['a -Inf', { name: 'a', labels: {}, value: Number.NEGATIVE_INFINITY }],
    ['a NaN', { name: 'a', labels: {}, value: Number.NaN }],
    ['a{} .5e-3', { name: 'a', labels: {}, value: 0.0005 }],
    ['a{b="c",} 1', { name: 'a', labels: { b: 'c' }, value: 1 }],
    ['a{b="\\\\n\\n\\""} 1', { name: 'a', labels: { b: '\\n\n"' }, value: 1 }],
    ['a{b="} 2"} 1', { name: 'a', labels: { b: '} 2' }, value: 1 }],
  ])('%j', (line, sample) => expect(one(line)).toEqual(sample))

  test('a label that is called like a part of objects stays data', () => {
    expect(Object.hasOwn(one('a{__proto__="x"} 1')?.labels ?? {}, '__proto__')).toBe(true)
  })

  test.each([
    'a',
    'a ',
    'a one',
    'a 1 2 3',
    'a 0x10',
    ' a 1',
    '1a 1',
    'a-b 1',
    'a{b="c" 1',
    'a{b="c"d="e"} 1',
    'a{,} 1',
    'a{b=c} 1',
    'a{b="c\\t"} 1',
    'a{b="c",b="d"} 1',
    'a{b="c"}1',
    '{"a"} 1',
    'a 1\r',
    '<html>',
    `a{${Array.from({ length: 33 }, (_, index) => `l${index}=""`).join()}} 1`,
  ])('nothing is read where a line is %j', (line) => expect(parseExposition(`ok 1\n${line}\n`)).toBeUndefined())

  test('nor of too much', () => {
    expect(parseExposition('a 1\n'.repeat(10_000))).toHaveLength(10_000)
    expect(parseExposition('a 1\n'.repeat(10_001))).toBeUndefined()
    expect(parseExposition(`# ${'x'.repeat(1024 * 1024)}`)).toBeUndefined()
  })

  test('whatever comes, it ends, and it never throws', () => {
    const parts = fc.constantFrom('a', '{', '}', '"', '\\', 'b="c"', ',', ' ', '1', '\n', '#', 'NaN')
    fc.assert(fc.property(fc.array(parts, { maxLength: 200 }), (some) => void parseExposition(some.join(''))))
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => void parseExposition(text)))
    // In linear time: else this would not come to its end.
    expect(parseExposition(`a{b="${'\\\\'.repeat(400_000)}`)).toBeUndefined()
  })
})
