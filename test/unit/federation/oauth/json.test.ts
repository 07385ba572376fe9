import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseObject } from '../../../../src/federation/oauth/json.ts'

const object = fc.dictionary(fc.string(), fc.jsonValue())

describe('a JSON object', () => {
  it('is what JSON.parse makes of it, with any white space', () => {
    fc.assert(
      fc.property(object, fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        expect(parseObject(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('is none where a name stands twice, wherever and however it is written', () => {
    const written = (name: string): string =>
      `"${[...name].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
    const name = fc.string({ unit: 'grapheme-ascii', minLength: 1 })
    fc.assert(
      fc.property(name, object, fc.jsonValue(), (twice, others, value) => {
        const { [twice]: _, ...rest } = others
        const inner = JSON.stringify(rest).slice(1, -1)
        const members = [`${JSON.stringify(twice)}:1`, inner, `${written(twice)} : 2`].filter((part) => part !== '')
        const text = `{${members.join(',')}}`
        expect(JSON.parse(text)).toBeDefined()
        expect(parseObject(text)).toBeUndefined()
        expect(parseObject(`{"within":[${JSON.stringify(value)},${text}]}`)).toBeUndefined()
      }),
    )
  })

  it.each(['[]', '1', '"{}"', 'null', '', '{', '{"a":1}}', "{'a':1}"])('is not %s', (text) => {
    expect(parseObject(text)).toBeUndefined()
  })

  it('may be deep, or long, or all escapes', () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    expect(parseObject(deep)).toBeDefined()
    const long = JSON.stringify({ text: '\\"{'.repeat(100_000) })
    expect(parseObject(long)).toEqual(JSON.parse(long))
  })
})
