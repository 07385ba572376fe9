import { expect, test } from 'vitest'
import { CLIENT_WINDOWS, renewAt } from '../../../src/credentials/schedule.ts'
import type { Milliseconds } from '../../../src/credentials/types.ts'
import { HOUR, MINUTE, seededRandom } from './support.ts'

const SESSIONS = 2000
const DAY = 24 * HOUR
const BIN = MINUTE

/** The renewals of a day per minute, of sessions that all started in the same instant. */
function renewalsOfADay(lifetime: Milliseconds): readonly number[] {
  const random = seededRandom(20_260_304)
  const bins = Array<number>(DAY / BIN).fill(0)
  for (let session = 0; session < SESSIONS; session += 1) {
    let received = 0
    for (let due: number | undefined; received < DAY; due = received) {
      received = renewAt({ received, lifetime, window: CLIENT_WINDOWS.container, due }, random())
      const bin = Math.floor(received / BIN)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
  }
  return bins.slice(0, DAY / BIN)
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

// Much of what is left is chance: a minute has 351, 70 and 6 renewals on average (peak over mean 1.25, 1.34, 2.40).
test.each([
  ['15 min', 15 * MINUTE, 6 * MINUTE, 1.5],
  ['1 h', HOUR, 30 * MINUTE, 2],
  ['12 h', 12 * HOUR, 6 * HOUR, 4],
])('2,000 sessions of %s that start together do not renew together', (_what, lifetime, cycle, most) => {
  const bins = renewalsOfADay(lifetime)
  const later = bins.slice(cycle / BIN)
  const mean = sum(later) / later.length
  const peak = Math.max(...later)
  expect(peak / mean, `peak ${peak}, mean ${mean.toFixed(1)} a minute after the first cycle`).toBeLessThanOrEqual(most)
  const first = bins.slice(0, cycle / BIN)
  const firstMean = sum(first) / first.length
  const peakOfFirst = Math.max(...first) / firstMean
  expect(peakOfFirst, 'peak over mean in the first cycle').toBeLessThanOrEqual(most)
})
