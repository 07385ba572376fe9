import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { isThere, pages, textOf } from './pages.ts'

/** Without code, where brackets and parentheses are no links. */
const proseOf = (page: string): string =>
  textOf(page)
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''))

const linksOf = (page: string): readonly string[] =>
  [...proseOf(page).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)

/** As GitHub makes them of headings; and those that the generated pages set themselves. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = textOf(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slugOf(heading))
  const set = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)
  return new Set([...headings, ...set])
}

const slugOf = (heading: string): string =>
  heading
    .replaceAll(/<[^>]*>/g, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** What is wrong with a link, if anything is. */
function problemOf(page: string, link: string): string | undefined {
  if (/^https?:/.test(link)) return undefined
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : posix.join(posix.dirname(page), path)
  if (!isThere(target)) return `${page}: ${link} leads nowhere`
  if (anchor === undefined || !target.endsWith('.md') || anchorsOf(target).has(anchor)) return undefined
  return `${page}: ${target} has no ${anchor}`
}

test('the pages are found, those for operators among them', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/operators/install.md', 'charts/lanyard/README.md']))
})

test('a link to nowhere would be seen', () => {
  expect(problemOf('docs/image.md', '../README.md#more')).toBeUndefined()
  expect(problemOf('docs/image.md', '../README.md#mere')).toBe('docs/image.md: README.md has no mere')
  expect(problemOf('docs/image.md', 'README.md')).toBe('docs/image.md: README.md leads nowhere')
})

test.each(pages)('%s: every link leads somewhere', (page) => {
  expect(linksOf(page).flatMap((link) => problemOf(page, link) ?? [])).toEqual([])
})

test('every page is linked from another one', () => {
  const linked = new Set(
    pages.flatMap((page) =>
      linksOf(page)
        .map((link) => link.split('#')[0] ?? '')
        .filter((path) => path !== '' && !/^https?:/.test(path))
        .map((path) => posix.join(posix.dirname(page), path))
        .filter((target) => target !== page),
    ),
  )
  expect(pages.filter((page) => page !== 'README.md' && !linked.has(page))).toEqual([])
})
