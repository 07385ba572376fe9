import { type MetricName, metrics } from '../../src/metrics/index.ts'
import { type Matcher, usesOf } from './promql.ts'
import { type KnownSeries, type Labels, namesOf } from './series.ts'

/** An expression and where it stands. */
export type Query = { readonly where: string; readonly expr: string }

/** The series, labels and label values that do not exist. */
export const strangeNames = (queries: readonly Query[], known: KnownSeries): readonly string[] =>
  queries.flatMap(({ where, expr }) => problemsOf(expr, known).map((problem) => `${where}: ${problem}`))

function problemsOf(expr: string, known: KnownSeries): readonly string[] {
  const { selectors, grouping } = usesOf(expr)
  const labels = new Set(selectors.flatMap(({ name }) => Object.keys(known.get(name) ?? {})))
  return [
    ...selectors.flatMap(({ name, matchers }) => {
      const own = known.get(name)
      if (own === undefined) return [`there is no series ${name}`]
      return matchers.flatMap((matcher) => wrong(matcher, own).map((problem) => `${name} ${problem}`))
    }),
    ...grouping.filter((label) => !labels.has(label)).map((label) => `none of its series has the label ${label}`),
  ]
}

function wrong({ label, sign, value }: Matcher, labels: Labels): readonly string[] {
  if (!Object.hasOwn(labels, label)) return [`has no label ${label}`]
  const values = labels[label]
  if (values === undefined || value.includes('$')) return []
  const wanted = sign.endsWith('~') ? value.split('|') : [value]
  return wanted.filter((one) => !values.includes(one)).map((one) => `has no ${label} ${one}`)
}

/** The metrics that no rule and no panel reads: nobody would notice what they say. */
export function unusedMetrics(queries: readonly Query[]): readonly string[] {
  const used = new Set(queries.flatMap(({ expr }) => usesOf(expr).selectors.map(({ name }) => name)))
  return (Object.keys(metrics) as MetricName[]).filter((metric) => !namesOf(metric).some((name) => used.has(name)))
}
