import type { JsonPatchOperation } from './types.ts'

export const add = (path: string, value: unknown): JsonPatchOperation => ({ op: 'add', path, value })

/** RFC 6901: `~` and `/` in a key are escaped. */
export const pointer = (...keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The items behind those of the list. */
export const appendPatch = <T>(
  path: string,
  current: readonly T[] | null | undefined,
  items: readonly T[],
): readonly JsonPatchOperation[] => listPatch(path, current, [...(current ?? []), ...items])

/** A list that is absent (or null) is added whole, since nothing can be put into it. */
export function listPatch<T>(
  path: string,
  current: readonly T[] | null | undefined,
  desired: readonly T[],
): readonly JsonPatchOperation[] {
  if (current === undefined || current === null) return desired.length === 0 ? [] : [add(path, desired)]
  return walk(path, current, desired)
}

/**
 * From one list to another that keeps the order of what both have (by identity, as the desired lists are made of the
 * current ones' items): goes along both, dropping and inserting.
 */
function walk<T>(path: string, current: readonly T[], desired: readonly T[]): readonly JsonPatchOperation[] {
  let from = 0
  while (from < current.length && current[from] === desired[from]) from += 1
  // Nearly always there is something to be appended, or nothing at all.
  if (from === current.length) return desired.slice(from).map((item, index) => add(`${path}/${from + index}`, item))
  const operations: JsonPatchOperation[] = []
  const staying = new Set(desired)
  from = 0
  const dropUntil = (index: number, isReached: (item: T) => boolean): void => {
    for (let item = current[from]; item !== undefined && !isReached(item); item = current[from]) {
      operations.push({ op: 'remove', path: `${path}/${index}` })
      from += 1
    }
  }
  for (const [index, item] of desired.entries()) {
    dropUntil(index, (candidate) => staying.has(candidate))
    if (current[from] === item) from += 1
    else insert(operations, `${path}/${index}`, item)
  }
  dropUntil(desired.length, () => false)
  return operations
}

/** An insertion where something was just removed is a replacement. */
function insert(operations: JsonPatchOperation[], path: string, value: unknown): void {
  const last = operations.at(-1)
  if (last?.op === 'remove' && last.path === path) operations[operations.length - 1] = { op: 'replace', path, value }
  else operations.push(add(path, value))
}
