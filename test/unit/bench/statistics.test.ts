import { describe, expect, test } from 'vitest'
import { besideOf, exponentOf, quantile, ratioOf, spreadOf, turns } from '../../bench/statistics.ts'

describe('quantile', () => {
  test('is the value below which that share lies, in whatever order they come', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => 1_000 - index)
    expect([0, 0.5, 0.99, 0.999, 1].map((share) => quantile(values, share))).toEqual([1, 501, 991, 1_000, 1_000])
  })

  test('of a single value is that, of none not a number', () => {
    expect(quantile([7], 0.99)).toBe(7)
    expect(quantile([], 0.5)).toBeNaN()
  })
})

describe('spreadOf', () => {
  test('tells the middle, the ends and how many there were', () => {
    expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9, count: 3 })
  })

  test('of an even number has the mean of the two in the middle', () => {
    expect(spreadOf([4, 1, 2, 9]).median).toBe(3)
    expect(spreadOf([1, 2]).median).toBe(1.5)
  })

  test.each([[[]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])('makes no figure of %j', (values) => {
    expect(() => spreadOf(values)).toThrow('no figure can be made')
  })
})

test('a ratio is taken round by round, not of the medians', () => {
  const pairs = [
    { ours: 20, baseline: 10 },
    { ours: 300, baseline: 100 },
    { ours: 4, baseline: 1 },
  ]
  expect(ratioOf(pairs)).toEqual({
    value: { median: 3, min: 2, max: 4, count: 3 },
    ours: { median: 20, min: 4, max: 300, count: 3 },
    baseline: { median: 10, min: 1, max: 100, count: 3 },
  })
})

test('what is beside a baseline is no ratio', () => {
  const one = { median: 2, min: 1, max: 3, count: 3 }
  expect(besideOf([1, 2, 3], [10])).toEqual({
    value: one,
    ours: one,
    baseline: { median: 10, min: 10, max: 10, count: 1 },
  })
})

describe('exponentOf', () => {
  const curve = (of: (at: number) => number) => [1, 4, 16, 64].map((at) => ({ at, value: of(at) }))

  test.each([
    ['what does not grow', 0, () => 7],
    ['what grows in step', 1, (at: number) => 3 * at],
    ['what grows with the square', 2, (at: number) => at * at],
    ['what shrinks with the root', -0.5, (at: number) => 10 / Math.sqrt(at)],
  ])('of %s is %d', (_, exponent, of) => {
    expect(exponentOf(curve(of))).toBeCloseTo(exponent, 10)
  })

  test.each([
    ['one point', [{ at: 1, value: 2 }]],
    [
      'nothing',
      [
        { at: 0, value: 2 },
        { at: 3, value: 1 },
      ],
    ],
  ])('is not made of %s', (_, points) => {
    expect(() => exponentOf(points)).toThrow('no exponent can be made')
  })
})

test('whoever comes first changes with every round', () => {
  expect([0, 1, 2, 3].map((round) => turns(3, round))).toEqual([
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
    [0, 1, 2],
  ])
})
