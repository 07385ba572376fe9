import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { parseManifests } from '../../../src/manifests/index.ts'
import { file } from './support.ts'

const valuesOf = (text: string): readonly unknown[] => parseManifests([file(text)]).map(({ value }) => value)

function refusalOf(...texts: readonly string[]): string {
  try {
    parseManifests(texts.map((text, index) => file(text, `${index}.yaml`)))
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'ManifestMalformed') return thrown.message
    throw thrown
  }
  return 'read'
}

describe('what kubectl reads', () => {
  test.each<[string, string, unknown]>([
    ['truth', 'a: [yes, No, on, true]', { a: [true, false, true, true] }],
    ['octal numbers', 'a: [0644, 0x10, 1_000]', { a: [420, 16, 1000] }],
    [
      'texts that are none elsewhere',
      'a: [2001-12-14, 22:22, 1.2.3, 5m]',
      { a: ['2001-12-14', '22:22', '1.2.3', '5m'] },
    ],
    ['keys', '{1: a, yes: b, null: c}', { '1': 'a', yes: 'b', null: 'c' }],
    ['merged keys', 'a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}', { a: { x: 1, y: 2 }, b: { x: 1, y: 3 } }],
    ['a key in quotes that would merge', '{"<<": 1, "a": {"<<": {"b": 1}}}', { '<<': 1, a: { '<<': { b: 1 } } }],
    ['a mark of the byte order', '\uFEFFa: 1', { a: 1 }],
    ['JSON with tabs', '{\n\t"a":\t[1]\n}', { a: [1] }],
    ['tags of others', 'a: !Ref b', { a: 'b' }],
  ])('%s', (_, text, value) => {
    expect(valuesOf(text)).toEqual([value])
  })

  test('documents that say nothing', () => {
    expect(valuesOf('# nothing\n---\n---\nnull\n---\na: 1\n...\n')).toEqual([undefined, undefined, undefined, { a: 1 }])
  })
})

describe('what is refused', () => {
  test.each<[string, string, string]>([
    ['what does not parse', 'a: 1\n---\n\nb: [1\nc: 2\n', '0.yaml, document 2: line 5: '],
    ['tabs', 'a:\n\t- b', '0.yaml, document 1: line 2: Tabs are not allowed as indentation. '],
    [
      'a key that is there twice',
      'x: 1\n---\nb:\n  c: 1\n  d: 1\n  c: 2\n',
      'document 2: line 6: the key "c" is there twice. ',
    ],
    [
      'a key that is there twice, in JSON',
      '{"a": 1}\n{"b": 1, "b": 2}',
      'document 2: line 2: the key "b" is there twice. ',
    ],
    ['a list', 'a: 1\n---\n- b\n', 'document 2: line 2: it is no object. '],
    ['a text', 'just words', 'document 1: line 1: it is no object. '],
    ['a key that is no text', '? {a: 1}\n: 2', 'document 1: line 1: With stringKeys, all keys must be strings. '],
    ['an alias of nothing', 'a: *b', 'line 1: an alias (*NAME) or a merge (<<) stands for nothing, or for too much. '],
    [
      'an alias of itself',
      'a: &a [*a]',
      'line 1: an alias (*NAME) or a merge (<<) stands for nothing, or for too much. ',
    ],
    ['a merge of a number', '<<: 1', 'line 1: an alias (*NAME) or a merge (<<) stands for nothing, or for too much. '],
    ['deep nesting', '['.repeat(50_000), 'document 1: line 1: Maximum call stack size exceeded. '],
    [
      'an alias that grows',
      [
        'a: &a [1,1,1,1,1,1,1,1]',
        ...[...'bcdef'].map((key, at) => `${key}: &${key} [${`*${'abcde'[at]},`.repeat(8)}]`),
      ].join('\n'),
      'stands for nothing, or for too much. ',
    ],
  ])('%s', (_, text, message) => {
    expect(refusalOf(text)).toContain(message)
    expect(refusalOf(text)).toMatch(/^ManifestMalformed: 0\.yaml, document \d: line \d+: [^\n]+$/)
  })

  test('every document that is wrong, of every file', () => {
    expect(refusalOf('- a\n---\nb: 1\n---\n- c', 'd', 'e: 1').split('\n')).toEqual([
      expect.stringContaining('0.yaml, document 1: line 1: it is no object'),
      expect.stringContaining('0.yaml, document 3: line 4: it is no object'),
      expect.stringContaining('1.yaml, document 1: line 1: it is no object'),
    ])
  })

  test('one of many keys', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('')
    expect(refusalOf(`${many}k7: 1`)).toContain('line 20001: the key "k7" is there twice')
  })
})
