import { describe, expect, test } from 'vitest'
import { joinTexts, parseManifests } from '../../../src/manifests/index.ts'
import { file } from './support.ts'

/** The stream of files in which nothing changes. */
const joined = (...texts: readonly string[]): string =>
  joinTexts(
    texts
      .flatMap((text, index) => parseManifests([file(text, `${index}`)]))
      .map((manifest) => ({ manifest, verdicts: [], text: manifest.text, problems: [] })),
  )

describe('joinTexts', () => {
  test.each<[string, readonly string[], string]>([
    ['nothing', [], ''],
    ['an empty file', [''], ''],
    ['a file without a newline at its end', ['a: 1\n---\nb: 2'], 'a: 1\n---\nb: 2'],
    ['a file with a mark of the byte order', ['\uFEFFa: 1\n'], '\uFEFFa: 1\n'],
    ['braces, then YAML, in one file', ['{"a": 1}\n---\nb: 2\n'], '{"a": 1}\n---\nb: 2\n'],
    ['files with and without markers', ['a: 1', 'b: 2\n', '---\nc: 3\n'], 'a: 1\n---\nb: 2\n---\nc: 3\n'],
    ['a second mark of the byte order', ['a: 1\n', '\uFEFFb: 2\n'], 'a: 1\n---\nb: 2\n'],
    ['directives', ['a: 1\n', '%YAML 1.1\n---\nb: 2\n'], 'a: 1\n...\n%YAML 1.1\n---\nb: 2\n'],
    ['files of JSON', ['{"a": 1}', '{"b": 2}{"c": 3}\n'], '{"a": 1}\n{"b": 2}\n{"c": 3}\n'],
    ['JSON and YAML', ['{"a": 1}{"b": 2}', 'c: 3'], '---\n{"a": 1}\n---\n{"b": 2}\n---\nc: 3'],
    ['YAML and JSON', ['a: 1\n', '{"b": 2}\n'], 'a: 1\n---\n{"b": 2}\n'],
    ['an end, then JSON', ['a: 1\n...\n', '{"b": 2}\n'], 'a: 1\n...\n---\n{"b": 2}\n'],
  ])('%s', (_, texts, stream) => {
    expect(joined(...texts)).toBe(stream)
  })

  test('what it joins is read as it was', () => {
    const texts = ['# x\n', 'a: |+\n  x\n\n', '{"b": 2}', 'c: 3\n...', '%YAML 1.1\n---\nd: 4', '\n\n', '[5]: 5'].slice(
      0,
      6,
    )
    const values = texts.flatMap((text) => parseManifests([file(text)]).flatMap(({ value }) => value ?? []))
    const again = parseManifests([file(joined(...texts))]).flatMap(({ value }) => value ?? [])
    expect(again).toEqual(values)
  })
})
