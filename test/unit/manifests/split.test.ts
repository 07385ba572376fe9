import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitStream } from '../../../src/manifests/split.ts'

const textsOf = (stream: string): readonly string[] => splitStream(stream).map(({ text }) => text)

describe('splitStream', () => {
  test.each<[string, string, readonly string[]]>([
    ['nothing', '', []],
    ['one document', 'a: 1\n', ['a: 1\n']],
    ['two', 'a: 1\n---\nb: 2\n', ['a: 1\n', '---\nb: 2\n']],
    ['a marker at the start', '---\na: 1\n---\nb: 2', ['---\na: 1\n', '---\nb: 2']],
    ['comments before a marker', '# a\n\n---\na: 1\n', ['# a\n\n', '---\na: 1\n']],
    ['empty documents', '---\n---\n\n---\n', ['---\n', '---\n\n', '---\n']],
    [
      'markers with more behind them',
      '--- # x\na: 1\n--- {b: 2}\n---\t\nc: 3',
      ['--- # x\na: 1\n', '--- {b: 2}\n', '---\t\nc: 3'],
    ],
    ['what only looks like a marker', 'a: |\n  ---\n---b: 1\n----\n', ['a: |\n  ---\n---b: 1\n----\n']],
    ['a marker within a text', 'a: "x\n---\ny"\n', ['a: "x\n', '---\ny"\n']],
    [
      'ends of documents',
      'a: 1\n...\nb: 2\n... # x\n---\nc: 3\n...',
      ['a: 1\n...\n', 'b: 2\n... # x\n', '---\nc: 3\n...'],
    ],
    ['directives', '%YAML 1.1\n# x\n---\na: 1\n---\nb: 2', ['%YAML 1.1\n# x\n---\na: 1\n', '---\nb: 2']],
    ['lines that end as on Windows', 'a: 1\r\n---\r\nb: 2\r\n', ['a: 1\r\n', '---\r\nb: 2\r\n']],
    ['a mark of the byte order', '\uFEFF---\na: 1\n---\nb: 2', ['\uFEFF---\na: 1\n', '---\nb: 2']],
    ['JSON', '{"a": 1}', ['{"a": 1}']],
    ['JSON objects in a row', ' {"a": "}{"}\n{"b": "\\"}"}{}\n', [' {"a": "}{"}', '\n{"b": "\\"}"}', '{}\n']],
    ['braces that are YAML', '{a: 1}\n---\nb: 2', ['{a: 1}\n', '---\nb: 2']],
    ['JSON, then YAML', '{"a": 1}\n---\nb: 2', ['{"a": 1}\n', '---\nb: 2']],
    ['JSON that is cut off', '{"a": 1}{"b"', ['{"a": 1}{"b"']],
  ])('%s', (_, stream, texts) => {
    expect(textsOf(stream)).toEqual(texts)
  })

  test('says on which line each one begins', () => {
    expect(splitStream('a: 1\n---\nb: 2\n\n---\nc').map(({ line }) => line)).toEqual([1, 2, 5])
    expect(splitStream('{\n}\n{}').map(({ line }) => line)).toEqual([1, 2])
  })

  test('loses nothing', () => {
    const pieces = fc.constantFrom(
      '---',
      '...',
      '\n',
      '\r\n',
      ' ',
      'a: 1',
      '%X',
      '#',
      '{',
      '}',
      '"',
      '\\',
      '\uFEFF',
      '|',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        expect(textsOf(parts.join('')).join('')).toBe(parts.join(''))
      }),
      { numRuns: 2_000 },
    )
  })

  test('takes long streams in their stride', () => {
    for (const text of [
      ' '.repeat(5e6),
      '\n'.repeat(1e6),
      '{'.repeat(1e6),
      `{"${'\\'.repeat(1e6)}`,
      '---\n'.repeat(1e5),
    ])
      expect(textsOf(text).join('') === text).toBe(true)
  })
})
