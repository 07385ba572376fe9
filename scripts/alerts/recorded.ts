import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Findings } from '../check/types.ts'
import { DASHBOARD } from '../docs/dashboard.ts'
import { answerProblems, asGrafana, CHOICES } from './answers.ts'
import type { Alerting } from './load.ts'
import type { Query } from './names.ts'
import { toOpenMetrics } from './openMetrics.ts'
import { askApi, type Prometheus, withPrometheus } from './prometheus.ts'
import { promtool } from './promtool.ts'
import { type Recording, record } from './record.ts'
import { RULES } from './ruleFile.ts'

/**
 * Puts every query of the dashboard, of the pages and of the rules to a real Prometheus with recorded data, in which all
 * goes wrong that can. None may fail, and each must show something.
 */
export async function askRecorded(root: string, all: Alerting): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-recorded-'))
  try {
    const recording = await record()
    const problems = await fill(root, folder, recording)
    if (problems.length > 0) return { problems }
    return await withPrometheus(folder, (prometheus) => askAll(root, all, prometheus, recording))
  } catch (thrown) {
    return { problems: [thrown instanceof Error ? thrown.message : String(thrown)] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What was scraped, then what the rules record of it: a second Prometheus reads both. */
async function fill(root: string, folder: string, { scrapes, from, to }: Recording): Promise<readonly string[]> {
  const [file, data] = [join(folder, 'recorded.om'), join(folder, 'data')]
  writeFileSync(file, toOpenMetrics(scrapes))
  writeFileSync(join(folder, 'prometheus.json'), JSON.stringify({ rule_files: [join(root, RULES)] }))
  const { problems } = await promtool(root, ['tsdb', 'create-blocks-from', 'openmetrics', file, data])
  if (problems.length > 0) return problems
  return withPrometheus(folder, async ({ url }) => {
    const range = [`--start=${from}`, `--end=${to}`, `--url=${url}`, `--output-dir=${data}`]
    return (await promtool(root, ['tsdb', 'create-blocks-from', 'rules', ...range, RULES])).problems
  })
}

async function askAll(
  root: string,
  { panelQueries, pageQueries, ruleQueries }: Alerting,
  prometheus: Prometheus,
  recording: Recording,
): Promise<Findings> {
  const shown = CHOICES.flatMap((choice) =>
    panelQueries.map(({ where, expr }) => ({ where: `${where}, ${choice}`, expr: asGrafana(expr, choice) })),
  )
  const problems = [
    ...(await askShown([...shown, ...pageQueries], prometheus, recording)),
    ...(await askRules(ruleQueries, prometheus, recording)),
    ...(await askChoices(root, prometheus, recording)),
    ...(await askNothing(prometheus, recording)),
  ]
  return { problems, note: `${shown.length + pageQueries.length + ruleQueries.length} queries` }
}

/** What people look at shows something, over all the time and at the worst moment, as a panel with one number asks. */
async function askShown(
  queries: readonly Query[],
  prometheus: Prometheus,
  recording: Recording,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const { where, expr } of queries) {
    const problems = [
      ...(await problemsOf(prometheus, 'query_range', overAll(expr, recording))),
      ...(await problemsOf(prometheus, 'query', { query: expr, time: String(recording.worst) })),
    ]
    found.push(...problems.map((problem) => `${where}: ${problem}`))
  }
  return found
}

/** Every rule has something to say of what went wrong, and no alert of the time before. */
async function askRules(
  queries: readonly Query[],
  prometheus: Prometheus,
  recording: Recording,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const { where, expr } of queries) {
    const problems = await problemsOf(prometheus, 'query_range', overAll(expr, recording))
    found.push(...problems.map((problem) => `${where}: ${problem}`))
    const calm = { query: expr, time: String(recording.calm) }
    const silent = where.includes(':') || (await problemsOf(prometheus, 'query', calm)).length > 0
    if (!silent) found.push(`${where}: would fire where all is well`)
  }
  return found
}

/** A check that finds nothing wrong with a query of nothing would find nothing at all. */
const askNothing = async (prometheus: Prometheus, recording: Recording): Promise<readonly string[]> =>
  (await problemsOf(prometheus, 'query_range', overAll('lanyard_nothing', recording))).length > 0
    ? []
    : ['a query of nothing is said to show something']

const overAll = (query: string, { from, to }: Recording): Readonly<Record<string, string>> => ({
  query,
  start: String(from),
  end: String(to),
  step: '60',
})

const problemsOf = async (
  prometheus: Prometheus,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly string[]> => {
  try {
    return answerProblems(await askApi(prometheus, path, query)).map((problem) => `${path} ${problem}`)
  } catch (thrown) {
    return [`${path} fails: ${thrown instanceof Error ? thrown.message : String(thrown)}`]
  }
}

type Variable = { readonly name: string; readonly type: string; readonly definition?: string }
type Dashboard = { readonly templating: { readonly list: readonly Variable[] } }

/** What Grafana asks for the choices of a variable: `label_values(SERIES, LABEL)`. */
async function askChoices(root: string, prometheus: Prometheus, { from, to }: Recording): Promise<readonly string[]> {
  const { templating }: Dashboard = JSON.parse(readFileSync(join(root, DASHBOARD), 'utf8'))
  const found: string[] = []
  for (const { name, definition } of templating.list.filter(({ type }) => type === 'query')) {
    const [, series = '', label = ''] = /^label_values\((.+), *(\w+)\)$/.exec(definition ?? '') ?? []
    const query = { 'match[]': series, start: String(from), end: String(to) }
    const values = await askApi(prometheus, `label/${label}/values`, query).catch(() => [])
    if (!Array.isArray(values) || values.length === 0) found.push(`the variable ${name} has no choices`)
  }
  return found
}
