import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { admit, type InjectionContext } from '../../../src/injection/index.ts'
import { applied } from '../../support/admitting.ts'
import { gen, type Json } from '../../support/gen.ts'
import { containerOf } from '../../support/tree.ts'

/** The rows of each table of the page, by its heading. */
const tables = tablesOf(readFileSync(new URL('../../../docs/decisions.md', import.meta.url), 'utf8'))
const ACCOUNT = '111122223333'
const ROLE = `arn:aws:iam::${ACCOUNT}:role/`

describe('docs/decisions.md', () => {
  it('has its four tables', () => {
    expect([...tables].map(([heading, rows]) => [heading, rows.length >= 10])).toEqual([
      ['Who is heeded', true],
      ['Which container gets which role', true],
      ['Which container gets which role by IMDS', true],
      ['Which role is permitted', true],
    ])
  })

  it.each(rowsOf('Who is heeded', 4))('%s | %s | %s → %s', (pod, account, namespace, expected) => {
    expect(
      outcomeOf(annotationsOf(pod), { account: annotationsOf(account), namespace: annotationsOf(namespace) }),
    ).toBe(expected)
  })

  it.each(rowsOf('Which container gets which role', 4))('%s | %s | %s → %s', (role, containers, roles, expected) => {
    expect(outcomeOf(prefixed({ 'role-arn': role, containers, 'container-roles': roles }))).toBe(expected)
  })

  it.each(rowsOf('Which container gets which role by IMDS', 5))(
    '%s | %s | %s | %s → %s',
    (sharedByPod, role, containers, roles, expected) => {
      const said = prefixed({ protocol: 'imds', 'role-arn': role, containers, 'container-roles': roles })
      expect(outcomeOf(said, {}, { 'imds.sharedByPod': sharedByPod })).toBe(expected)
    },
  )

  it.each(rowsOf('Which role is permitted', 5))(
    '%s | %s | %s | %s → %s',
    (mode, defaults, permitted, role, expected) => {
      const settings = { 'permission.mode': mode, ...(defaults !== '' && { 'permission.defaultRoles': defaults }) }
      const sources = { namespace: prefixed({ 'permitted-roles': permitted }) }
      expect(outcomeOf(prefixed({ 'role-arn': role }), sources, settings)).toBe(expected)
    },
  )
})

type Annotations = Readonly<Record<string, string>>
type Said = { readonly account?: Annotations; readonly namespace?: Annotations }

/** As the page spells it. */
function outcomeOf(annotations: Annotations, { account = {}, namespace = {} }: Said = {}, settings: Json = {}): string {
  const containers = ['app', 'helper'].map((name) => gen.container({ name }))
  const pod = gen.pod({}, { initContainers: [gen.container({ name: 'init' })], containers })
  Object.assign(pod['metadata'] as Json, { annotations })
  const sources = { serviceAccount: { name: 'web', annotations: account }, namespace }
  const context = gen.context({ 'aws.accountId': ACCOUNT, ...settings }, { sources })
  const outcome = admit(pod, context)
  if (outcome.kind === 'skip') return `left alone: ${outcome.reason}`
  if (outcome.kind === 'deny') return `denied: ${outcome.problems.map(({ code }) => code).join(', ')}`
  return injectedAs(pod, context, outcome.patch)
}

function injectedAs(pod: Json, { config }: InjectionContext, patch: Parameters<typeof applied>[1]): string {
  const after = applied(pod, patch)
  const status = JSON.parse(((after['metadata'] as Json)['annotations'] as Annotations)['lanyard.dev/status'] ?? '')
  const roles = Object.entries<string>(status.roles).map(([name, arn]) => [name, arn.replace(ROLE, '')] as const)
  const [first] = roles
  const isAll = roles.length === 3 && roles.every(([, role]) => role === first?.[1])
  const texts = isAll ? [`all=${first?.[1]}`] : roles.map((pair) => pair.join('='))
  const region = regionOf(after, first?.[0] ?? '')
  return [
    texts.join(' '),
    ...(region === config['aws.region'] ? [] : [`region ${region}`]),
    ...(status.mode === 'sidecar' ? [] : [`mode ${status.mode}`]),
    ...(status.protocol === undefined ? [] : [`protocol ${status.protocol}`]),
  ].join(', ')
}

function regionOf(pod: Json, container: string): unknown {
  const env = containerOf(pod, container)['env'] as readonly { readonly name: string; readonly value?: string }[]
  return env.find(({ name }) => name === 'AWS_REGION')?.value
}

const prefixed = (annotations: Annotations): Annotations =>
  Object.fromEntries(
    Object.entries(annotations)
      .filter(([, value]) => value !== '')
      .map(([key, value]) => [`lanyard.dev/${key}`, value]),
  )

/** `key: value` in back-quotes, separated by commas. */
function annotationsOf(cell: string): Annotations {
  const pairs = [...cell.matchAll(/`([\w-]+): ("?)([^`]*)\2`/g)].map(([, key = '', , value = '']) => [key, value])
  if (pairs.length === 0 && cell !== '') throw new Error(`no annotations: ${cell}`)
  return prefixed(Object.fromEntries(pairs))
}

function rowsOf(heading: string, columns: 4): [string, string, string, string][]
function rowsOf(heading: string, columns: 5): [string, string, string, string, string][]
function rowsOf(heading: string, columns: number): string[][] {
  const rows = tables.get(heading) ?? []
  for (const row of rows) if (row.length !== columns) throw new Error(`${row.length} cells: ${row.join('|')}`)
  return [...rows]
}

function tablesOf(page: string): ReadonlyMap<string, readonly string[][]> {
  const sections = page.split(/^## /m).slice(1)
  return new Map(
    sections.map((section) => {
      const [heading = '', ...lines] = section.split('\n')
      const rows = lines.filter((line) => line.startsWith('|')).slice(2)
      return [
        heading,
        rows.map((row) =>
          row
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ),
      ]
    }),
  )
}
