import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdAnnotations } from '../../../src/kubernetes/sources/held.ts'
import type { Annotations } from '../../../src/kubernetes/sources/metadata.ts'

const roomy = { each: 1_000, all: 10_000 }
/** Each object, each annotation, and both bytes of each character. */
const costOf = (key: string, said: Annotations): number =>
  256 + 2 * key.length + Object.entries(said).reduce((sum, pair) => sum + 128 + 2 * pair.join('').length, 0)

test('it holds the last that was said of a key, and nothing of one that carries none', () => {
  const held = holdAnnotations(roomy)
  held.set('shop/a', { x: '1' })
  held.set('shop/b', {})
  held.set('shop/a', { y: '2' })
  expect([held.get('shop/a'), held.get('shop/b'), held.size()]).toEqual([{ y: '2' }, undefined, 1])
  held.set('shop/a', {})
  expect([held.get('shop/a'), held.size()]).toEqual([undefined, 0])
  held.delete('shop/a')
  expect(held.size()).toBe(0)
})

test('what is longer than it may be takes away what was held, since that is no longer so', () => {
  const held = holdAnnotations({ each: 256 + 6 + 128 + 14, all: 10_000 })
  held.set('key', { name: 'abc' })
  expect(held.get('key')).toEqual({ name: 'abc' })
  held.set('key', { name: 'abcd' })
  expect(held.get('key')).toBeUndefined()
})

test('where all is full nothing more is held, until there is room again', () => {
  const cost = costOf('a', { x: '12345678' })
  const held = holdAnnotations({ each: cost, all: 2 * cost })
  for (const key of ['a', 'b', 'c']) held.set(key, { x: '12345678' })
  expect(held.size()).toBe(2)
  held.delete('a')
  held.set('c', { x: '12345678' })
  expect([held.get('a'), held.get('b'), held.get('c')]).toEqual([undefined, { x: '12345678' }, { x: '12345678' }])
})

test.each<[string, Annotations]>([
  ['many annotations that say nothing', Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`${at}`, '']))],
  ['a text of half its bytes', { x: 'x'.repeat(400) }],
])('an object is not small for %s', (_what, annotations) => {
  const held = holdAnnotations(roomy)
  held.set('key', annotations)
  expect(held.get('key')).toBeUndefined()
})

test('small objects fill it too', () => {
  const held = holdAnnotations({ each: 1_000, all: 256 * 100 })
  for (let at = 0; at < 100; at += 1) held.set(`${at}`, { x: '' })
  expect(held.size()).toBeLessThan(70)
})

test('whatever comes and goes, it is a map with bounds', () => {
  const key = fc.constantFrom('a', 'bb', 'ccc', '__proto__')
  const annotations = fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 5 }), { maxKeys: 2 })
  const step = fc.tuple(key, fc.option(annotations, { nil: undefined }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const held = holdAnnotations({ each: 540, all: 1_000 })
      const reference = new Map<string, Annotations>()
      for (const [name, said = {}] of steps) {
        held.set(name, said)
        reference.delete(name)
        const total = [...reference].reduce((sum, each) => sum + costOf(...each), costOf(name, said))
        if (Object.keys(said).length > 0 && costOf(name, said) <= 540 && total <= 1_000) reference.set(name, said)
        for (const each of ['a', 'bb', 'ccc', '__proto__']) expect(held.get(each)).toBe(reference.get(each))
        expect(held.size()).toBe(reference.size)
      }
    }),
  )
})
