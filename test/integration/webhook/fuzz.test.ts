import { afterEach, beforeEach, expect, test } from 'vitest'
import { fuzzWebhook } from './fuzz.ts'

const rejections: unknown[] = []
const remember = (reason: unknown): void => void rejections.push(reason)
beforeEach(() => void process.on('unhandledRejection', remember))
afterEach(() => {
  process.off('unhandledRejection', remember)
  expect(rejections).toEqual([])
})

// As many as 10,000 go to the real decision, in fuzzInjection.test.ts, by the same server.
test('2,000 bodies: every answer is a valid review or a refusal, and nothing breaks', async () => {
  const result = await fuzzWebhook({
    admit: (pod) => ({ kind: 'inject', patch: [{ op: 'add', path: '/pod', value: pod }], warnings: [], audit: {} }),
    runs: 2_000,
  })
  expect(result.reviews + result.refusals).toBe(2_000)
  expect(result.reviews).toBeGreaterThan(400)
  expect(result.refusals).toBeGreaterThan(100)
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
