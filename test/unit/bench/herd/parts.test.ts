import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAgenda } from '../../../bench/herd/agenda.ts'
import { chancePeak } from '../../../bench/herd/chance.ts'
import { restartAfter } from '../../../bench/herd/kubelet.ts'
import { meanRate, peakRate } from '../../../bench/herd/rates.ts'
import { createSts } from '../../../bench/herd/sts.ts'
import { MINUTE, SECOND, seededRandom } from '../../credentials/support.ts'

describe('the agenda', () => {
  test('gives everything that was added, in the order of time', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 3000 })
    fc.assert(
      fc.property(times, (list) => {
        const agenda = createAgenda()
        for (const [what, at] of list.entries()) agenda.add(at, what)
        const taken = list.map(() => agenda.next())
        expect(agenda.next()).toBeUndefined()
        expect(taken.map((entry) => entry?.at)).toEqual(list.toSorted((a, b) => a - b))
        expect(taken.every((entry) => list[entry?.what ?? -1] === entry?.at)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('goes on while things are added and taken in turns', () => {
    const agenda = createAgenda()
    const random = seededRandom(1)
    for (let what = 0; what < 1500; what += 1) agenda.add(random(), what)
    let now = 0
    for (let turn = 0; turn < 10_000; turn += 1) {
      const entry = agenda.next()
      expect(entry?.at).toBeGreaterThanOrEqual(now)
      now = entry?.at ?? Number.NaN
      agenda.add(now + random(), entry?.what ?? -1)
    }
  })
})

describe('STS', () => {
  const half = (): number => 0.5

  test('refuses in one outage, is silent in another, and answers in between', () => {
    const outages = [
      { from: 1000, until: 2000, how: 'refuses' },
      { from: 3000, until: 4000, how: 'hangs' },
    ] as const
    const call = createSts({ outages, random: half })
    const never = Number.POSITIVE_INFINITY
    expect([999, 1000, 1999, 2000, 3000, 3999, 4000].map(call)).toEqual([
      { takes: 70 },
      { takes: 70, code: 'StsUnavailable' },
      { takes: 70, code: 'StsUnavailable' },
      { takes: 70 },
      { takes: never },
      { takes: never },
      { takes: 70 },
    ])
  })

  test('throttled, gives what fits into its bucket, and what was refused costs nothing', () => {
    const call = createSts({ limit: { rate: 2, burst: 3 }, random: half })
    const given = (now: number, calls: number): number =>
      Array.from({ length: calls }, () => call(now)).filter(({ code }) => code === undefined).length
    expect([given(0, 100), given(400, 9), given(500, 9), given(5000, 9)]).toEqual([3, 0, 1, 3])
    expect(call(5000)).toEqual({ takes: 70, code: 'StsThrottled' })
  })

  test('in a brownout fails that share of its calls', () => {
    const call = createSts({ brownout: { from: 0, until: 1000, share: 0.8 }, random: seededRandom(1) })
    const failed = (now: number): number =>
      Array.from({ length: 10_000 }, () => call(now)).filter(({ code }) => code === 'StsUnavailable').length
    expect(failed(0) / 10_000).toBeCloseTo(0.8, 1)
    expect(failed(1000)).toBe(0)
  })
})

test('kubelet restarts at once, then after 10 s and twice as long each time, up to 5 min', () => {
  const seconds = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((restart) => restartAfter(restart, 0) / SECOND)
  expect(seconds).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300])
  expect(restartAfter(1, 7)).toBe(7)
})

describe('rates', () => {
  const calls = new Uint32Array(180)
  calls[0] = 600
  calls.fill(2, 60, 120)
  calls[70] = 62
  const all = { from: 0, until: 3 * MINUTE }

  test('the mean and the busiest bin, of a window and in calls a second', () => {
    expect(meanRate(calls, all)).toBeCloseTo((600 + 59 * 2 + 62) / 180, 9)
    expect(meanRate(calls, { from: MINUTE, until: 2 * MINUTE })).toBe(3)
    expect(peakRate(calls, MINUTE, all)).toBe(10)
    expect(peakRate(calls, MINUTE, { from: 1, until: 3 * MINUTE })).toBeCloseTo(178 / 60, 9)
    expect(peakRate(calls, SECOND, { from: MINUTE, until: 3 * MINUTE })).toBe(62)
  })

  test('of a time that was not seen there are none', () => {
    expect(() => meanRate(calls, { from: 4 * MINUTE, until: 5 * MINUTE })).toThrow('nothing was seen')
    expect(() => peakRate(calls, MINUTE, { from: -1000, until: 0 })).toThrow('nothing was seen')
  })
})

test('chance alone makes more of a peak of few calls than of many', () => {
  const peak = (calls: number): number => chancePeak(calls, 100, seededRandom(1))
  expect(peak(100 * 100)).toBeGreaterThan(1.15)
  expect(peak(100 * 10_000)).toBeLessThan(1.05)
  expect(peak(1)).toBe(100)
})
