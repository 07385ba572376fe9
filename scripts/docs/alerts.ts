import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Alert, type Recorded, RULES, readRules } from '../alerts/ruleFile.ts'
import { type RunbookEntry, runbook } from './alertsRunbook.ts'
import { anchor, code, heading, table } from './markdown.ts'

const about = `The chart brings these rules with \`monitoring.prometheusRule.enabled\`; a Prometheus without the operator loads
[${RULES}](../../${RULES}) as it is. They need the metrics of the webhook (\`monitoring.serviceMonitor\`) and of the sidecars
(\`monitoring.podMonitor\`) with the labels \`namespace\` and \`pod\`; LanyardWebhookCallsFailing needs those of the API server, and
LanyardWebhookReplicasMissing is better with those of kube-state-metrics.

Sidecars are counted by namespace, so that a hundred pods with one cause are one alert; the query under each alert shows which
ones they are. Page somebody for \`critical\`, open a ticket for \`warning\`, and only show \`info\`. While
LanyardRefreshFailingWidely fires, LanyardRefreshFailing says nothing new: let Alertmanager inhibit it.
`

/** docs/reference/alerts.md: every alert, what it means and what to do. */
export function alertsPage(root: string): string {
  const { alerts, recorded } = readRules(readFileSync(join(root, RULES), 'utf8'))
  const known = alerts.map(({ alert }) => alert)
  const lost = Object.keys(runbook).filter((name) => !known.includes(name))
  if (lost.length > 0) throw new Error(`the runbook has ${lost.join(', ')}, and ${RULES} has no such alert`)
  const rows = alerts.map(({ alert, severity, summary }) => [`[${alert}](#${alert})`, severity, plain(summary)])
  return [
    heading('Alerts', 'For operators: what each alert of Lanyard means, and what to do.'),
    about,
    table(['Alert', 'Severity', 'What it says'], rows),
    ...alerts.map(section),
    '## Recorded series',
    '',
    'What the dashboard draws, for all sidecars by namespace.',
    '',
    table(['Series', 'What it is'], recorded.map(row)),
  ].join('\n')
}

function section({ alert, severity, lasting, summary, expr }: Alert): string {
  const entry = runbook[alert]
  if (entry === undefined) throw new Error(`the runbook says nothing of ${alert}`)
  const when = lasting === undefined ? 'at once' : `after ${lasting}`
  return [
    `## ${anchor(alert)}${alert}`,
    '',
    `_${severity}, ${when}:_ ${plain(summary)}.`,
    '',
    entry.means,
    '',
    ...stepsOf(entry),
    ...query('The rule', expr),
    ...(entry.which === undefined ? [] : query('Which ones', entry.which)),
  ].join('\n')
}

const stepsOf = ({ steps }: RunbookEntry): readonly string[] => [
  '**What to do:**',
  '',
  ...steps.map((step, index) => `${index + 1}. ${step}`),
  '',
]

const query = (title: string, expr: string): readonly string[] => [`${title}:`, '', '```promql', expr.trim(), '```', '']
const row = ({ record, expr }: Recorded): readonly string[] => [code(record), code(expr.trim().replaceAll(/\s+/g, ' '))]
/** The words of a template, with the names of its labels where their values would be. */
const plain = (template: string): string =>
  template.replaceAll(/\{\{ *\$(?:labels\.)?(\w+) *\}\}/g, (_, name: string) => name.toUpperCase())
