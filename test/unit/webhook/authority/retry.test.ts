import { expect, test } from 'vitest'
import { afterConflict, gapAfter, retryAfter } from '../../../../src/webhook/authority/retry.ts'

test('a backoff has full jitter from 1 s, capped at 30 s, and never less than 250 ms', () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 100].map((failures) => retryAfter('backoff', failures, 1))
  expect(ceilings).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  expect([retryAfter('backoff', 3, 0.5), retryAfter('backoff', 9, 0)]).toEqual([2_000, 250])
})

test('slow failures are tried again after 5, 15 and 60 s, up to a tenth early', () => {
  expect([1, 2, 3, 4, 50].map((failures) => retryAfter('slow', failures, 0))).toEqual([
    5_000, 15_000, 60_000, 60_000, 60_000,
  ])
  expect(retryAfter('slow', 1, 0.5)).toBe(4_750)
})

test('replicas that collide wait up to twice as long each time, at most 5 s', () => {
  expect([1, 2, 6, 100].map((conflicts) => afterConflict(conflicts, 1))).toEqual([200, 400, 5_000, 5_000])
  expect(afterConflict(3, 0)).toBe(0)
})

test('passes that fail or write in a row are a second apart, then twice as long each time, up to a minute', () => {
  expect([0, 1, 2, 3, 6, 7, 100].map(gapAfter)).toEqual([1_000, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000])
})
