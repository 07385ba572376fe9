import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type Ran, run } from '../check/run.ts'
import type { Findings } from '../check/types.ts'
import type { Query } from './names.ts'

const ABSENT =
  'there is no promtool on the PATH: it comes with Prometheus (Debian and Ubuntu: apt-get install prometheus), or PROMTOOL says where it is'

/** Runs promtool; what it prints is what is wrong. */
export async function promtool(root: string, args: readonly string[]): Promise<Findings> {
  const ran = await start(root, args)
  if (ran === undefined) return { problems: [ABSENT] }
  return { problems: ran.code === 0 ? [] : [ran.output] }
}

/** Whether expressions are PromQL: as rules of a file of their own, since promtool judges nothing else offline. */
export async function checkQueries(root: string, queries: readonly Query[]): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-alerts-'))
  const file = join(folder, 'queries.json')
  const rules = queries.map(({ expr }, index) => ({ record: `query${index}`, expr: withoutVariables(expr) }))
  try {
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }))
    return await promtool(root, ['check', 'rules', file])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Grafana puts a duration in place of this one; the others are in strings. */
const withoutVariables = (expr: string): string => expr.replaceAll('$__rate_interval', '5m')

async function start(root: string, args: readonly string[]): Promise<Ran | undefined> {
  try {
    return await run(root, process.env['PROMTOOL'] ?? 'promtool', args)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw thrown
  }
}
