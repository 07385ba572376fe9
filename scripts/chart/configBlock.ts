import { stringify } from 'yaml'
import { exampleOf, type ProcessSetting, settingsOf } from '../../src/settings/index.ts'
import { typedValue } from '../docs/schema.ts'
import { isGiven } from './given.ts'

type Tree = Map<string, Tree | ProcessSetting>

const WIDTH = 110
const isSection = (entry: Tree | ProcessSetting): entry is Tree => entry instanceof Map

/** The settings that an operator may write under `config`, by key. */
export const configSettings = (): readonly (readonly [string, ProcessSetting])[] =>
  settingsOf('webhook').filter(([key]) => !isGiven(key))

/** The block `config:` of values.yaml: every setting with its default, or commented out where it has none. */
export const configBlock = (): string => ['config:', ...linesOf(treeOf(configSettings()), 1), ''].join('\n')

function treeOf(settings: readonly (readonly [string, ProcessSetting])[]): Tree {
  const root: Tree = new Map()
  for (const [key, setting] of settings) {
    const path = key.split('.')
    const leaf = path.pop() ?? key
    path.reduce(sectionIn, root).set(leaf, setting)
  }
  return root
}

function sectionIn(tree: Tree, name: string): Tree {
  const found = tree.get(name)
  if (found !== undefined && isSection(found)) return found
  const section: Tree = new Map()
  tree.set(name, section)
  return section
}

function linesOf(tree: Tree, depth: number): string[] {
  const indent = '  '.repeat(depth)
  return [...tree].flatMap(([name, entry]) => {
    if (isSection(entry)) return [`${indent}${name}:`, ...linesOf(entry, depth + 1)]
    const comment = wrapped(`${entry.doc} It is ${entry.kind.form}.`, WIDTH - indent.length)
    // A mapping of names is a few lines.
    const lines = stringify({ [name]: typedValue(entry.kind, exampleOf(entry)) }, { lineWidth: 0 })
      .trim()
      .split('\n')
    const commented = entry.default === undefined ? '# ' : ''
    return [...comment.map((text) => `${indent}# ${text}`), ...lines.map((line) => `${indent}${commented}${line}`)]
  })
}

/** Lines of at most `width` characters, broken at blanks. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
