/** `npm run alerts`: everything that can be known of the alerts and the dashboard without a cluster. It needs promtool and prometheus. */
import process from 'node:process'
import { untestedAlerts } from './alerts/cases.ts'
import { type Alerting, loadAlerting } from './alerts/load.ts'
import { type Query, strangeNames, unusedMetrics } from './alerts/names.ts'
import { checkQueries, promtool } from './alerts/promtool.ts'
import { askRecorded } from './alerts/recorded.ts'
import { RULES } from './alerts/ruleFile.ts'
import { incompleteAlerts } from './alerts/rules.ts'
import { knownSeries } from './alerts/series.ts'
import type { Findings } from './check/types.ts'

const queriesOf = ({ ruleQueries, panelQueries, pageQueries }: Alerting): readonly Query[] => [
  ...ruleQueries,
  ...panelQueries,
  ...pageQueries,
]

type Step = { readonly doc: string; readonly look: (root: string, all: Alerting) => Findings | Promise<Findings> }

const steps: readonly Step[] = [
  {
    doc: 'every alert says what it means and where to read on',
    look: (_, { rules, runbookAddress, runbooks }) => ({
      problems: incompleteAlerts(rules.alerts, runbookAddress, runbooks),
      note: `${rules.alerts.length} alerts`,
    }),
  },
  {
    doc: 'every series, label and value that is named exists',
    look: (_, all) => ({
      problems: strangeNames(queriesOf(all), knownSeries(all.rules.recorded)),
      note: `${queriesOf(all).length} queries`,
    }),
  },
  {
    doc: 'every metric is in a rule or on the dashboard',
    look: (_, all) => ({ problems: unusedMetrics(queriesOf(all)).map((name) => `nobody looks at ${name}`) }),
  },
  {
    doc: 'every alert is seen to fire, to resolve and to stay silent',
    look: (_, { rules, testFiles }) => ({
      problems: untestedAlerts(
        rules.alerts.map(({ alert }) => alert),
        testFiles,
      ),
    }),
  },
  { doc: 'promtool reads the rules', look: (root) => promtool(root, ['check', 'rules', RULES]) },
  {
    doc: 'promtool reads the queries of the dashboard and the pages',
    look: (root, { panelQueries, pageQueries }) => checkQueries(root, [...panelQueries, ...pageQueries]),
  },
  {
    doc: 'promtool runs the tests of the rules',
    look: async (root, { testPaths }) => ({
      ...(await promtool(root, ['test', 'rules', ...testPaths])),
      note: `${testPaths.length} files`,
    }),
  },
  { doc: 'a real Prometheus answers every query from recorded data', look: askRecorded },
]

async function main(root: string): Promise<void> {
  const all = loadAlerting(root)
  let failed = 0
  for (const { doc, look } of steps) {
    const { problems, note } = await look(root, all)
    failed += problems.length === 0 ? 0 : 1
    process.stdout.write(`${doc.padEnd(64)} ${problems.length === 0 ? 'ok' : 'FAILED'}${note ? ` (${note})` : ''}\n`)
    for (const problem of problems) process.stdout.write(`${problem.replaceAll(/^/gm, '    ')}\n`)
  }
  process.stdout.write(
    `\nalerts: ${failed === 0 ? `all ${steps.length} steps ok` : `${failed} of ${steps.length} steps FAILED`}\n`,
  )
  process.exitCode = failed === 0 ? 0 : 1
}

await main(process.cwd())
