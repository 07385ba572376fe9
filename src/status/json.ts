/** Looks into what an API server sent, of which nothing is taken for granted. */
import { isObject, type JsonObject } from '../json/index.ts'

const ownIn = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined

export function objectIn(value: unknown, key: string): JsonObject | undefined {
  const found = ownIn(value, key)
  return isObject(found) ? found : undefined
}

export function listIn(value: unknown, key: string): readonly unknown[] {
  const found = ownIn(value, key)
  return Array.isArray(found) ? found : []
}

/** A text that is not empty. */
export function textIn(value: unknown, key: string): string | undefined {
  const found = ownIn(value, key)
  return typeof found === 'string' && found !== '' ? found : undefined
}
