import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runbook } from '../docs/alertsRunbook.ts'
import { DASHBOARD } from '../docs/dashboard.ts'
import type { Query } from './names.ts'
import { RULES, type Rules, readRules } from './ruleFile.ts'

/** All that is checked. */
export type Alerting = {
  readonly rules: Rules
  readonly ruleQueries: readonly Query[]
  /** Of the dashboard and of the runbook: what people look at. */
  readonly shownQueries: readonly Query[]
  /** The paths of the tests, from the root. */
  readonly testPaths: readonly string[]
  readonly testFiles: readonly string[]
  /** Where the runbook is, as the alerts name it. */
  readonly runbookPage: string
  /** The ids to which it can be linked. */
  readonly anchors: readonly string[]
}

const PAGE = 'docs/reference/alerts.md'
/** Where the alerts send people. */
const RUNBOOK = `https://lanyard.dev/${PAGE}`

/** Reads the rules, their tests, the dashboard and the runbook of the checkout in `root`. */
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
    shownQueries: [...panelQueries(read(DASHBOARD)), ...runbookQueries()],
    testPaths,
    testFiles: testPaths.map(read),
    runbookPage: RUNBOOK,
    anchors: [...read(PAGE).matchAll(/<a id="([^"]*)">/g)].map(([, id = '']) => id),
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
