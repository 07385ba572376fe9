import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GENERATED, makePages } from '../docs/pages.ts'
import type { Check } from './types.ts'

const SHOWN = 6
const MEND = 'Run `npm run docs` and commit what it writes.'

/** The reference pages are what the tables would make of them today. */
export const docs: Check = async (root) => {
  const pages = await makePages(root)
  const found = GENERATED.flatMap((folder) => filesOf(root, folder))
  const problems = [
    ...[...pages].flatMap(([path, text]) => compare(root, path, text)),
    ...found.filter((path) => !pages.has(path)).map((path) => `${path} is made by nothing: remove it`),
  ]
  return { problems: problems.length === 0 ? [] : [...problems, MEND], note: `${pages.size} pages` }
}

const filesOf = (root: string, folder: string): readonly string[] =>
  existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : []

function compare(root: string, path: string, wanted: string): readonly string[] {
  if (!existsSync(join(root, path))) return [`${path} is missing`]
  const found = readFileSync(join(root, path), 'utf8')
  return found === wanted ? [] : [`${path} is out of date:\n${firstDifference(found, wanted)}`]
}

/** The lines from the first that differs on. */
function firstDifference(found: string, wanted: string): string {
  const [old, made] = [found.split('\n'), wanted.split('\n')]
  const at = made.findIndex((line, index) => line !== old[index])
  const from = at < 0 ? made.length : at
  const mark = (lines: readonly string[], sign: string): string[] =>
    lines.slice(from, from + SHOWN / 2).map((line) => `${sign} ${line}`)
  return [`line ${from + 1}:`, ...mark(old, '-'), ...mark(made, '+')].join('\n')
}
