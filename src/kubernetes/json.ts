import type { JsonObject } from './types.ts'

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object, or undefined for anything else, text that is no JSON included. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export const objectAt = (value: unknown, key: string): JsonObject | undefined => {
  const found = isObject(value) ? value[key] : undefined
  return isObject(found) ? found : undefined
}

/** Of an object or a list; undefined where it is missing or empty, which no API server sends. */
export function versionOf(value: unknown): string | undefined {
  const version = objectAt(value, 'metadata')?.['resourceVersion']
  return typeof version === 'string' && version !== '' ? version : undefined
}
