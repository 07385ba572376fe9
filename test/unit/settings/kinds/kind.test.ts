import { describe, expect, it } from 'vitest'
import { flag } from '../../../../src/settings/kinds/basic.ts'
import { like, listOf, oneOf, orNone, pairsOf, textKind } from '../../../../src/settings/kinds/kind.ts'
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

  it.each(['a, b', 'a,b', 'a ,b'])('tell whoever separates %j by commas', (text) => {
    const hint = expect.stringMatching(/; separate them by white space, not by commas$/)
    const word = oneOf('a', 'b')
    expect(listOf(word, 'words').parse(text)).toEqual({ ok: false, problem: hint })
    expect(pairsOf(word, word, 'X=Y').parse(text.replace(/\w/g, '$&=$&'))).toEqual({ ok: false, problem: hint })
    expect(listOf(word, 'words').parse('c')).toMatchObject({ problem: 'is "c"' })
  })

  it('says a length that is one number as one', () => {
    expect(textKind('x', 'xxx', /x/, [3, 3]).parse('x')).toMatchObject({ problem: 'has 1 characters, not 3' })
    expect(textKind('x', 'xxx', /x/, [3, 4]).parse('x')).toMatchObject({ problem: 'has 1 characters, not 3 to 4' })
  })

  it('may have another example', () => {
    expect(like(flag, 'false')).toEqual({ ...flag, example: 'false' })
  })

  it('cuts what it quotes', () => {
    expect(flag.parse(long(61))).toEqual({ ok: false, problem: `is "${long(57)}..."` })
    expect(flag.parse('a\n"')).toEqual({ ok: false, problem: 'is "a\\n\\""' })
  })
})
