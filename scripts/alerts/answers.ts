/** What a reader may have chosen as `$namespace`, as Grafana writes it into a regular expression: all, one, two. */
export const CHOICES = ['.*', 'shop', '(shop|bank)'] as const

/**
 * A query of a panel as Grafana sends it, with a scrape interval of a minute; but without the 0 that it shows in place of
 * nothing. Throws where a variable is left.
 */
export function asGrafana(panel: string, namespace: string): string {
  const expr = panel.replace(/ or vector\(0\)$/, '')
  const sent = expr.replaceAll('$namespace', namespace).replaceAll('$__rate_interval', '4m')
  if (sent.includes('$')) throw new Error(`a variable that is not known: ${expr}`)
  return sent
}

type Series = { readonly value?: readonly unknown[]; readonly values?: readonly (readonly unknown[])[] }

/** What is wrong with the answer of `query` or `query_range` (Prometheus docs, "Expression query result formats"). */
export function answerProblems(answer: unknown): readonly string[] {
  if (!isResult(answer)) return ['is answered with no result']
  if (answer.result.length === 0) return ['shows nothing']
  const samples = answer.result.flatMap(({ value, values = [] }) => (value === undefined ? values : [value]))
  return samples.some(([, value]) => Number.isFinite(Number(value))) ? [] : ['shows no number']
}

const isResult = (answer: unknown): answer is { readonly result: readonly Series[] } =>
  typeof answer === 'object' && answer !== null && 'result' in answer && Array.isArray(answer.result)
