import { describe, expect, test } from 'vitest'
import { schemaPage } from '../../../scripts/docs/schema.ts'
import { readConfig, settingsOf } from '../../../src/settings/index.ts'

type Node = {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: boolean
  readonly description?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly pattern?: string
  readonly maximum?: number
  readonly default?: unknown
  readonly examples?: readonly unknown[]
}

const schema = JSON.parse(schemaPage()) as Node
const leaves = new Map<string, Node>()
const sections: Node[] = []
function visit(node: Node, path: string): void {
  if (node.properties === undefined) {
    leaves.set(path, node)
    return
  }
  sections.push(node)
  for (const [name, child] of Object.entries(node.properties)) visit(child, path === '' ? name : `${path}.${name}`)
}
visit(schema, '')

/** The problems of a file that sets this one thing, but for what is missing. */
function problemsOf(key: string, value: unknown): readonly string[] {
  const file = key.split('.').reduceRight((inner: unknown, name) => ({ [name]: inner }), value)
  return readConfig('webhook', { file })
    .problems.filter(({ code }) => code !== 'SettingMissing')
    .map(({ message }) => message)
}

test('every setting is in the schema, and the reverse', () => {
  expect([...leaves.keys()].sort()).toEqual(
    settingsOf('webhook')
      .map(([key]) => key)
      .sort(),
  )
})

test('nothing else is allowed, at any level', () => {
  for (const section of sections) expect(section).toMatchObject({ additionalProperties: false })
})

describe('each setting', () => {
  const cases = [...leaves].map(([key, leaf]) => ({ key, leaf }))

  test.each(cases)('$key is described, and its default is read', ({ key, leaf }) => {
    expect(leaf.description).toMatch(/\w.*\.$/)
    if (leaf.default !== undefined) {
      expect(problemsOf(key, leaf.default)).toEqual([])
      expect(leaf.examples).toEqual([leaf.default])
    }
    for (const example of leaf.examples ?? []) expect(problemsOf(key, example)).toEqual([])
  })

  test.each(cases.filter(({ leaf }) => leaf.enum))('$key has just the values that are read', ({ key, leaf }) => {
    for (const value of leaf.enum ?? []) expect(problemsOf(key, value)).toEqual([])
    expect(problemsOf(key, 'something-else')).not.toEqual([])
  })

  test.each(cases.filter(({ leaf }) => leaf.type === 'integer'))('$key has the bounds that hold', ({ key, leaf }) => {
    const { minimum = Number.NaN, maximum = Number.NaN } = leaf
    for (const value of [minimum, maximum]) expect(problemsOf(key, value)).toEqual([])
    for (const value of [minimum - 1, maximum + 1]) expect(problemsOf(key, value)).not.toEqual([])
  })

  test.each(cases.filter(({ leaf }) => leaf.type === 'boolean'))('$key is read as a boolean', ({ key }) => {
    for (const value of [true, false]) expect(problemsOf(key, value)).toEqual([])
    expect(problemsOf(key, 'yes')).not.toEqual([])
  })
})

describe('what is a mapping itself', () => {
  const mappings = settingsOf('webhook').flatMap(([key, { kind }]) =>
    kind.variants === undefined ? [] : [{ key, kind, variants: kind.variants }],
  )
  type Rule = { readonly if: object; readonly then: Node & { readonly required?: readonly string[] } }
  type Record = {
    readonly required: readonly string[]
    readonly properties: { kind: Node }
    readonly allOf: readonly Rule[]
  }
  const recordOf = (key: string): Record => leaves.get(key)?.additionalProperties as unknown as Record

  test('are those of identities and users', () => {
    expect(mappings.map(({ key }) => key).sort()).toEqual(['identityProviders', 'userProviders', 'userRoles'])
  })

  test.each(mappings)('$key has just the fields of each kind', ({ key, variants }) => {
    const { required, properties, allOf } = recordOf(key)
    expect(required).toEqual(['kind'])
    expect(properties.kind.enum).toEqual(Object.keys(variants))
    expect(allOf.map((rule) => rule.if)).toEqual(
      Object.keys(variants).map((kind) => ({ properties: { kind: { const: kind } }, required: ['kind'] })),
    )
    for (const [at, fields] of Object.values(variants).entries()) {
      const { then } = allOf[at] as Rule
      expect(then.additionalProperties).toBe(false)
      expect(Object.keys(then.properties ?? {})).toEqual(['kind', ...Object.keys(fields)])
      expect(then.required ?? []).toEqual(Object.keys(fields).filter((name) => fields[name]?.required))
    }
  })

  test.each(mappings)('$key says of each field what it is, and never a number for a text', ({ key, variants }) => {
    for (const { then } of recordOf(key).allOf)
      for (const [name, field] of Object.entries(then.properties ?? {})) {
        if (name === 'kind') continue
        expect(field.description, name).toMatch(/\w.*\.$/)
        expect(JSON.stringify(field.type ?? ''), name).not.toContain('number')
      }
    expect(Object.keys(variants).length).toBeGreaterThan(0)
  })

  test.each(mappings)('$key: every example of a field matches its pattern', ({ key, variants }) => {
    const fields = Object.values(variants).flatMap((all) => Object.entries(all))
    const rules = recordOf(key).allOf.flatMap(({ then }) => Object.entries(then.properties ?? {}))
    const patterns = rules.filter(([name]) => name !== 'kind').map(([, { pattern }]) => pattern)
    expect(patterns).toHaveLength(fields.length)
    for (const [at, [name, field]] of fields.entries()) {
      const pattern = patterns[at]
      if (pattern !== undefined && field.default !== undefined) expect(field.default, name).toMatch(new RegExp(pattern))
    }
  })
})
