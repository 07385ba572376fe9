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
