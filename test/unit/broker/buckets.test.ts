import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBucket, createBuckets, wholeSeconds } from '../../../src/broker/buckets.ts'

const manual = (): { now: number; uptime: () => number } => {
  const time = { now: 5, uptime: () => time.now }
  return time
}

describe('a bucket', () => {
  test('gives its burst at once, then as much in every period, evenly', () => {
    const time = manual()
    const bucket = createBucket({ burst: 4, period: 1_000 }, time.uptime)
    expect([1, 2, 3, 4, 5].map(() => bucket.take())).toEqual([0, 0, 0, 0, 250])
    time.now += 100
    expect(bucket.take()).toBe(150)
    time.now += 150
    expect(bucket.take()).toBe(0)
    time.now += 60_000
    expect([1, 2, 3, 4, 5].map(() => bucket.take() === 0)).toEqual([true, true, true, true, false])
  })

  test('takes back what was taken for nothing, and never holds more than its burst', () => {
    const time = manual()
    const bucket = createBucket({ burst: 1, period: 1_000 }, time.uptime)
    bucket.giveBack()
    expect([bucket.take(), bucket.take()]).toEqual([0, 1_000])
    bucket.giveBack()
    expect([bucket.take(), bucket.take()]).toEqual([0, 1_000])
  })

  test('never lets more through in any time than burst and rate allow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 400 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, burst) => {
          const time = manual()
          const bucket = createBucket({ burst, period: 1_000 }, time.uptime)
          const began = time.now
          let taken = 0
          for (const step of steps) {
            time.now += step
            if (bucket.take() === 0) taken += 1
            expect(taken).toBeLessThanOrEqual(burst + ((time.now - began) * burst) / 1_000 + 1e-6)
          }
        },
      ),
    )
  })
})

describe('buckets by key', () => {
  test('keep keys apart', () => {
    const buckets = createBuckets({ burst: 1, period: 1_000 }, 10, manual().uptime)
    expect([buckets.take('a'), buckets.take('b'), buckets.take('a')]).toEqual([0, 0, 1_000])
  })

  test('are no more than so many: the one that was used longest ago is forgotten', () => {
    const buckets = createBuckets({ burst: 1, period: 1_000 }, 2, manual().uptime)
    for (const key of ['a', 'b', 'a', 'c']) buckets.take(key)
    expect(buckets.size()).toBe(2)
    expect([buckets.take('a'), buckets.take('b')]).toEqual([1_000, 0])
  })
})

test.each([
  [0, 1],
  [1, 1],
  [1_000, 1],
  [1_001, 2],
  [59_000.5, 60],
])('%d ms is told as %d s', (time, seconds) => {
  expect(wholeSeconds(time)).toBe(seconds)
})
