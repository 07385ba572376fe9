import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig } from '../../../src/settings/index.ts'
import { blocksOf, pages, textOf } from './pages.ts'

type Mapping = Readonly<Record<string, unknown>>

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const { config: _settings, ...chart } = parse(textOf('charts/lanyard/values.yaml')) as Mapping

/** The keys that the chart does not have; what it leaves empty holds any. */
function unknownIn(values: Mapping, known: Mapping, path = ''): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (!Object.hasOwn(known, key)) return [`${path}${key}`]
    const inner = known[key]
    const goesOn = isMapping(value) && isMapping(inner) && Object.keys(inner).length > 0
    return goesOn ? unknownIn(value, inner, `${path}${key}.`) : []
  })
}

/** What is wrong with values for the chart, but for what Helm's schema alone knows. */
function problemsOf({ config = {}, ...values }: Mapping): readonly string[] {
  const own = { 'sidecar.image': 'lanyard:test', 'tls.namespace': 'lanyard-system' }
  const { problems } = readConfig('webhook', { file: { ...(config as Mapping), ...own } })
  return [...unknownIn(values, chart), ...problems.map(({ code, field }) => `${code} ${field}`)]
}

/** Manifests and annotations, which manifests.test.ts judges, and what is Prometheus's and Alertmanager's. */
const OTHERS = ['apiVersion', 'metadata', 'scrape_configs', 'inhibit_rules']
const isValues = (content: unknown): content is Mapping => isMapping(content) && !OTHERS.some((key) => key in content)

/** A block may show the values and the pod that they are for. */
const documentsOf = (text: string): readonly unknown[] => parseAllDocuments(text).map((document) => document.toJS())

const shown = pages
  .flatMap((page) =>
    blocksOf(page, 'yaml')
      .flatMap(documentsOf)
      .map((content): [string, unknown] => [page, content]),
  )
  .filter((entry): entry is [string, Mapping] => isValues(entry[1]))
  // The reference speaks of the file of the webhook, which is what the chart has under config.
  .map(([page, values]): [string, Mapping] => [page, page.startsWith('docs/reference/') ? { config: values } : values])
const example = parse(textOf('docs/examples/kind/values.yaml')) as Mapping

describe('the values that the pages show are the chart’s', () => {
  test('and others would be seen', () => {
    expect(problemsOf({ imag: {}, image: { digets: '' } })).toEqual(['imag', 'image.digets'])
    expect(problemsOf({ config: { aws: { regoin: 'eu-west-1' } } })).toEqual(['SettingUnknown aws.regoin'])
  })

  test('there are many', () => {
    expect(new Set(shown.map(([page]) => page)).size).toBeGreaterThan(10)
  })

  test.each([...shown, ['docs/examples/kind/values.yaml', example] as const])('%s', (_, values) => {
    expect(problemsOf(values)).toEqual([])
  })

  test('and by --set as well', () => {
    const flags = pages.flatMap((page) =>
      blocksOf(page, 'sh').flatMap((text) => [...text.matchAll(/--set(?:-file)? ([\w.]+)=(\S+)/g)]),
    )
    const nested = flags.map(([, key = '', value = '']) =>
      key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value),
    )
    expect(nested).not.toEqual([])
    for (const values of nested) expect(problemsOf(values as Mapping)).toEqual([])
  })
})
