import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCertificateAuthority } from '../../../../src/testbed/index.ts'
import { bundleOf, idsInAll, idsInAny } from '../../../../src/webhook/authority/bundle.ts'
import { namesOf } from '../../../../src/webhook/authority/constraints.ts'
import { createMint } from '../../../../src/webhook/authority/mint.ts'
import { parseAuthority } from '../../../../src/webhook/authority/parse.ts'
import { changesOf, formatValues, parseValues } from '../../../../src/webhook/authority/stored.ts'
import type { Authority } from '../../../../src/webhook/authority/types.ts'
import { HOUR, settings } from './world.ts'

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const names = namesOf(settings)
const mint = createMint(settings)

async function make(expires: number): Promise<Authority> {
  const made = parseAuthority({ ...(await mint.authority({ created: NOW, expires })), until: undefined }, names)
  if (typeof made === 'string') throw new Error(made)
  return made
}

const [later, sooner] = [await make(NOW + 2 * HOUR), await make(NOW + HOUR)]
const retired: Authority = { ...later, key: undefined, until: NOW + 1 }
const values = formatValues([later, sooner])

describe('the values of the Secret', () => {
  test('hold what was put there, the first to expire first', () => {
    expect(parseValues(values, names)).toEqual({
      authorities: [sooner, later],
      problems: [],
      isUntidy: false,
    })
    expect(values['ca.crt']).toBe(`${sooner.cert}${later.cert}`)
    expect(parseValues({ ...formatValues([retired, sooner]), a: 'b' }, names)).toEqual({
      authorities: [sooner, retired],
      problems: [],
      isUntidy: false,
    })
  })

  test('are the same for every replica', () => {
    expect(formatValues([sooner, later])).toEqual(values)
    expect(bundleOf([sooner, later])).toBe(bundleOf([later, sooner]))
  })

  test('that are known are not judged again, but only if they are the same to the letter', () => {
    const known = { ...sooner, created: 0 }
    expect(parseValues(values, names, [known]).authorities[0]).toBe(known)
    const changed = { ...values, 'authority-1.key': `${values['authority-1.key']} ` }
    expect(parseValues(changed, names, [known]).authorities[0]).toEqual(sooner)
  })

  test('may be padded with white space, which is not taken over', () => {
    const { authorities } = parseValues({ ...values, 'authority-1.crt': `${sooner.cert}\n \n` }, names)
    expect(authorities[0]).toEqual(sooner)
  })

  test('are changed without a word about what is none of ours', () => {
    const there = { ...values, note: 'theirs', 'authority-x': 'stray' }
    expect(changesOf(there, [retired])).toEqual({
      ...Object.fromEntries(['x', '1.key', '2.crt', '2.key'].map((name) => [`authority-${name}`, undefined])),
      ...formatValues([retired]),
    })
  })

  test('are each there once', () => {
    const copies = Object.fromEntries(
      Array.from({ length: 90 }, (_, index) => [
        [`authority-${index + 1}.crt`, sooner.cert],
        [`authority-${index + 1}.key`, sooner.key ?? ''],
      ]).flat(),
    )
    const { authorities, problems } = parseValues(copies, names)
    expect(authorities).toEqual([sooner])
    expect(problems.map(({ message }) => message)).toEqual(['an authority is there twice'])
    expect(parseValues({ 'authority-100.crt': sooner.cert }, names).authorities).toEqual([])
  })

  test('whatever they are, are read without a crash and tell nothing of themselves', () => {
    const canary = 'c4n4ry'
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).map((some) => `${some}${canary}`),
      fc.constantFrom(
        ...Object.values(values),
        canary,
        `-----BEGIN CERTIFICATE-----\n${canary}\n-----END CERTIFICATE-----\n`,
      ),
      fc.nat(700).map((at) => `${sooner.cert.slice(0, at)}A${sooner.cert.slice(at + 1)}`),
    )
    const key = fc.oneof(fc.constantFrom(...Object.keys(values), 'authority-1.until', '__proto__'), fc.string())
    const property = fc.property(fc.dictionary(key, text), (hostile) => {
      const { authorities, problems } = parseValues(hostile, names)
      const known = [sooner.id, later.id]
      expect(authorities.filter(({ id }) => !known.includes(id))).toEqual([])
      expect(JSON.stringify(problems)).not.toContain(canary)
    })
    fc.assert(property, { numRuns: 200 })
  })
})

describe('an authority of somebody else', () => {
  test('without constraints is none of ours, though it be one', async () => {
    const { pem } = await createCertificateAuthority({ name: 'other', now: () => NOW })
    expect(parseAuthority({ cert: pem, key: sooner.key, until: undefined }, names)).toMatch(/not for the names/)
  })

  test('is not one if it is a serving certificate of ours', async () => {
    const { cert, key } = await mint.leaf(sooner, NOW + HOUR)
    expect(parseAuthority({ cert, key, until: undefined }, names)).toBe('its certificate is not one of an authority')
  })

  test('is not taken for ours when two stand in one value', () => {
    const cert = `${sooner.cert}${later.cert}`
    expect(parseAuthority({ cert, key: sooner.key, until: undefined }, names)).toBe('its certificate is no PEM')
  })
})

describe('the ids in bundles', () => {
  test('are those that every bundle holds', () => {
    const both = bundleOf([sooner, later])
    expect([...idsInAll([both, both])]).toEqual([sooner.id, later.id])
    expect([...idsInAll([both, later.cert])]).toEqual([later.id])
    expect([...idsInAll([both, ''])]).toEqual([])
    expect([...idsInAll([])]).toEqual([])
    expect([...idsInAll([both.replaceAll('\n', '\r\n')])]).toEqual([sooner.id, later.id])
  })

  test('are those that at least one bundle holds', () => {
    expect([...idsInAny([later.cert, ''])]).toEqual([later.id])
    expect([...idsInAny([later.cert, sooner.cert])]).toEqual([later.id, sooner.id])
    expect([...idsInAny([])]).toEqual([])
  })
})
