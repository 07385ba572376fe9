import { isJson } from './split.ts'
import type { ManifestFile, Result } from './types.ts'

/**
 * All documents as one stream, for kubectl. That of a single file is the file, but for what changed; between files there are
 * markers where the next has none. JSON objects can follow one another, but nothing else can follow them.
 */
export function joinTexts(results: readonly Result[]): string {
  const names = [...new Set(results.map(({ manifest }) => manifest.file))]
  const files = names.map((file): File => [file, results.filter(({ manifest }) => manifest.file === file)])
  const [only, ...others] = files
  if (only === undefined) return ''
  if (others.length === 0) return textsOf(only).join('')
  const isPlain = files.every(isJsonStream)
  const texts = files.flatMap((file, index) => {
    const texts = textsOf(file).map((text) => (index === 0 ? text : text.replace(/^\uFEFF/, '')))
    if (isPlain) return texts
    if (isJsonStream(file)) return texts.map(marked)
    return texts.map((text, at) => (index > 0 && at === 0 ? marked(text) : text))
  })
  return texts.map((text, index) => (index === texts.length - 1 ? text : text.replace(/(?<!\n)$/, '\n'))).join('')
}

type File = readonly [ManifestFile, readonly Result[]]

const textsOf = ([, results]: File): readonly string[] => results.map(({ text }) => text)

const isJsonStream = ([{ text }, results]: File): boolean =>
  /^[\uFEFF\s]*\{/.test(text) && results.every((result) => isJson(result.manifest.text))

/** Directives must follow an end, and everything else what begins a document. */
function marked(text: string): string {
  if (text.startsWith('---')) return text
  return text.startsWith('%') ? `...\n${text}` : `---\n${text}`
}
