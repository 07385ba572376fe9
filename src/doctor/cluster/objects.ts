/** What is read of the API's objects; everything in them is foreign, and nothing of it is taken for granted. */
import { isObject, type JsonObject } from '../../json/index.ts'
import { textAt, valueAt } from '../../manifests/json.ts'

export type { JsonObject }
export { isObject, textAt, valueAt }

/** The objects of a list along the keys; what is none is left out. */
export function itemsAt(root: unknown, ...keys: readonly string[]): readonly JsonObject[] {
  const found = valueAt(root, keys)
  return Array.isArray(found) ? found.filter(isObject) : []
}

export function objectAt(root: unknown, ...keys: readonly string[]): JsonObject {
  const found = valueAt(root, keys)
  return isObject(found) ? found : {}
}

export function numberAt(root: unknown, ...keys: readonly string[]): number | undefined {
  const found = valueAt(root, keys)
  return typeof found === 'number' ? found : undefined
}

/** The texts among the values of a map. */
export function textsAt(root: unknown, ...keys: readonly string[]): Readonly<Record<string, string>> {
  const entries = Object.entries(objectAt(root, ...keys))
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

export const nameOf = (object: unknown): string => textAt(object, 'metadata', 'name') ?? ''
export const namespaceOf = (object: unknown): string => textAt(object, 'metadata', 'namespace') ?? ''
export const annotationsOf = (object: unknown): Readonly<Record<string, string>> =>
  textsAt(object, 'metadata', 'annotations')

/** When it was made, in epoch milliseconds; undefined of what is not there yet. */
export function createdAt(object: unknown): number | undefined {
  const at = Date.parse(textAt(object, 'metadata', 'creationTimestamp') ?? '')
  return Number.isNaN(at) ? undefined : at
}

/** Who made it and keeps it (ObjectMeta, ownerReferences). */
export function controllerOf(object: unknown): { readonly kind: string; readonly name: string } | undefined {
  const owner = itemsAt(object, 'metadata', 'ownerReferences').find((each) => each['controller'] === true)
  const [kind, name] = [textAt(owner, 'kind'), textAt(owner, 'name')]
  return kind !== undefined && name !== undefined && KIND.test(kind) && NAME.test(name) ? { kind, name } : undefined
}

/** The API server takes any text as an owner's, and both get into commands that somebody copies. */
const KIND = /^[A-Za-z][A-Za-z0-9]{0,62}$/
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

export const controllerUidOf = (object: unknown): string | undefined =>
  textAt(
    itemsAt(object, 'metadata', 'ownerReferences').find((each) => each['controller'] === true),
    'uid',
  )
