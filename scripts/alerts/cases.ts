import { parse } from 'yaml'
import { milliseconds } from './scale.ts'

type Expectation = {
  readonly alertname?: string
  readonly eval_time?: string
  readonly exp_alerts?: readonly unknown[]
}
type TestFile = { readonly tests?: readonly { readonly alert_rule_test?: readonly Expectation[] }[] }

/** What one test says of one alert: when it fires, and when it is silent; in milliseconds. */
type Case = { readonly alert: string; readonly fires: readonly number[]; readonly silent: readonly number[] }

/**
 * The alerts of which no test shows all that an alert must do: it fires, it is silent again LATER in the same test, and there
 * is a test in which it never fires. And the names that no rule has.
 */
export function untestedAlerts(alerts: readonly string[], testFiles: readonly string[]): readonly string[] {
  const cases = testFiles
    .map((text): TestFile => parse(text))
    .flatMap(({ tests }) => tests ?? [])
    .flatMap(({ alert_rule_test }) => casesOf(alert_rule_test ?? []))
  const strangers = new Set(cases.map(({ alert }) => alert).filter((name) => !alerts.includes(name)))
  return [
    ...alerts.flatMap((name) => lacking(cases.filter(({ alert }) => alert === name)).map((what) => `${what} ${name}`)),
    ...[...strangers].map((name) => `a test names ${name}, which is no alert`),
  ]
}

function lacking(cases: readonly Case[]): readonly string[] {
  const fires = cases.some((one) => one.fires.length > 0)
  return [
    ...(fires ? [] : ['no test sees it fire:']),
    ...(fires && !cases.some(resolves) ? ['no test sees it resolve after it fired:'] : []),
    ...(cases.some((one) => one.fires.length === 0) ? [] : ['no test of its own sees it stay silent:']),
  ]
}

const resolves = ({ fires, silent }: Case): boolean => silent.some((at) => fires.some((fired) => fired < at))

/** Of one test, by alert. */
function casesOf(expectations: readonly Expectation[]): readonly Case[] {
  const byAlert = Map.groupBy(expectations, ({ alertname = '' }) => alertname)
  return [...byAlert].map(([alert, some]) => {
    const at = (fires: boolean): readonly number[] =>
      some
        .filter(({ exp_alerts = [] }) => exp_alerts.length > 0 === fires)
        .map(({ eval_time = '' }) => milliseconds(eval_time))
    return { alert, fires: at(true), silent: at(false) }
  })
}
