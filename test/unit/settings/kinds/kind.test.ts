import { describe, expect, it } from 'vitest'
import { flag } from '../../../../src/settings/kinds/basic.ts'
import { listOf, oneOf, orNone, pairsOf } from '../../../../src/settings/kinds/kind.ts'
import { long } from './truthTable.ts'

describe('the building blocks', () => {
  it('oneOf takes exactly its values', () => {
    const kind = oneOf('a', 'b')
    expect(kind.form).toBe('"a" or "b"')
    expect(kind.parse('b')).toEqual({ ok: true, value: 'b' })
    for (const text of ['', 'A', 'c', 'a ', 'toString']) expect(kind.parse(text).ok).toBe(false)
  })

  it('listOf and pairsOf take as many as they say', () => {
    const word = oneOf('a', 'b', 'c')
    expect(listOf(word, 'words', 2).parse('a b')).toEqual({ ok: true, value: ['a', 'b'] })
    expect(listOf(word, 'words', 2).parse('a b c')).toMatchObject({ problem: 'has 3 items, more than 2' })
    expect(pairsOf(word, word, 'X=Y', 1).parse('a=a b=b')).toMatchObject({ problem: 'has 2 pairs, more than 1' })
    expect(orNone(listOf(word, 'words')).parse('d').ok).toBe(false)
  })

  it('cuts what it quotes', () => {
    expect(flag.parse(long(61))).toEqual({ ok: false, problem: `is "${long(57)}..."` })
    expect(flag.parse('a\n"')).toEqual({ ok: false, problem: 'is "a\\n\\""' })
  })
})
