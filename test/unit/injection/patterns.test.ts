import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEqual } from '../../../src/injection/equal.ts'
import { matches, matchesAny } from '../../../src/injection/patterns.ts'

describe('patterns', () => {
  it.each([
    ['linkerd-init', 'linkerd-*', true],
    ['linkerd-', 'linkerd-*', true],
    ['xlinkerd-init', 'linkerd-*', false],
    ['istio-proxy', 'istio-proxy', true],
    ['istio-proxy2', 'istio-proxy', false],
    ['a/b', '*', false],
    ['', '*', true],
    ['r.io/x/lanyard:1', 'r.io/*/lanyard:*', true],
    ['r.io/x/y/lanyard:1', 'r.io/*/lanyard:*', false],
    ['r.io/x/lanyard:1/evil', 'r.io/*/lanyard:*', false],
    ['aa', 'a*a', true],
    ['a', 'a*a', false],
    ['abab', '*ab', true],
    ['a.b', 'a?b', false],
  ])('%s against %s: %j', (name, pattern, expected) => {
    expect(matches(name, pattern)).toBe(expected)
  })

  it('agree with the regular expression they stand for', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*', '*'), maxLength: 8 })
    const expression = (of: string): RegExp => new RegExp(`^${of.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
    fc.assert(
      fc.property(text, pattern, (name, of) => matches(name, of) === expression(of).test(name)),
      { numRuns: 5_000 },
    )
  })

  it('none of none', () => {
    expect(matchesAny('a', undefined)).toBe(false)
    expect(matchesAny('a', [])).toBe(false)
    expect(matchesAny('a', ['b', 'a'])).toBe(true)
  })
})

describe('isEqual', () => {
  it('is that of JSON values, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(isEqual(a, structuredClone(a))).toBe(true)
        expect(isEqual(a, b)).toBe(isEqual(b, a))
        expect(isEqual(a, b)).toBe(sorted(a) === sorted(b))
      }),
      { numRuns: 1_000 },
    )
    expect(isEqual({ a: 1, b: [{}] }, { b: [{}], a: 1 })).toBe(true)
  })

  it.each<[unknown, unknown]>([
    [{}, []],
    [[], {}],
    [{ a: undefined }, {}],
    [{ a: undefined }, { b: undefined }],
    [null, {}],
    [[1], [1, 2]],
    ['1', 1],
    [{ toString: 1 }, {}],
  ])('%j is not %j', (a, b) => {
    expect(isEqual(a, b)).toBe(false)
  })
})

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
