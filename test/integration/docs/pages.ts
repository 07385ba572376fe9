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

/** The fenced blocks of a page, without the indentation of a list, each with the text before it. */
export function fencedIn(page: string): Block[] {
  const text = textOf(page)
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map((found) => {
    const [, indent = '', language = '', body = ''] = found
    const unindented = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    return { language, body: unindented, before: text.slice(0, found.index).trimEnd() }
  })
}

/** Those of one language: what the docs show is what is run here. */
export const blocksOf = (page: string, language: string): string[] =>
  fencedIn(page)
    .filter((block) => block.language === language)
    .map(({ body }) => body)
