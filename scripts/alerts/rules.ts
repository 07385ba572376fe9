import type { Alert } from './ruleFile.ts'

const severities = ['critical', 'warning', 'info']

/** What an alert lacks for whoever gets it. */
export const incompleteAlerts = (
  alerts: readonly Alert[],
  runbookPage: string,
  anchors: readonly string[],
): readonly string[] =>
  alerts.flatMap((alert) => lacks(alert, runbookPage, anchors).map((what) => `${alert.alert} ${what}`))

function lacks(rule: Alert, runbookPage: string, anchors: readonly string[]): readonly string[] {
  const { alert, severity, summary, description, runbookUrl } = rule
  const wanted = `${runbookPage}#${alert}`
  return [
    ...(/^Lanyard[A-Z]\w+$/.test(alert) ? [] : ['is not named Lanyard…']),
    ...(severities.includes(severity) ? [] : [`has not one of the severities ${severities.join(', ')}`]),
    ...(summary === '' || /[.\n]$/.test(summary) ? ['has no summary, or one that is a sentence'] : []),
    ...(description.endsWith('.') ? [] : ['has no description in whole sentences']),
    ...(runbookUrl === wanted ? [] : [`has the runbook_url ${runbookUrl}, not ${wanted}`]),
    ...(anchors.includes(alert) ? [] : [`is not on the page ${runbookPage}`]),
  ]
}
