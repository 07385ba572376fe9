import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addQuantities, formatQuantity, parseQuantity, sameQuantity } from '../../../src/settings/index.ts'

describe('quantities', () => {
  it.each<[string, bigint]>([
    ['1', 1000n],
    ['0', 0n],
    ['-1', -1000n],
    ['+1', 1000n],
    ['100m', 100n],
    ['0.1', 100n],
    ['.5', 500n],
    ['1.', 1000n],
    ['1n', 1n],
    ['1u', 1n],
    ['1001u', 2n],
    ['0.0005', 1n],
    ['1.0000000000001', 1001n],
    ['1k', 1_000_000n],
    ['1Ki', 1_024_000n],
    ['1.5Gi', 1_610_612_736_000n],
    ['1e3', 1_000_000n],
    ['1E3', 1_000_000n],
    ['1E', 10n ** 21n],
    ['1Ei', 2n ** 60n * 1000n],
    ['25e-1', 2500n],
    ['1e+2', 100_000n],
  ])('%s is %i thousandths', (text, value) => {
    expect(parseQuantity(text)).toBe(value)
  })

  it.each(['', '.', 'm', '-', '1 Mi', '1mi', '1K', '1kB', '1e', '1e3Mi', '--1', '1.2.3', '0x1', 'Infinity', ' 1'])(
    '%j is none',
    (text) => {
      expect(parseQuantity(text)).toBeUndefined()
    },
  )

  it.each<[bigint, string]>([
    [0n, '0'],
    [1n, '1m'],
    [1000n, '1'],
    [1500n, '1500m'],
    [65_536_000n, '64Ki'],
    [1_152n * 2n ** 20n * 1000n, '1152Mi'],
    [2n ** 30n * 1000n, '1Gi'],
    [-1000n, '-1'],
  ])('%i thousandths are written %s', (value, text) => {
    expect(formatQuantity(value)).toBe(text)
  })

  it('are the same after being written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (value) => parseQuantity(formatQuantity(value)) === value),
      { numRuns: 1_000 },
    )
  })

  it('add up exactly, whatever their spelling', () => {
    expect(addQuantities('1', '200m')).toBe('1200m')
    expect(addQuantities('1Gi', '128Mi')).toBe('1152Mi')
    expect(addQuantities('0.1', '0.2')).toBe('300m')
    expect(addQuantities(undefined, '1')).toBe('1')
    expect(addQuantities('1', undefined)).toBe('1')
    expect(addQuantities(undefined, undefined)).toBeUndefined()
    expect(addQuantities('much', '1')).toBe('much')
    expect(addQuantities('1', 'much')).toBe('1')
  })

  it('are compared by value; what is none is like nothing', () => {
    expect(sameQuantity('1', '1000m')).toBe(true)
    expect(sameQuantity('1Gi', '1G')).toBe(false)
    expect(sameQuantity('x', 'x')).toBe(false)
  })
})
