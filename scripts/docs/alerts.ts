import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Alert, type Recorded, RULES, type Rules, readRules } from '../alerts/ruleFile.ts'
import { runbook } from './alertsRunbook.ts'
import { anchor, code, heading, table } from './markdown.ts'

/** Where the runbooks are, from the root of the checkout: a page per alert, and nothing else. */
export const RUNBOOKS = 'docs/runbooks'

const about = `The chart brings these rules with \`monitoring.prometheusRule.enabled\`; a Prometheus without the operator loads
[${RULES}](../../${RULES}) as it is. They need the metrics of the webhook (\`monitoring.serviceMonitor\`) and of the sidecars
(\`monitoring.podMonitor\`) with the labels \`namespace\` and \`pod\`; LanyardWebhookCallsFailing needs those of the API server, and
LanyardWebhookReplicasMissing is better with those of kube-state-metrics.

Each has a runbook: what it means, how to find the cause, what to change. Sidecars are counted by namespace, so that a hundred
pods with one cause are one alert; a query in the runbook shows which ones they are. Page somebody for \`critical\`, open a
ticket for \`warning\`, and only show \`info\`. While LanyardRefreshFailingWidely fires, LanyardRefreshFailing says nothing new:
let Alertmanager inhibit it.
`

/** docs/reference/alerts.md: every alert, and where to read on. */
export function alertsPage(root: string): string {
  const { alerts, recorded } = rulesOf(root)
  const rows = alerts.map(({ alert, severity, lasting, summary }) => [
    `${anchor(alert)}[${alert}](../runbooks/${alert}.md)`,
    severity,
    whenOf(lasting),
    plain(summary),
  ])
  return [
    heading('Alerts', 'For operators: which alerts Lanyard has, with the runbook of each.'),
    about,
    table(['Alert', 'Severity', 'Fires', 'What it says'], rows),
    '## Recorded series',
    '',
    'What the dashboard draws, for all sidecars by namespace.',
    '',
    table(['Series', 'What it is'], recorded.map(row)),
  ].join('\n')
}

/** docs/runbooks: a page per alert, by its path. */
export const runbookPages = (root: string): readonly (readonly [string, string])[] =>
  rulesOf(root).alerts.map((alert) => [`${RUNBOOKS}/${alert.alert}.md`, runbookPage(alert)])

/** Throws where the runbook is of alerts that are not there. */
function rulesOf(root: string): Rules {
  const rules = readRules(readFileSync(join(root, RULES), 'utf8'))
  const known = rules.alerts.map(({ alert }) => alert)
  const lost = Object.keys(runbook).filter((name) => !known.includes(name))
  if (lost.length > 0) throw new Error(`the runbook has ${lost.join(', ')}, and ${RULES} has no such alert`)
  return rules
}

function runbookPage({ alert, severity, lasting, summary, expr }: Alert): string {
  const entry = runbook[alert]
  if (entry === undefined) throw new Error(`the runbook says nothing of ${alert}`)
  const { meaning, impact, which, diagnosis, mitigation } = entry
  return [
    heading(alert, `For operators who are called by it: ${lowerFirst(plain(summary))}.`),
    `Severity \`${severity}\`, ${whenOf(lasting)}. All alerts: [alerts](../reference/alerts.md#${alert}).`,
    '',
    ...section('Meaning', [meaning]),
    ...section('Impact', [impact]),
    ...section('Diagnosis', numbered(diagnosis)),
    ...section('Mitigation', numbered(mitigation)),
    ...(which === undefined ? [] : section('Which ones', promql(which))),
    ...section('The rule', promql(expr)),
  ].join('\n')
}

const section = (title: string, lines: readonly string[]): readonly string[] => [`## ${title}`, '', ...lines, '']
const numbered = (steps: readonly string[]): readonly string[] => steps.map((step, index) => `${index + 1}. ${step}`)
const promql = (expr: string): readonly string[] => ['```promql', expr.trim(), '```']
const whenOf = (lasting: string | undefined): string => (lasting === undefined ? 'at once' : `after ${lasting}`)
const row = ({ record, expr }: Recorded): readonly string[] => [code(record), code(expr.trim().replaceAll(/\s+/g, ' '))]
/** But for names, which have a second capital. */
const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
/** The words of a template, with the names of its labels where their values would be. */
const plain = (template: string): string =>
  template.replaceAll(/\{\{ *\$(?:labels\.)?(\w+) *\}\}/g, (_, name: string) => name.toUpperCase())
