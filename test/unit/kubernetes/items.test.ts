import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createItemSplitter } from '../../../src/kubernetes/watch/items.ts'

/** The items and the rest of a text that comes in pieces of these sizes. */
function split(text: string, sizes: readonly number[] = [], longest = 1_000_000) {
  const items: string[] = []
  const trouble = (): Error => new Error('too long')
  const { push, rest } = createItemSplitter((item) => items.push(item.toString()), { longest, trouble })
  const bytes = Buffer.from(text)
  let from = 0
  for (const size of sizes) {
    push(bytes.subarray(from, from + size))
    from += size
  }
  push(bytes.subarray(from))
  return { items, rest: rest() }
}

test('items come out as they went in, wherever the answer is cut and whatever they hold', () => {
  const value = fc.jsonValue({ maxDepth: 2 })
  const item = fc.dictionary(fc.string(), value, { maxKeys: 3 })
  const cuts = fc.array(fc.nat(40))
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 4 }),
      value,
      cuts,
      fc.constantFrom(undefined, 2),
      (items, other, sizes, space) => {
        const answer = {
          metadata: { continue: 'a', items: [{ not: 'this' }] },
          items,
          other,
          lists: [[other], { items }],
        }
        const parts = split(JSON.stringify(answer, undefined, space), sizes)
        expect(parts.items.map((each) => JSON.parse(each))).toEqual(JSON.parse(JSON.stringify(items)))
        expect(JSON.parse(parts.rest)).toEqual(JSON.parse(JSON.stringify({ ...answer, items: items.map(() => 0) })))
      },
    ),
  )
})

test.each([
  ['what is no object stays', '{"items":[7,{"a":1},[{}]]}', ['{"a":1}'], '{"items":[7,0,[{}]]}'],
  ['null stays', '{"items":null}', [], '{"items":null}'],
  ['another list stays', '{"items2":[{}],"x":["items",{}]}', [], '{"items2":[{}],"x":["items",{}]}'],
  ['brackets in strings are none', '{"items":[{"a":"}]\\"}"}]}', ['{"a":"}]\\"}"}'], '{"items":[0]}'],
  ['what is cut off stays cut off', '{"items":[{"a":1},{"b":', ['{"a":1}'], '{"items":[0,'],
  ['a list at the top has no items', '[{"items":[{}]}]', [], '[{"items":[{}]}]'],
])('%s: %s', (_what, text, items, rest) => {
  expect(split(text)).toEqual({ items, rest })
})

test.each([[[]], [[5]], [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]])(
  'an item, and the rest, may be as long as the bound and no longer (%j)',
  (sizes) => {
    const item = (length: number): string => `{"items":[{"${'x'.repeat(length - 6)}":1}]}`
    expect(split(item(40), sizes, 40).items[0]).toHaveLength(40)
    expect(() => split(item(41), sizes, 40)).toThrow('too long')
    expect(split('x'.repeat(40), sizes, 40).rest).toHaveLength(40)
    expect(() => split('x'.repeat(41), sizes, 40)).toThrow('too long')
  },
)
