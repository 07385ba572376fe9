import { describe, expect, test } from 'vitest'
import { HARD_STOP } from '../../../src/credentials/schedule.ts'
import type { Milliseconds } from '../../../src/credentials/types.ts'
import { chainOf, hopAt, timesOf } from './chain.ts'
import { HOUR, MINUTE, SECOND, seededRandom } from './support.ts'

/** When a session of that life is renewed (design: min(max(20 min, L/2), 0.6 L) before its end). */
const AGES = new Map<Milliseconds, Milliseconds>([
  [15 * MINUTE, 6 * MINUTE],
  [HOUR, 30 * MINUTE],
  [12 * HOUR, 6 * HOUR],
])
const ageOf = (lifetime: Milliseconds): Milliseconds => AGES.get(lifetime) ?? Number.NaN
/** Of the longest, eight cycles. */
const horizonOf = (lifetimes: readonly Milliseconds[]): Milliseconds => 8 * Math.max(...lifetimes.map(ageOf))
const everyUntil = (step: Milliseconds, end: Milliseconds): readonly Milliseconds[] =>
  Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step)
const named = (lifetimes: readonly Milliseconds[]): string =>
  lifetimes.map((lifetime) => (lifetime < HOUR ? `${lifetime / MINUTE} min` : `${lifetime / HOUR} h`)).join(' → ')

describe('the schedule of refreshes under a virtual clock', () => {
  const chains: readonly (readonly Milliseconds[])[] = [
    [15 * MINUTE],
    [HOUR],
    [12 * HOUR],
    [12 * HOUR, 15 * MINUTE],
    [12 * HOUR, HOUR],
    [HOUR, HOUR],
    [12 * HOUR, HOUR, 15 * MINUTE],
    [12 * HOUR, HOUR, HOUR],
    [HOUR, HOUR, 15 * MINUTE],
  ]

  test.each(chains.map((lifetimes) => [named(lifetimes), lifetimes] as const))(
    'a session of %s: each on its own, eight times',
    async (_named, lifetimes) => {
      const { clock, hops, start } = chainOf(lifetimes)
      await start()
      await clock.advance(horizonOf(lifetimes))
      for (const [index, lifetime] of lifetimes.entries()) {
        const hop = hopAt(hops, index)
        expect(timesOf(hop)).toEqual(everyUntil(ageOf(lifetime), horizonOf(lifetimes)))
        expect(new Set(hop.attempts.map(({ result }) => result))).toEqual(new Set(['obtained']))
      }
    },
  )

  test.each(chains.map((lifetimes) => [named(lifetimes), lifetimes] as const))(
    'a session of %s: the first anywhere in its cycle, the others up to a tenth early',
    async (_named, lifetimes) => {
      const { clock, hops, start } = chainOf(lifetimes, seededRandom(lifetimes.length))
      await start()
      await clock.advance(horizonOf(lifetimes))
      for (const [index, lifetime] of lifetimes.entries()) {
        const [, first = 0, ...others] = timesOf(hopAt(hops, index))
        expect(first).toBeGreaterThanOrEqual(MINUTE)
        expect(first).toBeLessThanOrEqual(ageOf(lifetime))
        expect(others.length).toBeGreaterThanOrEqual(6)
        for (const [at, time] of others.entries()) {
          const age = time - (at === 0 ? first : (others[at - 1] ?? 0))
          expect(age).toBeGreaterThanOrEqual(0.9 * ageOf(lifetime))
          expect(age).toBeLessThanOrEqual(ageOf(lifetime))
        }
      }
    },
  )
})

