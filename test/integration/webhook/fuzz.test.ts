import { afterEach, beforeEach, expect, test } from 'vitest'
import { fuzzWebhook } from './fuzz.ts'

const rejections: unknown[] = []
const remember = (reason: unknown): void => void rejections.push(reason)
beforeEach(() => void process.on('unhandledRejection', remember))
afterEach(() => {
  process.off('unhandledRejection', remember)
  expect(rejections).toEqual([])
})

test('10,000 bodies: every answer is a valid review or a refusal, and nothing breaks', async () => {
  const result = await fuzzWebhook({
    admit: (pod) => ({ kind: 'inject', patch: [{ op: 'add', path: '/pod', value: pod }], warnings: [], audit: {} }),
    runs: 10_000,
  })
  expect(result.reviews + result.refusals).toBe(10_000)
  expect(result.reviews).toBeGreaterThan(2_000)
  expect(result.refusals).toBeGreaterThan(500)
  expect(result.connections).toBe(1)
}, 60_000)

test('a decision that fails refuses the pod each time', async () => {
  const result = await fuzzWebhook({
    admit: () => {
      throw new Error('always')
    },
    runs: 500,
  })
  expect(result.errors).toBeGreaterThan(50)
  expect(result.reviews).toBeGreaterThanOrEqual(result.errors)
}, 60_000)
