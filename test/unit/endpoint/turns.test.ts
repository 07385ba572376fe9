import { expect, test } from 'vitest'
import { takeTurns } from '../../../src/endpoint/turns.ts'

const nextRound = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

test('16 are acted on at once, 16 more in every round, in their order', async () => {
  const inTurn = takeTurns()
  const acted: number[] = []
  for (const one of numbers(0, 40)) inTurn(() => acted.push(one))
  expect(acted).toEqual(numbers(0, 16))
  await nextRound()
  expect(acted).toEqual(numbers(0, 32))
  // Nobody overtakes those who wait.
  inTurn(() => acted.push(40))
  await nextRound()
  expect(acted).toEqual(numbers(0, 41))
})

test('who asks one by one waits for a round at times, and no longer', async () => {
  const inTurn = takeTurns()
  const acted: number[] = []
  for (const one of numbers(0, 100)) {
    inTurn(() => acted.push(one))
    if (acted.length <= one) await nextRound()
    expect(acted).toEqual(numbers(0, one + 1))
  }
})