describe('a chain whose first role cannot be had', () => {
  test('of 12 h, for six hours: the later roles are renewed as ever by what is held', async () => {
    const { clock, hops, start } = chainOf([12 * HOUR, HOUR, 15 * MINUTE])
    const [base, middle, last] = [hopAt(hops, 0), hopAt(hops, 1), hopAt(hops, 2)]
    await start()
    base.fails = 'StsUnavailable'
    await clock.advance(12 * HOUR - HARD_STOP - SECOND)
    expect(base.attempts.length).toBeGreaterThan(100)
    expect(base.session.view().kind).toBe('held')
    expect(timesOf(middle)).toEqual(everyUntil(30 * MINUTE, 12 * HOUR - HARD_STOP - SECOND))
    expect(timesOf(last)).toEqual(everyUntil(6 * MINUTE, 12 * HOUR - HARD_STOP - SECOND))
  })

  test('any more: the later roles are served until their own end, each', async () => {
    const { clock, hops, start } = chainOf([HOUR, HOUR, 15 * MINUTE])
    const [base, middle, last] = [hopAt(hops, 0), hopAt(hops, 1), hopAt(hops, 2)]
    await start()
    await clock.advance(10 * MINUTE)
    base.fails = 'StsUnavailable'
    const kinds = () => hops.map(({ session }) => session.view().kind)
    // The first ends at 60 min. The second, of 30 min, ends at 90; the third by that one: at 84 + 15.
    await clock.advance(49 * MINUTE - SECOND)
    expect(kinds()).toEqual(['held', 'held', 'held'])
    await clock.advance(SECOND)
    expect(kinds()).toEqual(['none', 'held', 'held'])
    await clock.advance(30 * MINUTE - SECOND)
    expect(kinds()).toEqual(['none', 'held', 'held'])
    await clock.advance(SECOND)
    expect(kinds()).toEqual(['none', 'none', 'held'])
    await clock.advance(9 * MINUTE - SECOND)
    expect(kinds()).toEqual(['none', 'none', 'held'])
    await clock.advance(SECOND)
    expect(kinds()).toEqual(['none', 'none', 'none'])
    expect(middle.session.view()).toMatchObject({ lastFailure: { code: 'StsChainWaiting' } })
    expect(last.session.view()).toMatchObject({
      lastFailure: { code: 'StsChainWaiting', message: expect.stringContaining('role/hop-1 yet: ') },
    })
  })

  test('and comes back: the next ones do not wait for their turn', async () => {
    // The longest backoff: up to two minutes.
    const { clock, hops, start } = chainOf([HOUR, HOUR, HOUR], () => 0.999)
    const [base, middle, last] = [hopAt(hops, 0), hopAt(hops, 1), hopAt(hops, 2)]
    base.fails = 'StsUnreachable'
    await start()
    await clock.advance(30 * MINUTE)
    expect(hops.map(({ session }) => session.view().kind)).toEqual(['none', 'none', 'none'])
    expect(last.attempts.length).toBeGreaterThan(5)
    base.fails = undefined
    while (base.session.view().kind === 'none') await clock.advance(SECOND / 10)
    expect(hops.map(({ session }) => session.view().kind)).toEqual(['held', 'held', 'held'])
    for (const { attempts } of [middle, last]) {
      const [before, now] = attempts.slice(-2)
      expect(now).toEqual({ ...base.attempts.at(-1), result: 'obtained' })
      // By itself it would have waited longer, for nearly two minutes.
      expect((now?.at ?? 0) - (before?.at ?? 0)).toBeLessThan(119 * SECOND)
    }
  })

  test('and comes back: whoever failed of something else keeps its own turn', async () => {
    const { clock, hops, start } = chainOf([15 * MINUTE, HOUR], () => 0)
    const [base, last] = [hopAt(hops, 0), hopAt(hops, 1)]
    last.fails = 'StsAccessDenied'
    await start()
    await clock.advance(30 * MINUTE)
    // Slow: after 5, 15, 60 s, then every 5 min, and not whenever the first role is renewed, which is every 6 min.
    const slow = [0, 5, 20, 80, 380, 680, 980, 1280, 1580].map((seconds) => seconds * SECOND)
    expect(timesOf(last)).toEqual(slow)
    expect(timesOf(base)).toEqual([0, 6, 12, 18, 24, 30].map((minutes) => minutes * MINUTE))
  })
})
