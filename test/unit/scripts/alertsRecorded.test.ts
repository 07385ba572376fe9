import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { answerProblems, asGrafana } from '../../../scripts/alerts/answers.ts'
import { markdownQueries } from '../../../scripts/alerts/load.ts'
import { toOpenMetrics } from '../../../scripts/alerts/openMetrics.ts'
import { askApi, withPrometheus } from '../../../scripts/alerts/prometheus.ts'
import { record } from '../../../scripts/alerts/record.ts'
import { milliseconds, scaleRules } from '../../../scripts/alerts/scale.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

describe('rules with shorter durations', () => {
  const rule = {
    alert: 'A',
    expr: 'increase(a_total{b=~"x[5m] offset 1h"}[1h30m] offset 5m) > 600 and time() - a > 3 * 86400',
    for: '2m',
    labels: { severity: 'warning' },
  }

  test('differ in intervals, in `for`, in ranges and offsets, and in nothing else', () => {
    const file = JSON.stringify({ groups: [{ name: 'g', interval: '1m', rules: [rule, { record: 'r', expr: 'up' }] }] })
    expect(parse(scaleRules(file, 20))).toEqual({
      groups: [
        {
          name: 'g',
          interval: '3000ms',
          rules: [
            {
              ...rule,
              expr: 'increase(a_total{b=~"x[5m] offset 1h"}[270000ms] offset 15000ms) > 600 and time() - a > 3 * 86400',
              for: '6000ms',
            },
            { record: 'r', expr: 'up' },
          ],
        },
      ],
    })
  })

  test('are those of the chart again, where nothing is divided', () => {
    const durations = /\b\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*\b/g
    const asMilliseconds = (text: string): unknown =>
      JSON.parse(JSON.stringify(parse(text)).replaceAll(durations, (duration) => `${milliseconds(duration)}ms`))
    const text = readFileSync(join(root, 'charts/lanyard/files/rules.yaml'), 'utf8')
    expect(asMilliseconds(scaleRules(text, 1))).toEqual(asMilliseconds(text))
  })
})

test('scrapes become samples with the labels of their target and the time', () => {
  const text = '# HELP a_total So.\n# TYPE a_total counter\na_total{x="} 1"} 3\nb 4.5\n'
  const file = toOpenMetrics([
    { at: 60, target: { pod: 'web-0', job: 'a"b' }, text },
    { at: 120, target: { pod: 'web-1' }, text: 'c{} NaN' },
  ])
  expect(file).toBe(
    [
      'a_total{x="} 1",pod="web-0",job="a\\"b"} 3 60',
      'b{pod="web-0",job="a\\"b"} 4.5 60',
      'c{pod="web-1"} NaN 120',
      '# EOF',
      '',
    ].join('\n'),
  )
  expect(() => toOpenMetrics([{ at: 1, target: {}, text: 'no sample here' }])).toThrow('no sample: no sample here')
})

test('a query is sent as Grafana would, without the 0 for nothing, and with no variable left', () => {
  expect(asGrafana('sum(rate(a{namespace=~"$namespace"}[$__rate_interval])) or vector(0)', '(shop|bank)')).toBe(
    'sum(rate(a{namespace=~"(shop|bank)"}[4m]))',
  )
  expect(() => asGrafana('a{pod="$pod"}', '.*')).toThrow('a variable that is not known: a{pod="$pod"}')
})

test('an answer that shows nothing is found', () => {
  const answer = (...result: object[]): unknown => ({ resultType: 'matrix', result })
  expect(answerProblems(answer())).toEqual(['shows nothing'])
  expect(answerProblems(answer({ values: [[1, 'NaN']] }, { value: [1, '+Inf'] }))).toEqual(['shows no number'])
  expect(
    answerProblems(
      answer({
        values: [
          [1, 'NaN'],
          [2, '0'],
        ],
      }),
    ),
  ).toEqual([])
  expect(answerProblems(answer({ value: [1, '0.5'] }))).toEqual([])
  expect(answerProblems(undefined)).toEqual(['is answered with no result'])
})

test('of a page, the last cells that name a metric are queries, and blocks of PromQL', () => {
  const page = [
    '| Who? | `count(lanyard_build_info)` |',
    '| What? | [metrics](x.md) |',
    '| How? | `kubectl get pods` |',
    '```promql\nsum(up)\n```',
    '```sh\nkubectl get --raw lanyard_x\n```',
  ].join('\n')
  expect(markdownQueries(page).map(({ expr }) => expr)).toEqual(['count(lanyard_build_info)', 'sum(up)'])
})

test('what is recorded is the same each time, and holds an outage that ends', async () => {
  const [{ scrapes, from, worst, to }, again] = await Promise.all([record(), record()])
  expect(toOpenMetrics(again.scrapes)).toBe(toOpenMetrics(scrapes))
  expect([...new Set(scrapes.map(({ at }) => at))]).toHaveLength((to - from) / 60 + 1)
  const at = (time: number, pod: string, session = 'default'): number => {
    const { text = '' } =
      scrapes.find((one) => one.at === time && one.target['instance']?.startsWith(`${pod}:9798`)) ?? {}
    const line = new RegExp(`^lanyard_credentials_expiration_timestamp_seconds.*session="${session}".* (\\S+)$`, 'm')
    return Number(line.exec(text)?.[1])
  }
  expect(at(from + 3_600, 'web-0.shop')).toBeGreaterThan(from + 3_600)
  expect(at(worst, 'web-0.shop')).toBe(0)
  expect(at(to, 'web-0.shop')).toBeGreaterThan(to)
  expect(at(to, 'job-0.shop')).toBe(0)
})

describe('Prometheus', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanyard-prometheus-'))
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
    rmSync(folder, { recursive: true, force: true })
  })

  test('that is not there is told of by a sentence', async () => {
    vi.stubEnv('PROMETHEUS', '/nowhere/prometheus')
    const started = withPrometheus(folder, () => Promise.resolve())
    await expect(started).rejects.toThrow(/^there is no prometheus .*apt-get install prometheus/)
  })

  test('that ends at once says why', async () => {
    const fake = join(folder, 'prometheus')
    writeFileSync(fake, '#!/bin/sh\necho "no such configuration" >&2\nexit 1\n', { mode: 0o755 })
    vi.stubEnv('PROMETHEUS', fake)
    await expect(withPrometheus(folder, () => Promise.resolve())).rejects.toThrow('no such configuration')
  })

  test('that is ready is asked, and ended also where asking fails', async () => {
    const fake = join(folder, 'prometheus')
    const lines = [
      '{"msg":"Start listening for connections","address":"127.0.0.1:0"}',
      '{"msg":"Listening on","address":"127.0.0.1:12345"}',
      '{"msg":"Server is ready to receive web requests."}',
    ]
    writeFileSync(fake, `#!/bin/sh\ncat >&2 <<'END'\n${lines.join('\n')}\nEND\nexec sleep 600\n`, { mode: 0o755 })
    vi.stubEnv('PROMETHEUS', fake)
    const answers = [
      { status: 'success', data: { result: [] } },
      { status: 'error', error: 'parse error' },
    ]
    vi.stubGlobal('fetch', (url: string) => {
      expect(url).toBe('http://127.0.0.1:12345/api/v1/query?query=up')
      return Promise.resolve(new Response(JSON.stringify(answers.shift())))
    })
    const asked = withPrometheus(folder, async (prometheus) => {
      expect(await askApi(prometheus, 'query', { query: 'up' })).toEqual({ result: [] })
      return askApi(prometheus, 'query', { query: 'up' })
    })
    await expect(asked).rejects.toThrow('parse error')
  })
})
