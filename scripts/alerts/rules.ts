import type { Alert } from './ruleFile.ts'

const severities = ['critical', 'warning', 'info']

/** What an alert lacks for whoever gets it. The runbooks are below `address`, those that are there by their names. */
export const incompleteAlerts = (
  alerts: readonly Alert[],
  address: string,
  runbooks: readonly string[],
): readonly string[] =>
  alerts.flatMap((alert) => lacks(alert, address, runbooks).map((what) => `${alert.alert} ${what}`))

function lacks(rule: Alert, address: string, runbooks: readonly string[]): readonly string[] {
  const { alert, severity, summary, description, runbookUrl } = rule
  const wanted = `${address}/${alert}.md`
  return [
    ...(/^Lanyard[A-Z]\w+$/.test(alert) ? [] : ['is not named Lanyard…']),
    ...(severities.includes(severity) ? [] : [`has not one of the severities ${severities.join(', ')}`]),
    ...(summary === '' || /[.\n]$/.test(summary) ? ['has no summary, or one that is a sentence'] : []),
    ...(description.endsWith('.') ? [] : ['has no description in whole sentences']),
    ...(runbookUrl === wanted ? [] : [`has the runbook_url ${runbookUrl}, not ${wanted}`]),
    ...(runbooks.includes(`${alert}.md`) ? [] : [`has no runbook ${alert}.md`]),
  ]
}
