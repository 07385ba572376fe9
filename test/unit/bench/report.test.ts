import { describe, expect, test } from 'vitest'
import { benches } from '../../bench/benches.ts'
import { type FigureRow, figureIds, figureOf } from '../../bench/figures.ts'
import { formatGoal, formatNumber, formatReport, formatSides, gather, judge, missedFixed } from '../../bench/report.ts'
import { lever, report, spread } from './support.ts'

const atMost: FigureRow = { about: 'a', unit: 'MiB', goal: { most: 15 } }
const atLeast: FigureRow = { about: 'a', unit: '×', goal: { least: 0.9 } }

describe('a goal', () => {
  test.each([
    [atMost, 15, 'met'],
    [atMost, 15.01, 'missed'],
    [atLeast, 0.9, 'met'],
    [atLeast, 0.89, 'missed'],
    [{ about: 'a', unit: 's' } satisfies FigureRow, 3, ''],
  ] as const)('of %j is judged by the median: %d is "%s"', (row, median, verdict) => {
    expect(judge(row, { median, min: 0, max: 1_000, count: 3 })).toBe(verdict)
  })

  test('is written with its sense', () => {
    expect([atMost, atLeast].map(formatGoal)).toEqual(['≤ 15', '≥ 0.9'])
    expect(formatGoal({ about: 'a', unit: '' })).toBe('')
  })
})

test('only what is the same on every machine fails by its goal', () => {
  const measurements = [
    { id: 'sidecar.dirty.first', value: spread(99) },
    { id: 'sidecar.bundle', value: spread(231) },
    { id: 'sidecar.threads', value: spread(5) },
  ] as const
  expect(missedFixed(measurements).map(({ id }) => id)).toEqual(['sidecar.bundle'])
})

test.each([
  [0, '0'],
  [0.01234, '0.0123'],
  [0.00004, '0'],
  [0.95, '0.95'],
  [2.345, '2.35'],
  [15.86, '15.9'],
  [289.4, '289'],
  [12_345.6, '12,346'],
  [-0.09, '-0.09'],
])('%d is written %s', (value, text) => {
  expect(formatNumber(value)).toBe(text)
})

test('a ratio tells what it was made of; what is none says nothing', () => {
  const value = spread(2)
  const row = figureOf('sidecar.start')
  expect(formatSides({ id: 'sidecar.start', value, ours: spread(100), baseline: spread(50) }, row)).toBe('100 / 50 ms')
  expect(formatSides({ id: 'sidecar.start', value }, row)).toBe('')
})

test('what the benches found is put together in their order', () => {
  const [one, other] = [lever('one'), lever('other')]
  expect(gather([{ levers: [one], leftOut: ['no cluster'] }, {}, { levers: [other] }])).toEqual({
    measurements: [],
    curves: [],
    levers: [one, other],
    leftOut: ['no cluster'],
  })
})

test('the table', () => {
  expect(formatReport(report)).toMatchInlineSnapshot(`
    "figure                                  median    (spread)     ours / baseline  goal           peers
    The sidecar
      private memory at first credentials   15.5 MiB  (14–17.1)                     ≤ 15   missed  3.9 to 6.0
      private memory, never busy, a minute
        later                               12 MiB    (10.8–13.2)
      private memory after 20,000 requests  13 MiB    (11.7–14.3)                   ≤ 14   met     7.0
      private memory after an hour of
        renewals                            13 MiB    (11.7–14.3)
      exec to first credentials             2.2 ×     (1.98–2.42)  110 / 50 ms      ≤ 2.3  met     0.20 to 0.33
      the bundle                            289 kB                                  ≤ 230  missed

    Growth
      sidecar: requests/s, by connections ^ 0.50
        1: 1,000, 16: 4,000 1/s

    Levers: without and with each
      \`--flag\`
        private memory: 20 → 15 MiB
        threads: 20 → 15
      \`--other\`, dropped: it saves nothing
        private memory: 20 → 15 MiB
    left out: a pod's start: there is no cluster"
  `)
})

test('a failed bench alone makes no table', () => {
  const failed = [{ name: 'webhook', why: 'it ended' }]
  expect(formatReport({ measurements: [], curves: [], levers: [], leftOut: [], failed })).toBe(
    'FAILED webhook: it ended',
  )
})

test('every figure fits a table of 120 columns, with numbers as long as they get', () => {
  const measurements = figureIds.map((id) => ({
    id,
    value: { median: 8_888, min: 1_111, max: 9_999, count: 5 },
    ...(figureOf(id).of !== undefined && { ours: spread(88_888), baseline: spread(99_999) }),
  }))
  const widest = formatReport({ measurements, curves: [], levers: [], leftOut: [], failed: [] })
    .split('\n')
    .filter((line) => line.length > 120)
  expect(widest).toEqual([])
})

describe('the table of figures', () => {
  test('has a goal for whatever is to fail by it', () => {
    expect(figureIds.filter((id) => figureOf(id).fixed && figureOf(id).goal === undefined)).toEqual([])
  })

  test('knows no figure that is not there', () => {
    expect(() => figureOf('sidecar.weight')).toThrow('there is no figure sidecar.weight')
  })
})

test('benches have names of their own', () => {
  const names = benches.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
