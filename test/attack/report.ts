import { formatTable } from '../../src/terminal/table.ts'
import {
  BUSY,
  FEWEST_JUDGED,
  GROWTH,
  MEMORY_LIMIT,
  type Outcome,
  passed,
  type Side,
  SLOWEST_P99,
  slowestOf,
} from './verdict.ts'

/** A line for an attack, with what was seen where that is not what was expected. */
export function formatOutcomes(outcomes: readonly Outcome[], width: number): string {
  const [first] = outcomes
  if (first === undefined) return ''
  const verdicts = outcomes.map((one) => `${one.protocol} ${passed(one) ? 'ok' : 'FAILED'}`)
  const row = [first.name.padEnd(width), verdicts.join('  ').padEnd(22), first.expected].join('  ')
  const more = outcomes.flatMap((one) => [
    ...(passed(one) ? [] : [`    ${one.protocol} saw: ${one.seen.slice(0, 500)}`]),
    ...(one.note === undefined ? [] : [`    ${one.protocol}: ${one.note}`]),
  ])
  return [row, ...more].join('\n')
}

const figure = (value: number): string => value.toFixed(1)
const ms = (value: number): string => `${figure(value)} ms`

/** By family, then by sidecar: memory, and what the real client lived through. */
export function formatSummary(outcomes: readonly Outcome[], sides: readonly Side[]): string {
  const families = Map.groupBy(outcomes, ({ name }) => name.slice(0, name.indexOf('/')))
  const byFamily = formatTable([
    ['family', 'tried', 'as expected', 'longest'],
    ...[...families].map(([family, all]) => [
      family,
      String(all.length),
      String(all.filter(passed).length),
      `${(Math.max(...all.map(({ from, to }) => to - from)) / 1_000).toFixed(1)} s`,
    ]),
  ])
  const bySide = formatTable([
    ['sidecar', 'before', 'peak', 'after', 'growth', 'requests', 'failures', 'p50', 'p99', 'max', 'p99 before'],
    ...sides.map(({ protocol, memory: { before, peak, after }, served, baseline }) => [
      protocol,
      ...[before, peak, after, after - before].map(figure),
      String(served.asked),
      String(served.failures.length),
      ...[served.p50, served.p99, served.max, baseline].map(figure),
    ]),
  ])
  const slowest = sides.flatMap(({ protocol, served }) =>
    served.slowest.map(({ took, during }) => `  ${protocol}: ${ms(took)} during ${during}`),
  )
  const bounds = `growth at most ${GROWTH} MiB, peak at most ${MEMORY_LIMIT} MiB, p99 below ${SLOWEST_P99} ms, no failure`
  return [
    byFamily,
    '',
    'Private memory of the sidecar in MiB, and the requests of its real client in ms',
    `(${bounds}):`,
    bySide,
    ...sides.flatMap(judgement),
    '',
    'The slowest:',
    ...slowest,
  ].join('\n')
}

/** Where the p99 is not held to the bound that is written above. */
function judgement(side: Side): readonly string[] {
  const { protocol, served, baseline } = side
  if (served.asked < FEWEST_JUDGED)
    return [`${protocol}: ${served.asked} requests are too few to judge the p99, which takes ${FEWEST_JUDGED}`]
  if (slowestOf(side) === SLOWEST_P99) return []
  return [
    `${protocol}: this machine is so busy that the p99 was ${ms(baseline)} before the attacks: ${BUSY} times that is allowed`,
  ]
}
