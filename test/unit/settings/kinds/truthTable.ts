import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Kind } from '../../../../src/settings/kinds/kind.ts'

export type Row = {
  readonly kind: Kind<unknown>
  /** What is read, with its value where it is not the text itself. */
  readonly good: readonly (string | readonly [text: string, value: unknown])[]
  readonly bad: readonly string[]
}
export type Table = Readonly<Record<string, Row>>

export const long = (count: number): string => 'x'.repeat(count)
/** So many texts, each of its index, separated by blanks. */
export const distinct = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => of(index)).join(' ')

const rows = (table: Table, side: 'good' | 'bad'): readonly (readonly [string, string, unknown, Kind<unknown>])[] =>
  Object.entries(table).flatMap(([name, row]) =>
    row[side].map((entry) => {
      const [text, value] = typeof entry === 'string' ? [entry, entry] : entry
      return [name, text, value, row.kind] as const
    }),
  )

/** Texts that make a careless expression go back and forth for ever. */
const nasty: readonly string[] = [
  `${'a-'.repeat(50_000)}!`,
  '1h'.repeat(50_000),
  `https://${'a.'.repeat(50_000)}`,
  '{'.repeat(100_000),
  `arn:aws:iam::111122223333:role/${'/'.repeat(50_000)}`,
  '*'.repeat(100_000),
  '='.repeat(100_000),
  ' a='.repeat(30_000),
]

/** Proves each row, and that no text makes a kind throw or ponder. */
export function proveKinds(table: Table): void {
  const kinds = Object.values(table).map(({ kind }) => kind)

  it.each(rows(table, 'good'))('%s reads %j', (_, text, value, kind) => {
    expect(kind.parse(text)).toEqual({ ok: true, value })
  })

  it.each(rows(table, 'bad'))('%s refuses %j, in a few words', (_, text, __, kind) => {
    const parsed = kind.parse(text)
    expect(parsed).toEqual({ ok: false, problem: expect.stringMatching(/^(is|has|names|for) /) })
    if (!parsed.ok) expect(parsed.problem.length).toBeLessThan(300)
  })

  it('throws at nothing', { timeout: 60_000 }, () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(text, fc.constantFrom(...kinds), (given, kind) => typeof kind.parse(given).ok === 'boolean'),
      { numRuns: 1_000 },
    )
  })

  it('refuses texts that are made to take time', () => {
    for (const kind of kinds) for (const text of nasty) expect(kind.parse(text).ok).toBe(false)
  })
}
