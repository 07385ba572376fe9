import { expect, test } from 'vitest'
import { fencedOf } from '../../integration/docs/pages.ts'

const block = (language: string, body: string, before = '') => ({ language, body, before })

test('a block has its language, its lines and what is before it', () => {
  const text = 'Do this:\n\n<!-- run by x -->\n\n```sh\na \\\n  b\n```\n'
  expect(fencedOf(text)).toEqual([block('sh', 'a \\\n  b\n', 'Do this:\n\n<!-- run by x -->')])
})

test('one after the other, and none at all', () => {
  expect(fencedOf('```\none\n```\n```json\n{}\n```').map(({ language, body }) => [language, body])).toEqual([
    ['', 'one\n'],
    ['json', '{}\n'],
  ])
  expect(fencedOf('`inline` and ``more``\n')).toEqual([])
})

test('in a list it is without the indentation of the list', () => {
  expect(fencedOf('1. Then:\n\n   ```sh\n   if a; then\n     b\n\n   fi\n   ```')).toEqual([
    block('sh', 'if a; then\n  b\n\nfi\n', '1. Then:'),
  ])
})

test.each([
  ['what follows the language is not hidden', '```sh title=x\na\n```', 'sh', 'a\n'],
  ['a space before the language', '``` bash\na\n```', 'bash', 'a\n'],
  ['a language that is no word', '```shell-session\n$ a\n```', 'shell-session', '$ a\n'],
  ['tildes', '~~~sh\n```\n~~~', 'sh', '```\n'],
  ['a longer fence holds a shorter one', '````md\n```sh\na\n```\n````', 'md', '```sh\na\n```\n'],
  ['it is closed by a longer one', '```sh\na\n`````', 'sh', 'a\n'],
  ['it is not closed by a line with more', '```sh\n```sh\n```', 'sh', '```sh\n'],
])('%s', (_, text, language, body) => {
  expect(fencedOf(text)).toEqual([block(language, body)])
})

test('one that is not closed is said', () => {
  expect(() => fencedOf('a\n```sh\nb\n')).toThrow('the block of line 2 is not closed')
})
