import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export const textOf = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
export const isThere = (path: string): boolean => existsSync(`${root}${path}`)

const foldersOfPages = ['', 'docs/', 'docs/developers/', 'docs/operators/', 'docs/reference/', 'charts/lanyard/']

/** Every page that is written for people, by its path from the root. */
export const pages: readonly string[] = foldersOfPages.flatMap((folder) =>
  readdirSync(`${root}${folder}`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}${name}`),
)

export type Block = { readonly language: string; readonly body: string; readonly before: string }

/** The indentation, the fence and the language; no more backticks, else it is code in a line. */
const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/
type Open = { readonly indent: string; readonly fence: string; readonly language: string; readonly from: number }

const closes = (line: string, { fence }: Open): boolean => {
  const trimmed = line.trim()
  return trimmed.length >= fence.length && trimmed === (fence[0] ?? '').repeat(trimmed.length)
}

/**
 * The fenced blocks of a text (CommonMark, Fenced code blocks), without the indentation of a list, each with the text
 * before it. Throws where one is not closed: all that follows would be taken for its own.
 */
export function fencedOf(text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  let open: Open | undefined
  lines.forEach((line, index) => {
    if (open === undefined) {
      const [found, indent = '', fence = '', language = ''] = FENCE.exec(line) ?? []
      if (found !== undefined) open = { indent, fence, language, from: index }
    } else if (closes(line, open)) {
      blocks.push(blockOf(lines, open, index))
      open = undefined
    }
  })
  if (open !== undefined) throw new Error(`the block of line ${open.from + 1} is not closed`)
  return blocks
}

function blockOf(lines: readonly string[], { indent, language, from }: Open, to: number): Block {
  const inner = lines.slice(from + 1, to).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
  const before = lines.slice(0, from).join('\n').trimEnd()
  return { language, body: inner.map((line) => `${line}\n`).join(''), before }
}

export const fencedIn = (page: string): Block[] => fencedOf(textOf(page))

/** Those of one language: what the docs show is what is run here. */
export const blocksOf = (page: string, language: string): string[] =>
  fencedIn(page)
    .filter((block) => block.language === language)
    .map(({ body }) => body)
