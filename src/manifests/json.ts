import type { JsonObject } from '../json/index.ts'

/** What is found along the keys; undefined where there is nothing. Inherited properties are none. */
export function valueAt(root: unknown, keys: readonly string[]): unknown {
  let here = root
  for (const key of keys) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as JsonObject)[key]
  }
  return here
}

export const textAt = (root: unknown, ...keys: readonly string[]): string | undefined => {
  const found = valueAt(root, keys)
  return typeof found === 'string' ? found : undefined
}

/** RFC 6901. */
export const pointerOf = (keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

export const keysOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
