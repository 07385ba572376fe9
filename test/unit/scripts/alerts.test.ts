import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { commands } from '../../../cmd/commands.ts'
import { untestedAlerts } from '../../../scripts/alerts/cases.ts'
import { loadAlerting } from '../../../scripts/alerts/load.ts'
import { strangeNames, unusedMetrics } from '../../../scripts/alerts/names.ts'
import { usesOf } from '../../../scripts/alerts/promql.ts'
import { promtool } from '../../../scripts/alerts/promtool.ts'
import { readRules } from '../../../scripts/alerts/ruleFile.ts'
import { incompleteAlerts } from '../../../scripts/alerts/rules.ts'
import { knownSeries } from '../../../scripts/alerts/series.ts'
import { RUNBOOKS, runbookPages } from '../../../scripts/docs/alerts.ts'
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
  const { ruleQueries, panelQueries, pageQueries } = loadAlerting(root)
  const all = [...ruleQueries, ...panelQueries, ...pageQueries]
  expect(unusedMetrics(all.filter(({ expr }) => !expr.includes('skew')))).toEqual(['lanyard_clock_skew_seconds'])
})

describe('what an alert is not seen to do is found', () => {
  const fires = (at: string): string => `{ alertname: A, eval_time: ${at}, exp_alerts: [{}] }`
  const silent = (at: string): string => `{ alertname: A, eval_time: ${at}, exp_alerts: [] }`
  const fileOf = (...tests: readonly string[][]): string =>
    `tests: [${tests.map((expectations) => `{ alert_rule_test: [${expectations.join(', ')}] }`).join(', ')}]`
  const [unseen, unending, unsilent] = [
    'no test sees it fire: A',
    'no test sees it resolve after it fired: A',
    'no test of its own sees it stay silent: A',
  ]

  test.each([
    ['nothing at all', fileOf(), [unseen, unsilent]],
    ['it only stays silent', fileOf([silent('5m')]), [unseen]],
    ['it only fires', fileOf([fires('5m')]), [unending, unsilent]],
    ['it is silent before it fires', fileOf([silent('5m'), fires('10m')], [silent('5m')]), [unending]],
    ['it is silent later, in another test', fileOf([fires('10m')], [silent('20m')]), [unending]],
    ['nowhere it never fires', fileOf([silent('5m'), fires('10m'), silent('1h')]), [unsilent]],
    ['all of it', fileOf([fires('59m'), silent('1h')], ['{ alertname: A }']), []],
  ])('%s', (_, file, problems) => {
    expect(untestedAlerts(['A'], [file])).toEqual(problems)
  })

  test('and a test of none', () => {
    const whole = fileOf([fires('1m'), silent('2m')], [silent('1m')])
    expect(untestedAlerts(['A'], [whole, fileOf([fires('1m')]).replace('A', 'C')])).toEqual([
      'a test names C, which is no alert',
    ])
  })
})

test('what an alert lacks is found', () => {
  const { alerts } = readRules('groups: [{ rules: [{ alert: Bad, expr: up, labels: { severity: page } }] }]')
  expect(incompleteAlerts(alerts, 'https://example.com/runbooks', ['LanyardGood.md'])).toEqual([
    'Bad is not named Lanyard…',
    'Bad has not one of the severities critical, warning, info',
    'Bad has no summary, or one that is a sentence',
    'Bad has no description in whole sentences',
    'Bad has the runbook_url , not https://example.com/runbooks/Bad.md',
    'Bad has no runbook Bad.md',
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
    const queries = [...all.ruleQueries, ...all.panelQueries, ...all.pageQueries]
    expect(incompleteAlerts(all.rules.alerts, all.runbookAddress, all.runbooks)).toEqual([])
    expect(untestedAlerts(names, all.testFiles)).toEqual([])
    expect(strangeNames(queries, knownSeries(all.rules.recorded))).toEqual([])
    expect(unusedMetrics(queries)).toEqual([])
  })

  test('without what is expected after it fired, an alert counts as untested', () => {
    const later = /^( {6}- alertname: (\w+)\n(?: {8}.*\n)+)(?: {6}- \{ alertname: \2, .*\n)+/gm
    const taken = all.testFiles.map((text) => text.replaceAll(later, '$1'))
    expect(untestedAlerts(names, taken)).toEqual(names.map((name) => `no test sees it resolve after it fired: ${name}`))
  })

  test('each runbook is told of by its alert, and its links lead somewhere', () => {
    expect([...all.runbooks].sort()).toEqual(names.map((name) => `${name}.md`).sort())
    for (const [path, text] of runbookPages(root)) {
      expect(readFileSync(join(root, path), 'utf8')).toBe(text)
      for (const [, to = '', id] of text.matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]*))?\)/g)) {
        const target = readFileSync(join(root, RUNBOOKS, to), 'utf8')
        const titles = [...target.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
          title.toLowerCase().replaceAll(' ', '-'),
        )
        if (id !== undefined)
          expect([...target.matchAll(/<a id="([^"]*)"/g)].map(([, one]) => one).concat(titles)).toContain(id)
      }
    }
  })

  test('the commands of the runbooks have the words of commands that exist', () => {
    const text = JSON.stringify(runbook)
    const used = [...text.matchAll(/`lanyard (\w+)/g)].map(([, word]) => word ?? '')
    expect(new Set(used)).toEqual(new Set(['doctor', 'status', 'setup']))
    expect(used.filter((word) => !Object.hasOwn(commands, word))).toEqual([])
  })

  test('the alerts that Alertmanager is told of exist', () => {
    const page = readFileSync(join(root, 'docs/operators/monitoring.md'), 'utf8')
    const [, block = ''] = /```yaml\n(inhibit_rules:\n[\s\S]*?)```/.exec(page) ?? []
    const { inhibit_rules: inhibitions }: { inhibit_rules: Record<string, readonly string[]>[] } = parse(block)
    expect(inhibitions.length).toBeGreaterThan(1)
    for (const { source_matchers: sources = [], target_matchers: targets = [] } of inhibitions)
      for (const matcher of [...sources, ...targets]) expect(names).toContain(matcher.replace('alertname = ', ''))
  })

  test('what operators are told to look at is asked, too', () => {
    const told = all.pageQueries.filter(({ where }) => where.endsWith('monitoring.md')).map(({ expr }) => expr)
    expect(told.length).toBeGreaterThanOrEqual(7)
    expect(told).toContain('lanyard_credentials_expiration_timestamp_seconds == 0')
    expect(told.some((expr) => expr.includes('apiserver_admission_webhook_rejection_count'))).toBe(true)
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
