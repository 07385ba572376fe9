import { isObject, type JsonObject } from '../json/index.ts'

export const objectAt = (value: unknown, key: string): JsonObject | undefined => {
  const found = isObject(value) ? value[key] : undefined
  return isObject(found) ? found : undefined
}

/** Of an object or a list; undefined where it is missing or empty, which no API server sends. */
export function versionOf(value: unknown): string | undefined {
  const version = objectAt(value, 'metadata')?.['resourceVersion']
  return typeof version === 'string' && version !== '' ? version : undefined
}
