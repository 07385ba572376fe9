import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RUNBOOKS } from '../docs/alerts.ts'
import { runbook } from '../docs/alertsRunbook.ts'
import { DASHBOARD } from '../docs/dashboard.ts'
import type { Query } from './names.ts'
import { RULES, type Rules, readRules } from './ruleFile.ts'

/** All that is checked. */
export type Alerting = {
  readonly rules: Rules
  readonly ruleQueries: readonly Query[]
  /** Of the dashboard, which has variables. */
  readonly panelQueries: readonly Query[]
  /** Of the runbooks and of what operators are told to look at. */
  readonly pageQueries: readonly Query[]
  /** The paths of the tests, from the root. */
  readonly testPaths: readonly string[]
  readonly testFiles: readonly string[]
  /** Where the runbooks are, as the alerts name it. */
  readonly runbookAddress: string
  /** The names of their pages. */
  readonly runbooks: readonly string[]
}

const MONITORING = 'docs/operators/monitoring.md'

/** Reads the rules, their tests, the dashboard and the runbooks of the checkout in `root`. */
export function loadAlerting(root: string): Alerting {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const rules = readRules(read(RULES))
  const testPaths = globSync('test/alerts/*.test.yaml', { cwd: root }).sort()
  return {
    rules,
    ruleQueries: [
      ...rules.alerts.map(({ alert, expr }) => ({ where: alert, expr })),
      ...rules.recorded.map(({ record, expr }) => ({ where: record, expr })),
    ],
    panelQueries: panelQueries(read(DASHBOARD)),
    pageQueries: [...runbookQueries(), ...markdownQueries(read(MONITORING))],
    testPaths,
    testFiles: testPaths.map(read),
    runbookAddress: `https://lanyard.dev/${RUNBOOKS}`,
    runbooks: globSync('*.md', { cwd: join(root, RUNBOOKS) }),
  }
}

type DashboardFile = {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[]
}

export function panelQueries(json: string): readonly Query[] {
  const { panels }: DashboardFile = JSON.parse(json)
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `the panel “${title}”`, expr })),
  )
}

const runbookQueries = (): readonly Query[] =>
  Object.entries(runbook).flatMap(([alert, { which }]) =>
    which === undefined ? [] : [{ where: `the runbook of ${alert}`, expr: which }],
  )

/** In the last cell of a table, and in blocks of PromQL. */
export const markdownQueries = (page: string): readonly Query[] =>
  [...page.matchAll(/^\|.*\| `([^`]*\blanyard_[^`]*)` \|$|^```promql\n([\s\S]*?)\n```$/gm)].map(
    ([, cell, block = '']) => ({ where: MONITORING, expr: cell ?? block }),
  )
