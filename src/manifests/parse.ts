import { type Document, isScalar, parseDocument, type ScalarTag, type Tags, visit } from 'yaml'
import { failOn, type Problem } from '../errors/index.ts'
import { isObject, type JsonObject } from '../json/index.ts'
import { type Chunk, splitStream } from './split.ts'
import type { Manifest, ManifestFile } from './types.ts'

type Tag = Exclude<Tags[number], string>

/** What Go's YAML library has not, by which kubectl reads: a time is a text to it. */
const isForeign = ({ tag, format }: Tag): boolean =>
  format === 'TIME' || /:(timestamp|omap|pairs|set|binary)$/.test(tag)

/** A number that nobody changes is written as it was: others count further than JavaScript. */
const asWritten = (tag: Tag): Tag =>
  /:(int|float)$/.test(tag.tag)
    ? ({ ...tag, stringify: (item, ...rest) => item.source ?? tag.stringify?.(item, ...rest) ?? '' } as ScalarTag)
    : tag

/** YAML 1.1 as kubectl reads it (`yes` is true, `0644` is octal, `<<` merges), so that it reads what is written too. */
const options = {
  schema: 'yaml-1.1',
  merge: true,
  stringKeys: true,
  // The library compares every key with every other.
  uniqueKeys: false,
  prettyErrors: false,
  customTags: (tags: Tags): Tags =>
    tags.filter((tag): tag is Tag => typeof tag !== 'string' && !isForeign(tag)).map(asWritten),
} as const

/** The documents of the files, in their order. Throws Failure with every document that cannot be read. */
export function parseManifests(files: readonly ManifestFile[]): readonly Manifest[] {
  const problems: Problem[] = []
  const manifests = files.flatMap((file) =>
    splitStream(file.text).flatMap((chunk, index): readonly Manifest[] => {
      const read = readChunk(chunk)
      const place = { file, number: index + 1 }
      if ('document' in read) return [{ ...place, text: chunk.text, ...read }]
      problems.push({ code: 'ManifestMalformed', field: titleOf(place), message: read.problem })
      return []
    }),
  )
  failOn(problems)
  return manifests
}

/** A document, as messages name it. */
export const titleOf = ({ file, number }: Pick<Manifest, 'file' | 'number'>): string =>
  `${file.name}, document ${number}`

type ReadChunk = { readonly document: Document; readonly value: JsonObject | undefined } | { readonly problem: string }

function readChunk({ text, line }: Chunk): ReadChunk {
  try {
    const document = parseText(text)
    const wrong = document.errors[0] ?? repeatedKey(document)
    if (wrong !== undefined) {
      const at = line + text.slice(0, wrong.pos[0]).split('\n').length - 1
      return { problem: `line ${at}: ${wrong.message}` }
    }
    const value: unknown = document.toJS()
    // What holds itself is nothing that could be sent.
    if (text.includes('*')) JSON.stringify(value)
    if (value === null || value === undefined) return { document, value: undefined }
    return isObject(value) ? { document, value } : { problem: `line ${line}: it is no object` }
  } catch (thrown) {
    // The library recurses.
    if (thrown instanceof RangeError) return { problem: `line ${line}: it is nested too deeply` }
    return { problem: `line ${line}: an alias (*NAME) or a merge (<<) stands for nothing, or for too much` }
  }
}

/** Aliases are followed by `toJS`, which throws where they stand for nothing or too much. */
export const parseText = (text: string): Document => parseDocument(text, options)

type Wrong = { readonly pos: readonly [number, number]; readonly message: string }

/** Of two, some would take the first and others the last. */
function repeatedKey(document: Document): Wrong | undefined {
  let found: Wrong | undefined
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const at = key.range?.[0] ?? 0
        if (seen.has(key.value))
          found = { pos: [at, at], message: `the key ${JSON.stringify(key.value)} is there twice` }
        seen.add(key.value)
      }
      return found === undefined ? undefined : visit.BREAK
    },
  })
  return found
}
