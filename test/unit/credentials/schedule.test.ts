import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLIENT_WINDOWS, LONGEST_WAIT, renewAt, retryAfter } from '../../../src/credentials/schedule.ts'
import type { Milliseconds } from '../../../src/credentials/types.ts'
import type { Retry } from '../../../src/errors/index.ts'
import { HOUR, MINUTE, NOW, SECOND, seededRandom } from './support.ts'

type Client = keyof typeof CLIENT_WINDOWS
const nearlyOne = 1 - Number.EPSILON
const RUNS = { numRuns: 1000 }

const ageAt = (client: Client, lifetime: Milliseconds, isFirst: boolean, jitter: number): Milliseconds =>
  renewAt({ received: NOW, lifetime, window: CLIENT_WINDOWS[client], ...(!isFirst && { due: NOW }) }, jitter) - NOW

const clients = fc.constantFrom<Client>('container', 'imds')
const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const lifetimes = fc.integer({ min: 15 * MINUTE, max: 12 * HOUR })

describe('the age of credentials at their renewal', () => {
  test.each<[Client, string, Milliseconds, Milliseconds]>([
    ['container', '15 min', 15 * MINUTE, 6 * MINUTE],
    ['container', '20 min', 20 * MINUTE, 8 * MINUTE],
    ['container', '30 min', 30 * MINUTE, 12 * MINUTE],
    ['container', '36 min', 36 * MINUTE, 16 * MINUTE],
    ['container', '1 h', HOUR, 30 * MINUTE],
    ['container', '12 h', 12 * HOUR, 6 * HOUR],
    ['imds', '15 min', 15 * MINUTE, 6 * MINUTE],
    ['imds', '1 h', HOUR, 25 * MINUTE],
    ['imds', '70 min', 70 * MINUTE, 35 * MINUTE],
    ['imds', '12 h', 12 * HOUR, 6 * HOUR],
  ])('%s, session of %s', (client, _what, lifetime, age) => {
    expect(ageAt(client, lifetime, false, 0)).toBeCloseTo(age, 3)
    expect(ageAt(client, lifetime, true, 0)).toBeCloseTo(age, 3)
    expect(ageAt(client, lifetime, false, nearlyOne)).toBeCloseTo(0.9 * age, 3)
  })

  test.each<[string, Milliseconds, Milliseconds]>([
    ['15 min', 15 * MINUTE, 6 * MINUTE],
    ['1 h', HOUR, 30 * MINUTE],
    ['12 h', 12 * HOUR, 6 * HOUR],
  ])('the first one of %s is anywhere in its cycle, with no heap anywhere', (_what, lifetime, age) => {
    const random = seededRandom(1)
    const ages = Array.from({ length: 20_000 }, () => ageAt('container', lifetime, true, random()))
    expect(Math.min(...ages)).toBeLessThan(MINUTE + age / 100)
    expect(Math.max(...ages)).toBeGreaterThan(0.97 * age)
    expect(new Set(ages).size).toBeGreaterThan(19_000)
    // Evenly from a minute on, while nobody's second renewal can come: as many as there are in any other cycle.
    const tenths = Array<number>(10).fill(0)
    const span = Math.min(age, MINUTE + 0.9 * age) - MINUTE
    for (const at of ages) {
      const tenth = Math.floor((10 * (at - MINUTE)) / span)
      if (tenth < 10) tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    const mean = tenths.reduce((sum, count) => sum + count, 0) / 10
    for (const count of tenths) expect(Math.abs(count / mean - 1)).toBeLessThan(0.1)
  })

  test('the first ones become ever fewer where the second ones begin to come', () => {
    const random = seededRandom(2)
    const late = Array.from({ length: 50_000 }, () => ageAt('container', HOUR, true, random()) / MINUTE)
    const within = (from: number): number => late.filter((at) => at >= from && at < from + 0.5).length
    // 27 min is the earliest age of a renewal, and a minute the least of the first.
    const parts = [27.5, 28, 28.5, 29, 29.5].map(within)
    expect(parts).toEqual(parts.toSorted((a, b) => b - a))
    expect((parts.at(-1) ?? 0) / (parts[0] ?? 1)).toBeCloseTo(0.42, 1)
  })

  describe('after an outage', () => {
    const ageAfter = (late: Milliseconds, jitter: number): Milliseconds =>
      renewAt({ received: NOW, lifetime: HOUR, window: CLIENT_WINDOWS.container, due: NOW - late }, jitter) - NOW

    test.each([0, SECOND, 5 * MINUTE, 20 * MINUTE, 26 * MINUTE - 1])(
      'of %i ms a session is renewed when it would have been without',
      (late) => {
        expect(ageAfter(late, 0)).toBe(30 * MINUTE - late)
        expect(ageAfter(late, 0.999)).toBeCloseTo(27.003 * MINUTE - late, 3)
      },
    )

    test.each([29 * MINUTE + 1, HOUR, 24 * HOUR])(
      'of %i ms there is no such place left: it finds a new one',
      (late) => {
        for (const jitter of [0, 0.25, 0.5, nearlyOne])
          expect(ageAfter(late, jitter)).toBe(ageAt('container', HOUR, true, jitter))
      },
    )

    test('that the clock puts into the future it is no later than the rule says', () => {
      expect(ageAfter(-HOUR, 0)).toBe(30 * MINUTE)
    })
  })

  test.each([0, 1, SECOND, MINUTE, 2 * MINUTE, -HOUR])(
    'a life of %i ms is renewed after a minute, no sooner',
    (life) => {
      for (const isFirst of [true, false])
        for (const jitter of [0, nearlyOne]) expect(ageAt('container', life, isFirst, jitter)).toBe(MINUTE)
    },
  )

  test('is at least a minute, at most the rule’s, and outside the widest window of clients for 1 h and more', () => {
    fc.assert(
      fc.property(clients, lifetimes, fc.boolean(), jitters, (client, lifetime, isFirst, jitter) => {
        const age = ageAt(client, lifetime, isFirst, jitter)
        const rule = ageAt(client, lifetime, false, 0)
        expect(age).toBeGreaterThanOrEqual(MINUTE)
        expect(age).toBeLessThanOrEqual(rule + 1)
        if (!isFirst) expect(age).toBeGreaterThanOrEqual(0.9 * rule - 1)
        if (lifetime >= HOUR) expect(lifetime - age).toBeGreaterThanOrEqual(CLIENT_WINDOWS[client] - 1)
      }),
      RUNS,
    )
  })

  test('is at least a minute and at most the rule’s, whenever it was due', () => {
    const delays = fc.integer({ min: -HOUR, max: 13 * HOUR })
    fc.assert(
      fc.property(
        clients,
        fc.integer({ min: 0, max: 12 * HOUR }),
        delays,
        jitters,
        (client, lifetime, late, jitter) => {
          const window = CLIENT_WINDOWS[client]
          const age = renewAt({ received: NOW, lifetime, window, due: NOW - late }, jitter) - NOW
          expect(age).toBeGreaterThanOrEqual(MINUTE)
          expect(age).toBeLessThanOrEqual(Math.max(MINUTE, ageAt(client, lifetime, false, 0)) + 1)
        },
      ),
      RUNS,
    )
  })
})

describe('the wait after a failure', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 16],
    [6, 32],
    [7, 64],
    [8, 120],
  ])('backoff, failure %i: anywhere up to %i s', (failures, ceiling) => {
    expect(retryAfter('backoff', failures, 0, nearlyOne)).toBeCloseTo(ceiling * SECOND, 3)
    expect(retryAfter('backoff', failures, 0, 0.5)).toBeCloseTo((ceiling / 2) * SECOND, 3)
    expect(retryAfter('backoff', failures, 0, 0)).toBe(250)
  })

  test.each([9, 20, 21, 1023, 1e9, Number.MAX_SAFE_INTEGER])('backoff stays at 2 min after %i failures', (failures) => {
    expect(retryAfter('backoff', failures, 0, nearlyOne)).toBeCloseTo(2 * MINUTE, 3)
  })

  test.each([
    [1, 5],
    [2, 15],
    [3, 60],
    [4, 300],
    [5, 300],
    [1e9, 300],
  ])('slow, failure %i: %i s, up to a tenth early', (failures, seconds) => {
    expect(retryAfter('slow', failures, 0, 0)).toBe(seconds * SECOND)
    expect(retryAfter('slow', failures, 0, nearlyOne)).toBeCloseTo(seconds * 900, 3)
  })

  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 5],
    [6, 15],
    [7, 60],
    [8, 300],
    [1e9, 300],
  ])('a token is read anew four times, then it is slow: failure %i, about %i s', (failures, seconds) => {
    const jitter = failures > 4 ? 0 : nearlyOne
    expect(retryAfter('rereadToken', failures, 0, jitter)).toBeCloseTo(seconds * SECOND, 3)
  })

  describe('with something to serve', () => {
    const waits = (failures: number, left: Milliseconds): readonly [number, number] => [
      retryAfter('backoff', failures, left, 0),
      retryAfter('backoff', failures, left, nearlyOne),
    ]

    test.each([8 * MINUTE + 1, 29 * MINUTE, 11 * HOUR])('and %i ms of it, four tries are quick', (left) => {
      expect(waits(1, left)).toEqual([250, expect.closeTo(SECOND, 3)])
      expect(waits(4, left)).toEqual([250, expect.closeTo(8 * SECOND, 3)])
    })

    test.each([5, 6, 100, Number.MAX_SAFE_INTEGER])('later ones, such as %i, wait by what is left', (failures) => {
      const minutes = (left: number): readonly number[] =>
        waits(failures, left * MINUTE).map((wait) => Math.round((100 * wait) / MINUTE) / 100)
      expect(minutes(29)).toEqual([7, 14])
      expect(minutes(20)).toEqual([5, 10])
      expect(minutes(12)).toEqual([3, 6])
      expect(minutes(300)).toEqual([7, 14])
    })

    test.each([
      [8 * MINUTE, 60],
      [4 * MINUTE, 30],
      [80 * SECOND, 10],
      [SECOND, 10],
    ])('and only %i ms of it, a try comes within %i s', (left, most) => {
      expect(waits(20, left)).toEqual([250, expect.closeTo(most * SECOND, 3)])
      // The first ones as ever.
      expect(waits(3, left)[1]).toBeCloseTo(4 * SECOND, 3)
    })

    test.each([0, -1, -HOUR])('nothing left (%i ms): as if there had never been anything', (left) => {
      expect(waits(20, left)).toEqual(waits(20, 0))
    })

    test('there is always a try in time, however long it fails: half of what is left remains, or 8 min and less', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1 }),
          fc.integer({ min: 11 * SECOND, max: 12 * HOUR }),
          jitters,
          (failures, left, jitter) => {
            const after = left - retryAfter('backoff', failures, left, jitter)
            expect(after).toBeGreaterThan(0)
            if (left >= 80 * SECOND) expect(after).toBeGreaterThanOrEqual(left / 2)
          },
        ),
        RUNS,
      )
    })

    test('does not change how a mistake of configuration is waited for', () => {
      const waitsOf = (left: Milliseconds): readonly Milliseconds[] => [
        ...[1, 2, 3, 4, 9].map((failures) => retryAfter('slow', failures, left, 0.5)),
        ...[5, 6, 9].map((failures) => retryAfter('rereadToken', failures, left, 0.5)),
      ]
      expect(waitsOf(29 * MINUTE)).toEqual(waitsOf(0))
    })
  })

  test('is never under 250 ms, never over the longest', () => {
    const policies = fc.constantFrom<Retry>('backoff', 'rereadToken', 'slow')
    const lefts = fc.integer({ min: -HOUR, max: 13 * HOUR })
    fc.assert(
      fc.property(policies, fc.integer({ min: 1 }), lefts, jitters, (policy, failures, left, jitter) => {
        const wait = retryAfter(policy, failures, left, jitter)
        expect(wait).toBeGreaterThanOrEqual(250)
        expect(wait).toBeLessThanOrEqual(LONGEST_WAIT)
      }),
      RUNS,
    )
  })
})
