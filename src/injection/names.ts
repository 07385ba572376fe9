/** Names that follow from keys, put together once: every review asks for all of them, several times. */
import { annotationOf as annotationFor, type PodKey, podEntries, variableOf as variableFor } from '../settings/index.ts'

const annotations = new Map(podEntries.map(([key]) => [key, annotationFor(key)]))
export const annotationOf = (key: PodKey): string => annotations.get(key) ?? annotationFor(key)

export const keysByAnnotation = new Map(podEntries.map(([key]) => [annotationFor(key), key] as const))

/** The names of those keys. */
export const variablesOf = <const K extends string>(keys: readonly K[]): Readonly<Record<K, string>> =>
  Object.fromEntries(keys.map((key) => [key, variableFor(key)])) as Record<K, string>
