import { isDeepStrictEqual } from 'node:util'
import { applyPatch, type Operation } from 'rfc6902'
import type { Document } from 'yaml'
import { Failure } from '../errors/index.ts'
import type { JsonPatchOperation } from '../injection/index.ts'
import type { JsonObject } from '../json/index.ts'
import { editDocument } from './edit.ts'
import { parseText, titleOf } from './parse.ts'
import { isJson } from './split.ts'
import { transplant } from './transplant.ts'
import type { Manifest } from './types.ts'

/**
 * The text of a document with the patch applied: no line differs but for what the patch says, wherever that can be. What is
 * written is read again, and is what RFC 6902 makes of the document.
 * @throws Failure ManifestUnchangeable.
 */
export function patchText(manifest: Manifest, patch: readonly JsonPatchOperation[]): string {
  const { text } = manifest
  const wanted = applied(manifest.value, patch)
  const spelt = wanted === undefined ? undefined : respell(manifest, patch, wanted)
  const texts = spelt === undefined ? [] : [transplant(text, spelt.before, spelt.after), spelt.whole]
  const right = texts.find((candidate) => candidate !== undefined && means(candidate, wanted))
  if (right !== undefined) return right
  const message = 'what is to be injected cannot be written into it'
  throw new Failure({ code: 'ManifestUnchangeable', field: titleOf(manifest), message })
}

/** As JSON has it, and nothing in it twice: what an alias stands for is one object here. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function applied(value: unknown, patch: readonly JsonPatchOperation[]): JsonObject | undefined {
  const copy = plain(value) as JsonObject
  const results = applyPatch(copy, structuredClone(patch) as unknown as Operation[])
  return results.every((result) => result === null) ? copy : undefined
}

/** The document as it was and as it is to be, both as the libraries write them; and what may be taken as a whole. */
type Spelt = { readonly before: string; readonly after: string; readonly whole: string | undefined }

function respell({ text, value, document }: Manifest, patch: readonly JsonPatchOperation[], wanted: JsonObject): Spelt {
  const json = jsonIn(text)
  if (json !== undefined) {
    const before = json.write(value)
    const after = json.write(wanted)
    return { before, after, whole: countsTooFar(value) ? undefined : withEnds(after, text) }
  }
  const copy = document.clone() as Document
  const style = styleOf(text)
  const before = copy.toString(style)
  editDocument(copy, patch)
  const after = copy.toString(style)
  return { before, after, whole: withEnds(after, text) }
}

/** Writes a document as JSON with what is around it, where it is JSON. */
function jsonIn(text: string): { write: (value: unknown) => string } | undefined {
  const head = /^\uFEFF?(?:---(?=\s))?\s*/.exec(text)?.[0] ?? ''
  const trimmed = text.trimEnd()
  const body = trimmed.slice(head.length, trimmed.endsWith('\n...') ? -'...'.length : undefined).trimEnd()
  if (!body.startsWith('{') || !isJson(body)) return undefined
  const indent = /^\{\r?\n([ \t]+)/.exec(body)?.[1] ?? (body.includes('\n') ? 2 : undefined)
  const tail = text.slice(head.length + body.length)
  return { write: (value) => `${head}${JSON.stringify(value, null, indent)}${tail}` }
}

/** Whether it holds an integer that JavaScript would write differently. */
const countsTooFar = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isInteger(value) && !Number.isSafeInteger(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(countsTooFar)

/** How the text is indented. */
function styleOf(text: string) {
  const indent = /^(?![#\s-])[^\n]*:[ \t]*\r?\n( +)(?![#\s-])/m.exec(text)?.[1]?.length ?? 2
  const [, key = '', item = ' '] = /^( *)(?![#\s-])[^\n]*:[ \t]*\r?\n( *)- /m.exec(text) ?? []
  return {
    lineWidth: 0,
    minContentWidth: 0,
    indent,
    indentSeq: item.length >= key.length + indent,
    flowCollectionPadding: /[[{] /.test(text),
  }
}

const withEnds = (written: string, like: string): string =>
  like.includes('\r\n') ? written.replaceAll('\n', '\r\n') : written

function means(text: string, wanted: unknown): boolean {
  const document = parseText(text)
  return document.errors.length === 0 && isDeepStrictEqual(plain(document.toJS()), wanted)
}
