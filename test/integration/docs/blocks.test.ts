import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Block, fencedIn, isThere, textOf } from './pages.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter(isThere)

const SHELLS = ['sh', 'bash', 'zsh', 'shell', 'shell-session', 'console']
/** What cannot be had where the tests run. */
const NEEDS = ['AWS', 'a registry', 'a published release']
const EVERYWHERE = 'test/e2e/docs.test.ts'

/** The comment on the line before a block of commands, without its brackets. */
const markOf = ({ before }: Block): string | undefined => /<!-- ([^>]*?) -->$/.exec(before)?.[1]

/** What is wrong with how a block is marked; undefined where it is right. */
function problemOf(page: string, block: Block): string | undefined {
  const mark = markOf(block)
  if (mark === undefined) return 'is not marked: who runs it?'
  const need = /^needs (.+)$/.exec(mark)?.[1]
  if (need !== undefined)
    return NEEDS.includes(need) ? undefined : `needs ${need}, which is none of ${NEEDS.join(', ')}`
  const runner = /^(?:quick start: )?run by (\S+)$/.exec(mark)?.[1]
  if (runner === undefined) return `has the mark "${mark}", which is not known`
  return runner === '.ci/run' ? notInCi(block) : notRun(page, runner)
}

function notRun(page: string, runner: string): string | undefined {
  const file = runner === 'test/e2e' ? 'test/e2e/quickStart.test.ts' : runner
  if (!isThere(file)) return `says that ${runner} runs it, which is not there`
  return file === EVERYWHERE || textOf(file).includes(page.replace(/^.*\/|\.md$/g, ''))
    ? undefined
    : `says that ${runner} runs it, which does not name ${page}`
}

/** Of a script of npm's, by which step CI has it: what the docs are made by is compared by check. */
const inPlaceOf: Readonly<Record<string, string>> = { docs: 'npm run check' }

function notInCi({ body }: Block): string | undefined {
  const ci = textOf('.ci/run')
  const commands = [...body.matchAll(/^\s*(?:npm ci && )?(npm (?:ci|test|run ([\w-]+)))/gm)]
  if (commands.length === 0) return 'has no command that CI could run'
  const missing = commands.find(([, command = '', script = '']) => !ci.includes(inPlaceOf[script] ?? command))
  return missing === undefined ? undefined : `has ${missing[1]}, which CI does not run`
}

const isShell = ({ language }: Block): boolean => SHELLS.includes(language)

describe('every block of commands is run by a test, or says why it cannot be', () => {
  test.each(pages)('%s', (page) => {
    const problems = fencedIn(page)
      .filter(isShell)
      .flatMap((block) => {
        const problem = problemOf(page, block)
        return problem === undefined ? [] : [`${block.body.split('\n')[0]} … ${problem}`]
      })
    expect(problems).toEqual([])
  })

  test('there are many, and few are for others to try', () => {
    const marks = pages.flatMap((page) => fencedIn(page).filter(isShell).map(markOf))
    expect(marks.length).toBeGreaterThan(60)
    expect(marks.filter((mark) => mark?.startsWith('needs')).length).toBeLessThan(marks.length / 3)
  })

  test('no block hides its language', () => {
    const bare = pages.flatMap((page) =>
      fencedIn(page)
        .filter(
          ({ language, body }) =>
            ['', 'text'].includes(language) && /^(kubectl|helm|npm|docker|lanyard|aws) |^\$ /.test(body),
        )
        .map(({ body }) => `${page}: ${body.split('\n')[0]}`),
    )
    expect(bare).toEqual([])
  })
})

describe('a mark that is wrong is seen', () => {
  const block = (mark: string, body = 'npm test'): Block => ({ language: 'sh', body, before: mark })
  test.each([
    [block('A page.'), 'is not marked'],
    [block('<!-- needs luck -->'), 'needs luck, which is none of'],
    [block('<!-- tested -->'), 'which is not known'],
    [block('<!-- run by test/gone.test.ts -->'), 'which is not there'],
    [block('<!-- run by test/unit/errors/codes.test.ts -->'), 'which does not name docs/page.md'],
    [block('<!-- run by .ci/run -->', 'npm run nothing'), 'has npm run nothing, which CI does not run'],
    [block('<!-- run by .ci/run -->', 'kubectl get pods'), 'has no command that CI could run'],
  ])('%j', (wrong, problem) => {
    expect(problemOf('docs/page.md', wrong)).toContain(problem)
  })

  test.each([block('<!-- needs AWS -->'), block('<!-- run by .ci/run -->'), block(`<!-- run by ${EVERYWHERE} -->`)])(
    '%j is right',
    (right) => expect(problemOf('docs/page.md', right)).toBeUndefined(),
  )
})
