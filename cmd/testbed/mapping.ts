import type { Problem } from '../../src/errors/index.ts'

type Range = { readonly least: number; readonly most: number }
type Integer = Range & { readonly fallback?: number }

/** One mapping of a configuration file. Every `read…` puts what is wrong on the list of problems, and goes on. */
export type Mapping = {
  readonly path: string
  readonly has: (key: string) => boolean
  /** Without `fallback` the key is required. */
  readonly text: (key: string, fallback?: string) => string
  readonly integer: (key: string, given: Integer) => number
  readonly texts: (key: string) => readonly string[]
  readonly mappings: (key: string) => readonly Mapping[]
  readonly raw: (key: string) => unknown
  readonly refuse: (key: string, message: string) => void
  /** Puts every key that was never asked for on the list. */
  readonly close: () => void
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** What is not a mapping at all is one problem, and reads as an empty one without further ones. */
export function readMapping(value: unknown, path: string, problems: Problem[]): Mapping {
  const content = isMapping(value) ? value : {}
  const asked = new Set<string>()
  const fieldOf = (key: string): string => (path === '' ? key : `${path}.${key}`)
  const refuse = (key: string, message: string): void =>
    void problems.push({ code: 'SettingInvalid', field: fieldOf(key), message })
  if (!isMapping(value)) problems.push({ code: 'SettingInvalid', field: path, message: 'it is not a mapping' })

  const has = (key: string): boolean => {
    asked.add(key)
    return Object.hasOwn(content, key)
  }
  function get<T>(key: string, isGood: (value: unknown) => value is T, form: string, fallback?: T): T | undefined {
    const found = has(key) ? content[key] : fallback
    if (isGood(found)) return found
    if (has(key)) refuse(key, `it must be ${form}`)
    else if (isMapping(value))
      problems.push({ code: 'SettingMissing', field: fieldOf(key), message: `it must be ${form}` })
    return undefined
  }
  const list = (key: string): readonly unknown[] =>
    get(key, (found): found is unknown[] => Array.isArray(found), 'a list') ?? []

  return {
    path,
    has,
    text: (key, fallback) => get(key, isText, 'a text (a number in quotes)', fallback) ?? '',
    integer: (key, { least, most, fallback }) => {
      const isGood = (found: unknown): found is number =>
        Number.isInteger(found) && isWithin(Number(found), { least, most })
      return get(key, isGood, `a whole number from ${least} to ${most}`, fallback) ?? least
    },
    texts: (key) => {
      const found = list(key)
      if (!found.every(isText)) refuse(key, 'it must be a list of texts')
      return found.filter(isText)
    },
    mappings: (key) => list(key).map((item, at) => readMapping(item, `${fieldOf(key)}[${at}]`, problems)),
    raw: (key) => (has(key) ? content[key] : undefined),
    refuse,
    close: () => {
      const unknown = Object.keys(content).filter((key) => !asked.has(key))
      const message = `it is not known; the keys here are ${[...asked].join(', ')}`
      for (const key of unknown) problems.push({ code: 'SettingUnknown', field: fieldOf(key), message })
    },
  }
}

const isWithin = (value: number, { least, most }: Range): boolean => value >= least && value <= most
