import type { Json } from './gen.ts'

/** What is found along the path of keys and indexes; throws where there is nothing to go into. */
export function at(root: unknown, ...path: readonly (string | number)[]): unknown {
  let here = root
  for (const key of path) {
    if (typeof here !== 'object' || here === null) throw new Error(`there is no ${path.join('.')}`)
    here = (here as Json)[key]
  }
  return here
}

export const objectAt = (root: unknown, ...path: readonly (string | number)[]): Json => at(root, ...path) as Json
export const listAt = (root: unknown, ...path: readonly (string | number)[]): Json[] =>
  (at(root, ...path) ?? []) as Json[]

/** The container of that name, init containers included. */
export function containerOf(pod: unknown, name: string): Json {
  const all = [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')]
  const found = all.find((container) => container['name'] === name)
  if (found === undefined) throw new Error(`there is no container ${name}`)
  return found
}

/** A container's variables by name; those by reference as undefined. */
export const envOf = (pod: unknown, name: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(listAt(containerOf(pod, name), 'env').map((variable) => [variable['name'], variable['value']]))

/** A copy with the given change made to it. */
export function changed(pod: unknown, change: (copy: Json) => void): Json {
  const copy = structuredClone(pod) as Json
  change(copy)
  return copy
}
