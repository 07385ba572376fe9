import { type Document, isCollection, isScalar, isSeq, type Node, Scalar, visit, type YAMLMap } from 'yaml'
import type { JsonPatchOperation } from '../injection/index.ts'
import type { JsonObject } from '../json/index.ts'
import { keysOf } from './json.ts'

/** What is written twice is two things. */
const unshared = { aliasDuplicateObjects: false }

/**
 * Applies a JSON Patch to the nodes of a document, so that comments and order stay: RFC 6902, the three operations that
 * there are. Throws TypeError where the patch does not fit.
 */
export function editDocument(document: Document, patch: readonly JsonPatchOperation[]): void {
  writeOut(document)
  for (const operation of patch) edit(document, operation)
}

function edit(document: Document, operation: JsonPatchOperation): void {
  const keys = keysOf(operation.path)
  const parent: unknown = document.getIn(keys.slice(0, -1), true)
  const last = keys.at(-1) ?? ''
  if (!isCollection(parent)) throw new TypeError('there is nothing to change')
  // What is empty is written in brackets, whatever is around it.
  if (parent.items.length === 0) parent.flow = false
  const added = operation.op === 'remove' ? [] : [nodeOf(document, operation.value)]
  if (isSeq(parent)) parent.items.splice(Number(last), operation.op === 'add' ? 0 : 1, ...added)
  else if (operation.op === 'remove') parent.delete(last)
  else parent.set(last, added[0])
}

/** Texts that Go would read as numbers, where the library does not, are quoted. */
function nodeOf(document: Document, value: unknown): Node {
  const node = document.createNode(value, unshared)
  visit(node, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && /^[-+]?0[xob]/i.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE
    },
  })
  return node
}

/** Aliases and merged keys as what they stand for: what is changed in one place must not change in another. */
function writeOut(document: Document): void {
  visit(document, {
    Map: (_, map) => writeMerged(document, map),
    Alias: (_, alias) => document.createNode(alias.resolve(document)?.toJS(document), unshared),
  })
  visit(document, {
    Value: (_, node) => {
      delete node.anchor
    },
  })
}

function writeMerged(document: Document, map: YAMLMap): void {
  const own = map.items.filter(({ key }) => !isMergeKey(key))
  if (own.length === map.items.length) return
  const whole = map.toJS(document) as JsonObject
  map.items = own
  for (const [key, value] of Object.entries(whole))
    if (!map.has(key)) map.set(key, document.createNode(value, unshared))
}

const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && key.type === Scalar.PLAIN && (key.value === '<<' || typeof key.value === 'symbol')
