import { formatTable } from '../../src/terminal/table.ts'
import type { Curve, Found, Lever, Measurement, Spread } from './bench.ts'
import type { Environment } from './environment.ts'
import { type FigureRow, figureOf } from './figures.ts'
import { groupOf } from './groups.ts'

/** What a run found, as `--json` writes it. */
export type Report = {
  readonly environment: Environment
  /** Whether every bench ran, in its long form. */
  readonly complete: boolean
  readonly seconds: number
  readonly measurements: readonly Measurement[]
  readonly curves: readonly Curve[]
  readonly levers: readonly Lever[]
  readonly leftOut: readonly string[]
  /** Benches that could not be run, and why. */
  readonly failed: readonly { readonly name: string; readonly why: string }[]
}

/** What all benches found, in their order. */
export const gather = (found: readonly Found[]): Required<Found> => ({
  measurements: found.flatMap(({ measurements = [] }) => measurements),
  curves: found.flatMap(({ curves = [] }) => curves),
  levers: found.flatMap(({ levers = [] }) => levers),
  leftOut: found.flatMap(({ leftOut = [] }) => leftOut),
})

export type Verdict = 'met' | 'missed' | ''

/** By the median. */
export function judge({ goal }: FigureRow, { median }: Spread): Verdict {
  if (goal === undefined) return ''
  const isMet = 'most' in goal ? median <= goal.most : median >= goal.least
  return isMet ? 'met' : 'missed'
}

/** The figures that are the same on every machine, and miss their goal. */
export const missedFixed = (measurements: readonly Measurement[]): readonly Measurement[] =>
  measurements.filter(({ id, value }) => {
    const row = figureOf(id)
    return row.fixed === true && judge(row, value) === 'missed'
  })

export const formatGoal = ({ goal }: FigureRow): string =>
  goal === undefined ? '' : 'most' in goal ? `≤ ${goal.most}` : `≥ ${goal.least}`

/** Three digits, as many as a reading of a machine is worth; all of those before the point. */
export function formatNumber(value: number): string {
  if (value === 0) return '0'
  const before = Math.floor(Math.log10(Math.abs(value))) + 1
  const digits = Math.min(4, Math.max(0, 3 - before))
  return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits })
}

export const withUnit = (value: number, unit: string): string =>
  `${formatNumber(value)}${unit === '' ? '' : ` ${unit}`}`

export const formatSpread = ({ min, max, count }: Spread): string =>
  count === 1 ? '' : `(${formatNumber(min)}–${formatNumber(max)})`

/** `ours / baseline`, with the unit; nothing where the figure is no ratio. */
export const formatSides = ({ ours, baseline }: Measurement, { of }: FigureRow): string =>
  ours === undefined || baseline === undefined
    ? ''
    : `${formatNumber(ours.median)} / ${withUnit(baseline.median, of ?? '')}`

/** So that all columns together fit 120. */
const ABOUT = 40

type Shown = Pick<Report, 'measurements' | 'curves' | 'levers' | 'leftOut' | 'failed'>

/** Figures in their groups, growth, levers; then what could not be measured. */
export function formatReport({ measurements, curves, levers, leftOut, failed }: Shown): string {
  const groups = Map.groupBy(measurements, ({ id }) => groupOf(id).title)
  const head = ['figure', 'median', '(spread)', 'ours / baseline', 'goal', '', 'peers']
  const rows = [...groups].flatMap(([group, all]) => [[group], ...all.flatMap(formatRow)])
  const lines = formatTable([head, ...rows]).split('\n')
  return [
    ...(measurements.length === 0 ? [] : lines.map((line) => line.trimEnd())),
    ...(curves.length === 0 ? [] : ['', 'Growth', ...curves.map(formatCurve)]),
    ...(levers.length === 0 ? [] : ['', 'Levers: without and with each', ...levers.map(formatLever)]),
    ...leftOut.map((sentence) => `left out: ${sentence}`),
    ...failed.map(({ name, why }) => `FAILED ${name}: ${why}`),
  ].join('\n')
}

const formatCurve = ({ name, axis, exponent, points, unit }: Curve): string =>
  [
    `  ${name}, by ${axis} ^ ${exponent.toFixed(2)}`,
    `    ${points.map(({ at, value }) => `${formatNumber(at)}: ${formatNumber(value)}`).join(', ')} ${unit}`,
  ].join('\n')

/** A lever's name stands above the first of its lines only. */
function formatLever(
  { name, what, unit, without, with: having, dropped }: Lever,
  index: number,
  all: readonly Lever[],
): string {
  const line = `    ${what}: ${formatNumber(without.median)} → ${withUnit(having.median, unit)}`
  if (all[index - 1]?.name === name) return line
  return [`  ${name}${dropped === undefined ? '' : `, dropped: ${dropped.why}`}`, line].join('\n')
}

function formatRow(measurement: Measurement): readonly (readonly string[])[] {
  const { id, value } = measurement
  const row = figureOf(id)
  const lines = breakAt(row.about, ABOUT)
  const cells = [
    withUnit(value.median, row.unit),
    formatSpread(value),
    formatSides(measurement, row),
    formatGoal(row),
    judge(row, value),
    row.peers ?? '',
  ]
  return lines.map((about, index) => (index === lines.length - 1 ? [about, ...cells] : [about]))
}

/** At white space, into lines of at most so many characters, set in below their group. */
function breakAt(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(lines.length === 0 ? `  ${word}` : `    ${word}`)
  }
  return lines
}
