import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { readInputs } from '../../../src/manifests/index.ts'
import { scratch } from '../../support/processes.ts'

async function* saying(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text, 'latin1')
}

/** What is read below a folder of these files, by the names that messages have. */
async function read(paths: readonly string[], stdin: AsyncIterable<Uint8Array> = saying()) {
  const folder = scratch()
  for (const name of ['in/sub', 'empty/a.yaml']) mkdirSync(join(folder, name), { recursive: true })
  const files = {
    'in/b.yml': 'b',
    'in/a.yaml': 'a',
    'in/c.json': '{}',
    'in/d.txt': 'd',
    'in/sub/e.yaml': 'e',
    'z.txt': '\uFEFFz\r\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'latin.yaml'), Buffer.from([0x61, 0xe9]))
  const within = (path: string): string => (path === '-' ? path : join(folder, path))
  const without = (text: string): string => text.replaceAll(`${folder}/`, '')
  try {
    const found = await readInputs(paths.map(within), { field: '-f', stdin })
    return found.map(({ name, text }) => [without(name), text])
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message.split('\n').map(without)
    throw thrown
  }
}

describe('readInputs', () => {
  test('files as they are, the manifests of folders by their names, and the standard input, in the order given', async () => {
    const found = await read(['z.txt', '-', 'in', 'z.txt'], saying('a: \xc3', '\xa9'))
    expect(found).toEqual([
      ['z.txt', '\uFEFFz\r\n'],
      ['standard input', 'a: é'],
      ['in/a.yaml', 'a'],
      ['in/b.yml', 'b'],
      ['in/c.json', '{}'],
      ['z.txt', '\uFEFFz\r\n'],
    ])
  })

  test.each<[string, readonly string[], readonly string[]]>([
    [
      'files that are not there',
      ['none', 'z.txt', 'no'],
      ['none cannot be read (ENOENT)', 'no cannot be read (ENOENT)'],
    ],
    ['a folder without manifests', ['empty'], ['the folder empty has no file that ends in .yaml, .yml, .json']],
    ['a file that is taken for a folder', ['z.txt/x'], ['z.txt/x cannot be read (ENOTDIR)']],
  ])('%s', async (_, paths, messages) => {
    const refused = messages.map((message) => expect.stringContaining(`FileUnreadable: -f: ${message}. `))
    expect(await read(paths)).toEqual(refused)
  })

  test('a file that is no UTF-8', async () => {
    expect(await read(['latin.yaml'])).toEqual([
      'ManifestMalformed: latin.yaml: it is no UTF-8 text. Save it as UTF-8.',
    ])
  })

  test('the standard input as text only', async () => {
    expect(await read(['-'], saying('\xff\xfea\0'))).toEqual([
      expect.stringContaining('standard input: it is no UTF-8 text'),
    ])
  })
})
