import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isThere, textOf } from './pages.ts'

const PAGE = 'docs/threat-model.md'
const page = textOf(PAGE)

type Move = { readonly move: string; readonly heldBy: string }

/** The rows of a table whose last column says what holds it. */
const movesIn = (text: string): readonly Move[] =>
  [...text.matchAll(/^\| [STRIDE] \| ([^|]+) \| [^|]+ \| (.+) \|$/gm)].map(([, move = '', heldBy = '']) => ({
    move,
    heldBy,
  }))

/** Each file that a cell names, with the titles of tests that stand behind it. */
function namedIn(heldBy: string): readonly { readonly file: string; readonly titles: readonly string[] }[] {
  const links = [...heldBy.matchAll(/\[[^\]]+\]\(([^)]+\.test\.ts)\)([^[]*)/g)]
  return links.map(([, link = '', behind = '']) => ({
    file: posix.join(posix.dirname(PAGE), link),
    titles: [...behind.matchAll(/"((?:[^"\\]|\\.)+)"/g)].map(([, title = '']) => title.replaceAll('\\"', '"')),
  }))
}

/** What is wrong with a row: a file that is not there, a test that it does not have, or nothing that holds it. */
function problemsOf({ move, heldBy }: Move): readonly string[] {
  const named = namedIn(heldBy)
  if (named.length === 0 && !/residual|assumption|reviewed/.test(heldBy)) return [`${move}: nothing holds it`]
  return named.flatMap(({ file, titles }) => {
    if (!isThere(file)) return [`${move}: ${file} is not there`]
    const text = textOf(file)
    return titles.filter((title) => !text.includes(title)).map((title) => `${move}: ${file} has no "${title}"`)
  })
}

const moves = movesIn(page)

test('there are moves at every boundary', () => {
  const chapters = page.split(/^### /m).slice(1)
  expect(chapters.length).toBeGreaterThanOrEqual(7)
  for (const chapter of chapters) expect(movesIn(chapter).length, chapter.split('\n')[0]).toBeGreaterThan(2)
  expect(moves.length).toBe([...page.matchAll(/^\| [STRIDE] \|/gm)].length)
})

test('every kind of threat is among them', () => {
  for (const kind of 'STRIDE') expect(page).toMatch(new RegExp(`^\\| ${kind} \\| `, 'm'))
})

test.each(moves)('$move', (move) => {
  expect(problemsOf(move)).toEqual([])
})

describe('what would be wrong is seen', () => {
  const at = (heldBy: string): readonly string[] => problemsOf({ move: 'a move', heldBy })

  test('a file that is not there', () => {
    expect(at('[e2e/nothing](../test/e2e/nothing.test.ts)')).toEqual(['a move: test/e2e/nothing.test.ts is not there'])
  })
  test('a test that a file does not have', () => {
    expect(at('[e2e/guard](../test/e2e/guard.test.ts): "the moon is made of cheese"')).toEqual([
      'a move: test/e2e/guard.test.ts has no "the moon is made of cheese"',
    ])
  })
  test('nothing at all', () => {
    expect(at('good will')).toEqual(['a move: nothing holds it'])
  })
})
