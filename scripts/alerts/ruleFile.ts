import { parse } from 'yaml'

/** The one source of the rules, from the root of the checkout. */
export const RULES = 'charts/lanyard/files/rules.yaml'

export type Alert = {
  readonly alert: string
  readonly expr: string
  /** Of the rule's `for`; none fires at once. */
  readonly lasting: string | undefined
  readonly severity: string
  readonly summary: string
  readonly description: string
  readonly runbookUrl: string
}

export type Recorded = { readonly record: string; readonly expr: string }
export type Rules = { readonly alerts: readonly Alert[]; readonly recorded: readonly Recorded[] }

type Fields = Readonly<Record<string, unknown>>
type RuleFile = { readonly groups?: readonly { readonly rules?: readonly Fields[] }[] }

/** Reads a rule file of Prometheus; what is missing is empty, and found by the checks. */
export function readRules(text: string): Rules {
  const file: RuleFile = parse(text)
  const all = (file.groups ?? []).flatMap(({ rules }) => rules ?? [])
  return {
    alerts: all.filter(({ alert }) => alert !== undefined).map(toAlert),
    recorded: all
      .filter(({ record }) => record !== undefined)
      .map(({ record, expr }) => ({ record: textOf(record), expr: textOf(expr) })),
  }
}

function toAlert(rule: Fields): Alert {
  const [labels, annotations] = [fieldsOf(rule['labels']), fieldsOf(rule['annotations'])]
  return {
    alert: textOf(rule['alert']),
    expr: textOf(rule['expr']),
    lasting: rule['for'] === undefined ? undefined : textOf(rule['for']),
    severity: textOf(labels['severity']),
    summary: textOf(annotations['summary']),
    description: textOf(annotations['description']),
    runbookUrl: textOf(annotations['runbook_url']),
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {})
