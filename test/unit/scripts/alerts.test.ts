import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { untestedAlerts } from '../../../scripts/alerts/cases.ts'
import { loadAlerting } from '../../../scripts/alerts/load.ts'
import { strangeNames, unusedMetrics } from '../../../scripts/alerts/names.ts'
import { usesOf } from '../../../scripts/alerts/promql.ts'
import { promtool } from '../../../scripts/alerts/promtool.ts'
import { readRules } from '../../../scripts/alerts/ruleFile.ts'
import { incompleteAlerts } from '../../../scripts/alerts/rules.ts'
import { knownSeries } from '../../../scripts/alerts/series.ts'
import { runbook } from '../../../scripts/docs/alertsRunbook.ts'
import { codes } from '../../../src/errors/index.ts'
import { settingsOf } from '../../../src/settings/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const known = knownSeries([{ record: 'namespace:held:sum', expr: 'sum by (namespace) (up)' }])
const strange = (expr: string): readonly string[] => strangeNames([{ where: 'x', expr }], known)

test('an expression is read: its series, their matchers, the labels that it groups by', () => {
  const uses = usesOf(`
    sum by (namespace, le) (rate(a_total{code=~"5.. (b)", job!='x', pod="$pod"}[5m] offset 10m)) > 0.5
    and on (pod) max(namespace:b:sum) unless count_over_time(c[1h30m]) == bool 1e3 or vector(2)`)
  expect(uses.selectors).toEqual([
    {
      name: 'a_total',
      matchers: [
        { label: 'code', sign: '=~', value: '5.. (b)' },
        { label: 'pod', sign: '=', value: '$pod' },
      ],
    },
    { name: 'namespace:b:sum', matchers: [] },
    { name: 'c', matchers: [] },
  ])
  expect(uses.grouping).toEqual(['namespace', 'le', 'pod'])
})

describe('names that do not exist are found', () => {
  test.each([
    ['lanyard_credential_total', 'x: there is no series lanyard_credential_total'],
    ['lanyard_admission_duration_seconds', 'x: there is no series lanyard_admission_duration_seconds'],
    [
      'lanyard_sts_request_duration_seconds_bucket',
      'x: there is no series lanyard_sts_request_duration_seconds_bucket',
    ],
    ['lanyard_build_info{code="503"}', 'x: lanyard_build_info has no label code'],
    ['lanyard_endpoint_requests_total{code="500"}', 'x: lanyard_endpoint_requests_total has no code 500'],
    ['lanyard_endpoint_requests_total{code=~"503|504"}', 'x: lanyard_endpoint_requests_total has no code 504'],
    [
      'lanyard_admission_requests_total{outcome!="denied"}',
      'x: lanyard_admission_requests_total has no outcome denied',
    ],
    ['sum by (session) (lanyard_build_info)', 'x: none of its series has the label session'],
    ['namespace:held:sum{pod="a"}', 'x: namespace:held:sum has no label pod'],
    ['up{node="a"}', 'x: up has no label node'],
  ])('%s', (expr, problem) => {
    expect(strange(expr)).toEqual([problem])
  })

  test.each([
    'sum by (le, pod) (rate(lanyard_admission_duration_seconds_bucket{le="0.5"}[5m]))',
    'lanyard_sts_request_duration_seconds_sum / lanyard_sts_request_duration_seconds_count',
    'lanyard_endpoint_requests_total{code=~"200|503", namespace=~"$namespace"}',
    'count by (namespace) (namespace:held:sum)',
  ])('and those that do are not: %s', (expr) => {
    expect(strange(expr)).toEqual([])
  })
})

test('a metric that nobody looks at is found', () => {
  const { ruleQueries, shownQueries } = loadAlerting(root)
  const all = [...ruleQueries, ...shownQueries]
  expect(unusedMetrics(all.filter(({ expr }) => !expr.includes('skew')))).toEqual(['lanyard_clock_skew_seconds'])
})

test('an alert that is not seen to fire or to stay silent is found, and a test of none', () => {
  const silent = '{ alertname: A, exp_alerts: [] }'
  const fires = '{ alertname: B, exp_alerts: [{}] }'
  const file = `tests: [{ alert_rule_test: [${silent}, ${fires}, { alertname: C }] }]`
  expect(untestedAlerts(['A', 'B'], [file])).toEqual([
    'no test shows that A fires',
    'no test shows that B stays silent',
    'a test names C, which is no alert',
  ])
})

test('what an alert lacks is found', () => {
  const { alerts } = readRules('groups: [{ rules: [{ alert: Bad, expr: up, labels: { severity: page } }] }]')
  expect(incompleteAlerts(alerts, 'https://example.com/alerts.md', ['LanyardGood'])).toEqual([
    'Bad is not named Lanyard…',
    'Bad has not one of the severities critical, warning, info',
    'Bad has no summary, or one that is a sentence',
    'Bad has no description in whole sentences',
    'Bad has the runbook_url , not https://example.com/alerts.md#Bad',
    'Bad is not on the page https://example.com/alerts.md',
  ])
})

test('without promtool there is a sentence that says so', async () => {
  vi.stubEnv('PROMTOOL', '/nowhere/promtool')
  const { problems } = await promtool(root, ['--version'])
  vi.unstubAllEnvs()
  expect(problems).toEqual([expect.stringMatching(/^there is no promtool .* apt-get install prometheus/)])
})

describe('of the checkout', () => {
  const all = loadAlerting(root)
  const names = all.rules.alerts.map(({ alert }) => alert)

  test('the alerts are whole, tested, and name what exists', () => {
    expect(names.length).toBeGreaterThanOrEqual(20)
    expect(incompleteAlerts(all.rules.alerts, all.runbookPage, all.anchors)).toEqual([])
    expect(untestedAlerts(names, all.testFiles)).toEqual([])
    expect(strangeNames([...all.ruleQueries, ...all.shownQueries], knownSeries(all.rules.recorded))).toEqual([])
    expect(unusedMetrics([...all.ruleQueries, ...all.shownQueries])).toEqual([])
  })

  test('the runbook is about these alerts, and names codes, settings and values that exist', () => {
    expect(Object.keys(runbook).sort()).toEqual([...names].sort())
    const text = JSON.stringify(runbook)
    const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name)
    const mentioned = all(/`((?:Sts|Token|Review|Cluster|Provider|Saml|User|Broker)[A-Z]\w+)`/g)
    expect(mentioned.length).toBeGreaterThan(8)
    expect(mentioned.filter((code) => !Object.hasOwn(codes, code))).toEqual([])
    const settings = settingsOf('webhook').map(([key]): string => key)
    expect(all(/`((?:tls|webhook|defaults|sidecar)\.\w+)`/g).filter((key) => !settings.includes(key))).toEqual([])
    const values: unknown = parse(readFileSync(`${root}/charts/lanyard/values.yaml`, 'utf8'))
    for (const monitor of all(/`monitoring\.(\w+)\.enabled`/g))
      expect(values).toHaveProperty(['monitoring', monitor, 'enabled'])
    for (const key of ['autoscaling', 'hostNetwork']) expect(values).toHaveProperty(key)
  })
})
