import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listPatch } from '../../../src/injection/listPatch.ts'
import { applied } from '../../support/admitting.ts'

type Item = { readonly id: number }
const at = (list: unknown, desired: readonly Item[]): unknown =>
  applied({ list }, listPatch('/list', list as readonly Item[] | null | undefined, desired))['list']

describe('listPatch', () => {
  it.each([undefined, null])('adds a list where there is %j', (current) => {
    expect(listPatch('/l', current, [])).toEqual([])
    expect(listPatch('/l', current, [1])).toEqual([{ op: 'add', path: '/l', value: [1] }])
  })

  it('writes a removal and an insertion at one place as a replacement', () => {
    const [a, b] = [{ id: 1 }, { id: 2 }]
    expect(listPatch('/l', [a, b], [{ id: 3 }, b])).toEqual([{ op: 'replace', path: '/l/0', value: { id: 3 } }])
  })

  it('leads from any list to any other', () => {
    const pool = Array.from({ length: 8 }, (_, id) => ({ id }))
    const chosen = fc.shuffledSubarray(pool)
    fc.assert(
      fc.property(chosen, chosen, (current, desired) => {
        expect(at(current, desired)).toEqual(desired)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is nothing between a list and itself, and touches nothing that stays in order', () => {
    const pool = Array.from({ length: 8 }, (_, id) => ({ id }))
    fc.assert(
      fc.property(fc.subarray(pool), (kept) => {
        expect(listPatch('/l', pool, pool)).toEqual([])
        const patch = listPatch('/l', pool, kept)
        expect(patch.map(({ op }) => op)).toEqual(Array.from({ length: pool.length - kept.length }, () => 'remove'))
      }),
      { numRuns: 1_000 },
    )
  })
})
