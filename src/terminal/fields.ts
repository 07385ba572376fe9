import { Failure, toFailure } from '../errors/index.ts'
import { printable } from './printable.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Keys in camelCase, as Kubernetes components have them; times in ISO 8601, durations in seconds. */
export type LogFields = Readonly<Record<string, unknown>>

const longestText = 2_048
const longestKey = 64
const mostEntries = 64
const deepest = 4

/** What a secret's name contains. Numbers are refused as well: the rule is by name, so that nobody has to think. */
const secretKey = /token|secret|key|authorization|assertion|password|env/i
/** Keys that each line has of its own. */
const ownKeys = new Set(['level', 'time', 'msg'])
/** The longest event. */
export const longestEvent = 256

/** The order of the levels; a line is written when its rank is at least that of the level that is set. */
export const ranks: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 }

/**
 * The fields as they may be logged: values under secret-sounding keys refused, texts cut, errors reduced to the code
 * and message of our own `Failure`, anything else than plain data replaced by its type.
 */
export function loggable(fields: LogFields): Record<string, unknown> {
  return entriesOf(fields, 0)
}

function entriesOf(fields: object, depth: number): Record<string, unknown> {
  const safe: [string, unknown][] = []
  for (const [key, value] of Object.entries(fields)) {
    if (safe.length === mostEntries) break
    if (value === undefined) continue
    const name = printable(ownKeys.has(key) && depth === 0 ? `${key}_` : key, longestKey)
    safe.push([name, secretKey.test(key) ? '[redacted]' : safeValue(value, depth)])
  }
  // fromEntries defines own properties: a key `__proto__` stays data.
  return Object.fromEntries(safe)
}

function safeValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return printable(value, longestText)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  if (typeof value !== 'object') return `[${typeof value}]`
  if (value instanceof Error) return errorOf(value)
  if (depth >= deepest) return '[deeper]'
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((item: unknown) => safeValue(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? entriesOf(value, depth + 1) : '[object]'
}

function errorOf(error: Error): Record<string, string> {
  const failure = error instanceof Failure ? error : toFailure(error)
  return { code: failure.code, message: printable(failure.message, longestText) }
}
