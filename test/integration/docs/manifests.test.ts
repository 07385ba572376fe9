import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { admit } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import { lintPolicy } from '../../../src/trust/index.ts'
import { blocksOf, pages } from './pages.ts'

type Mapping = Readonly<Record<string, unknown>>
type Shown = { readonly page: string; readonly content: Mapping }

const documentsOf = (page: string): readonly Mapping[] =>
  blocksOf(page, 'yaml').flatMap((text) => parseAllDocuments(text).map((document): Mapping => document.toJS()))
const shown: readonly Shown[] = pages.flatMap((page) => documentsOf(page).map((content) => ({ page, content })))

/** Where a page shows what an app asks for, and another what its operator sets for it. */
const OPERATORS: Readonly<Record<string, string>> = {
  'docs/developers/user-credentials.md': 'docs/operators/user-credentials.md',
}

/** What the page has set before: all of its values at once. */
function configFor(page: string): Parameters<typeof admit>[1]['config'] {
  const configs = documentsOf(OPERATORS[page] ?? page).flatMap(({ config }) => (config === undefined ? [] : [config]))
  const own = { tls: { certFile: '/tls.crt', keyFile: '/tls.key' }, sidecar: { image: 'lanyard:test' } }
  const file = configs.reduce<Mapping>((all, config) => merged(all, config as Mapping), own)
  const { values, problems } = readConfig('webhook', { file })
  expect(problems).toEqual([])
  return values
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
function merged(one: Mapping, other: Mapping): Mapping {
  const changed = Object.entries(other).map(([key, value]): [string, unknown] => {
    const old = one[key]
    return [key, isMapping(old) && isMapping(value) ? merged(old, value) : value]
  })
  return { ...one, ...Object.fromEntries(changed) }
}

/** Annotations alone are shown where the pod does not matter. */
const completed = (content: Mapping): Mapping => ({
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { containers: [{ name: 'app', image: 'example.com/app:1.0.0' }] },
  ...content,
})

const ROLE = { 'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/web' }
const isPod = ({ content }: Shown): boolean =>
  content['kind'] === 'Pod' || (content['kind'] === undefined && content['metadata'] !== undefined)
const pods = shown.filter(isPod)

describe('the pods and annotations that the pages show are injected, by the values of the page', () => {
  const outcomeOf = ({ page, content }: Shown): ReturnType<typeof admit> =>
    admit(completed(content), {
      namespace: 'shop',
      config: configFor(page),
      sources: { namespace: {}, serviceAccount: { name: 'web', annotations: ROLE } },
      version: '0.0.0',
    })

  test('there are some, and one that is wrong would be seen', () => {
    expect(pods.length).toBeGreaterThanOrEqual(8)
    const wrong = { metadata: { annotations: { 'lanyard.dev/rolearn': 'x' } } }
    expect(outcomeOf({ page: 'README.md', content: wrong })).toMatchObject({ kind: 'deny' })
  })

  test.each(pods)('$page', (pod) => {
    const outcome = outcomeOf(pod)
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: 'inject' })
  })
})

describe('the trust policies that the pages show let in whom they name, and nobody else', () => {
  const policies = pages.flatMap((page) =>
    blocksOf(page, 'json')
      .filter((text) => text.includes('"Principal"'))
      .map((text): readonly [string, unknown] => [page, JSON.parse(text)]),
  )
  test('there are some', () => expect(policies.length).toBeGreaterThanOrEqual(5))
  test.each(policies)('%s', (_, policy) => {
    expect(lintPolicy(policy).filter(({ verdict }) => verdict === 'fail')).toEqual([])
  })
})

test('all that is shown as JSON can be read', () => {
  const texts = pages.flatMap((page) => blocksOf(page, 'json'))
  expect(texts.length).toBeGreaterThan(5)
  for (const text of texts) expect(() => JSON.parse(text), text).not.toThrow()
})
