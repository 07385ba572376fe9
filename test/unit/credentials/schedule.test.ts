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
  renewAt({ received: NOW, lifetime, window: CLIENT_WINDOWS[client] }, isFirst, jitter) - NOW

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

  test.each<[Milliseconds, Milliseconds]>([
    [15 * MINUTE, 6 * MINUTE],
    [HOUR, 30 * MINUTE],
    [12 * HOUR, 6 * HOUR],
  ])('the first one of %i ms is uniform over the cycle, with no heap anywhere', (lifetime, age) => {
    const span = age - MINUTE
    for (const jitter of [0, 0.25, 0.5, 0.75, nearlyOne])
      expect(ageAt('container', lifetime, true, jitter)).toBeCloseTo(age - jitter * span, 3)
    const random = seededRandom(1)
    const ages = Array.from({ length: 2000 }, () => ageAt('container', lifetime, true, random()))
    const tenths = new Map<number, number>()
    for (const at of ages) {
      const tenth = Math.floor((10 * (at - MINUTE)) / span)
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1)
    }
    expect([...tenths.keys()].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(Math.max(...tenths.values())).toBeLessThan(260)
    expect(new Set(ages).size).toBeGreaterThan(1900)
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
    expect(retryAfter('backoff', failures, nearlyOne)).toBeCloseTo(ceiling * SECOND, 3)
    expect(retryAfter('backoff', failures, 0.5)).toBeCloseTo((ceiling / 2) * SECOND, 3)
    expect(retryAfter('backoff', failures, 0)).toBe(250)
  })

  test.each([9, 20, 21, 1023, 1e9, Number.MAX_SAFE_INTEGER])('backoff stays at 2 min after %i failures', (failures) => {
    expect(retryAfter('backoff', failures, nearlyOne)).toBeCloseTo(2 * MINUTE, 3)
  })

  test.each([
    [1, 5],
    [2, 15],
    [3, 60],
    [4, 300],
    [5, 300],
    [1e9, 300],
  ])('slow, failure %i: %i s, up to a tenth early', (failures, seconds) => {
    expect(retryAfter('slow', failures, 0)).toBe(seconds * SECOND)
    expect(retryAfter('slow', failures, nearlyOne)).toBeCloseTo(seconds * 900, 3)
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
    expect(retryAfter('rereadToken', failures, jitter)).toBeCloseTo(seconds * SECOND, 3)
  })

  test('is never under 250 ms, never over the longest', () => {
    const policies = fc.constantFrom<Retry>('backoff', 'rereadToken', 'slow')
    fc.assert(
      fc.property(policies, fc.integer({ min: 1 }), jitters, (policy, failures, jitter) => {
        const wait = retryAfter(policy, failures, jitter)
        expect(wait).toBeGreaterThanOrEqual(250)
        expect(wait).toBeLessThanOrEqual(LONGEST_WAIT)
      }),
      RUNS,
    )
  })
})
