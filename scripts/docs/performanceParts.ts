import type { Curve, Lever } from '../../test/bench/bench.ts'
import { droppedBefore, recorded } from '../../test/bench/levers/recorded.ts'
import { formatNumber, type Report, withUnit } from '../../test/bench/report.ts'
import { table } from './markdown.ts'

/** How figures grow, each with its exponent and its curve. */
export function growthChapter({ curves }: Report): string {
  if (curves.length === 0) return ''
  const rows = curves.map(({ name, axis, exponent }) => [name, axis, exponent.toFixed(2)])
  return [
    '## Growth',
    '',
    'An exponent of 0 is a figure that does not grow, 1 one that doubles where what it grows with doubles: the slope of the',
    'logarithms, by least squares.',
    '',
    table(['Figure', 'With', 'Exponent'], rows),
    '```text',
    curves.map(drawCurve).join('\n\n'),
    '```',
    '',
  ].join('\n')
}

/** Of the longest bar, in characters. */
const WIDEST = 40

/** A bar for each point, as long as its value. */
export function drawCurve({ name, axis, unit, points }: Curve): string {
  const greatest = Math.max(...points.map(({ value }) => value))
  const width = Math.max(...points.map(({ at }) => formatNumber(at).length))
  const bars = points.map(({ at, value }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((value / greatest) * WIDEST)))
    return `  ${formatNumber(at).padStart(width)}  ${bar} ${withUnit(value, unit)}`
  })
  return [`${name}, by ${axis}`, ...bars].join('\n')
}

const heads = ['Lever', 'Figure', 'Without', 'With']

/** What is in the product, and what was tried and is not. */
export function leverChapter({ levers }: Report): string {
  const kept = levers.filter(({ dropped }) => dropped === undefined)
  const dropped = levers.filter((lever) => lever.dropped !== undefined)
  return [
    '## Levers',
    '',
    'What each step brings: the sidecar as it is, and the same without that one step, in turns within one run.',
    '',
    table(heads, inGroups(kept)),
    ...recordedTable(),
    '## Tried and dropped',
    '',
    'The sidecar as it is, and with one thing more:',
    '',
    table([...heads, 'Why it is not in'], inGroups(dropped)),
    'Found out earlier, and not measured again:',
    '',
    ...droppedBefore.map(({ name, why }) => `- ${name}: ${why}`),
    '',
  ].join('\n')
}

function recordedTable(): readonly string[] {
  if (recorded.length === 0) return []
  const rows = recorded.map(({ name, what, before, after }) => [name, what, before, after])
  return ['What no switch takes away again, as it was measured when it was done:', '', table(heads, rows)]
}

/** A lever's name stands in the first of its rows only. */
const inGroups = (levers: readonly Lever[]): readonly (readonly string[])[] =>
  levers.map((lever, index) => {
    const isFirst = levers[index - 1]?.name !== lever.name
    const why = lever.dropped === undefined ? [] : [isFirst ? lever.dropped.why : '']
    return [
      isFirst ? lever.name : '',
      lever.what,
      withUnit(lever.without.median, lever.unit),
      withUnit(lever.with.median, lever.unit),
      ...why,
    ]
  })
