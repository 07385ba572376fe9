import { parse } from 'yaml'

type TestFile = {
  readonly tests?: readonly {
    readonly alert_rule_test?: readonly { readonly alertname?: string; readonly exp_alerts?: readonly unknown[] }[]
  }[]
}

/** The alerts that no test sees fire, those that none sees silent, and the names that no rule has. */
export function untestedAlerts(alerts: readonly string[], testFiles: readonly string[]): readonly string[] {
  const cases = testFiles
    .map((text): TestFile => parse(text))
    .flatMap(({ tests }) => tests ?? [])
    .flatMap(({ alert_rule_test }) => alert_rule_test ?? [])
    .map(({ alertname = '', exp_alerts }) => ({ alertname, fires: (exp_alerts ?? []).length > 0 }))
  const has = (name: string, fires: boolean): boolean =>
    cases.some((one) => one.alertname === name && one.fires === fires)
  const strangers = new Set(cases.map(({ alertname }) => alertname).filter((name) => !alerts.includes(name)))
  return [
    ...alerts.filter((name) => !has(name, true)).map((name) => `no test shows that ${name} fires`),
    ...alerts.filter((name) => !has(name, false)).map((name) => `no test shows that ${name} stays silent`),
    ...[...strangers].map((name) => `a test names ${name}, which is no alert`),
  ]
}
