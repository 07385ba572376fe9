import type { Problem } from '../../errors/index.ts'
import { bundleOf, sorted } from './bundle.ts'
import { formatUntil, type Kept, parseAuthority } from './parse.ts'
import type { ValueChanges } from './ports.ts'
import { corrupt } from './problems.ts'
import type { Authority } from './types.ts'

/** What the Secret holds: every authority that can be trusted to be one, and what is wrong with all else. */
export type Stored = {
  readonly authorities: readonly Authority[]
  readonly problems: readonly Problem[]
  /** The value for people and tools is missing or is not what it should be. */
  readonly isUntidy: boolean
}

type Values = Readonly<Record<string, string>>

/** The whole bundle, for people and tools; it is never read. */
const BUNDLE = 'ca.crt'
const OURS = /^authority-/
const NAME = /^(authority-[1-9]\d?)\.(crt|key|until)$/

/**
 * Reads `authority-N.crt` and `authority-N.key`, or `authority-N.until` where an authority has retired. What is known is not
 * judged again.
 */
export function parseValues(values: Values, names: readonly string[], known: readonly Authority[] = []): Stored {
  const read = (kept: Kept): Authority | string =>
    known.find((authority) => isThat(authority, kept)) ?? parseAuthority(kept, names)
  const entries = Object.entries(values)
  const strangers = entries.filter(([key]) => OURS.test(key) && !NAME.test(key)).map(([key]) => key)
  const fields = [...new Set(entries.flatMap(([key]) => NAME.exec(key)?.[1] ?? []))].sort(inOrder)
  const parsed = fields.map((field) => ({ field, result: read(keptAs(field, values)) }))
  const all = parsed.flatMap(({ result }) => (typeof result === 'string' ? [] : [result]))
  const authorities = sorted([...new Map(all.map((authority) => [authority.id, authority])).values()])
  const problems = [
    ...strangers.map((field) => corrupt(field.slice(0, 64), 'Lanyard has no value of that name')),
    ...parsed.flatMap(({ field, result }) => (typeof result === 'string' ? [corrupt(field, result)] : [])),
    ...(authorities.length < all.length ? [corrupt('authority-*', 'an authority is there twice')] : []),
  ]
  return { authorities, problems, isUntidy: authorities.length > 0 && values[BUNDLE] !== bundleOf(authorities) }
}

/** What makes these authorities of the values that are there; values that are none of ours are left alone. */
export function changesOf(values: Values, authorities: readonly Authority[]): ValueChanges {
  const gone = Object.keys(values).filter((key) => OURS.test(key))
  return { ...Object.fromEntries(gone.map((key) => [key, undefined])), ...formatValues(authorities) }
}

/** The values as they are written. */
export function formatValues(authorities: readonly Authority[]): Values {
  const ours = sorted(authorities).flatMap(({ cert, key, until }, index): [string, string][] => {
    const field = `authority-${index + 1}`
    const rest: [string, string] =
      key === undefined ? [`${field}.until`, formatUntil(until ?? 0)] : [`${field}.key`, key]
    return [[`${field}.crt`, cert], rest]
  })
  return { [BUNDLE]: bundleOf(authorities), ...Object.fromEntries(ours) }
}

const keptAs = (field: string, values: Values): Kept => ({
  cert: values[`${field}.crt`],
  key: values[`${field}.key`],
  until: values[`${field}.until`],
})

const isThat = ({ cert, key, until }: Authority, kept: Kept): boolean =>
  kept.cert === cert && kept.key === key && kept.until === (until === undefined ? undefined : formatUntil(until))

const inOrder = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
