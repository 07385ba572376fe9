import { isEqual } from '../../injection/equal.ts'
import type { JsonPatchOperation } from '../../injection/index.ts'
import { isObject, itemsAt, type JsonObject, textAt } from './objects.ts'

const MOST = 8

/** What a patch would change of an injected pod, by names alone: settings of the sidecar, or parts of the pod. */
export function changesOf(patch: readonly JsonPatchOperation[], pod: JsonObject): string {
  const names = new Set(patch.flatMap((operation) => namesIn(operation, pod)))
  const few = [...names].slice(0, MOST)
  return `${few.join(', ')}${names.size > few.length ? ` and ${names.size - few.length} more` : ''}`
}

function namesIn(operation: JsonPatchOperation, pod: JsonObject): readonly string[] {
  const { path } = operation
  if (path.startsWith('/spec/volumes')) return ['its volumes']
  if (path.startsWith('/metadata')) return ['its status']
  const value = 'value' in operation ? operation.value : undefined
  const before = itemsAt(pod, 'spec', 'initContainers').find((each) => each['name'] === textAt(value, 'name'))
  if (path.startsWith('/spec/initContainers/') && isObject(value) && before !== undefined)
    return differences(before, value)
  return ['its containers']
}

/** The variables that differ, and the other fields that do. */
function differences(before: JsonObject, after: JsonObject): readonly string[] {
  const valuesOf = (container: JsonObject): ReadonlyMap<unknown, unknown> =>
    new Map(itemsAt(container, 'env').map((each) => [each['name'], each]))
  const [old, fresh] = [valuesOf(before), valuesOf(after)]
  const variables = [...new Set([...old.keys(), ...fresh.keys()])].filter(
    (name) => !isEqual(old.get(name), fresh.get(name)),
  )
  const fields = Object.keys(after).filter((key) => key !== 'env' && !isEqual(before[key], after[key]))
  return [...fields, ...variables].map((name) => `${name} of ${textAt(after, 'name')}`)
}
