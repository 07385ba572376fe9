import { isObject, type JsonObject } from '../../json/index.ts'
import { objectAt } from '../json.ts'

export type Annotations = Readonly<Record<string, string>>

/** What is read of a ServiceAccount or a namespace. */
export type Metadata = {
  readonly name: string
  /** '' where the kind has none. */
  readonly namespace: string
  /** Those that can mean something to Lanyard. */
  readonly annotations: Annotations
}

/** Of the annotations that are read. */
export const prefixes = ['lanyard.dev/', 'eks.amazonaws.com/']

/** Undefined where it is no metadata: what cannot be read must not pass for "nothing is said". */
export function readMetadata(object: JsonObject): Metadata | undefined {
  const { name, namespace = '', annotations = {} } = objectAt(object, 'metadata') ?? {}
  if (typeof name !== 'string' || typeof namespace !== 'string' || !isObject(annotations ?? {})) return undefined
  const ours = Object.entries(annotations ?? {}).filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix)))
  if (!ours.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return undefined
  return { name, namespace, annotations: Object.fromEntries(ours) }
}

/** What no object can be called is not asked for: `..` would be another path. DNS subdomains (RFC 1123) are the widest. */
export const isName = (text: string): boolean => /^[a-z0-9][a-z0-9.-]{0,252}$/.test(text)
