import { expect, test } from 'vitest'
import { takeTurns } from '../../../src/endpoint/turns.ts'

const nextRound = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('two are acted on at once, two more in every round, in their order', async () => {
  const inTurn = takeTurns()
  const acted: number[] = []
  const wanted = Array.from({ length: 5 }, (_, index) => index)
  for (const one of wanted) inTurn(() => acted.push(one))
  expect(acted).toEqual([0, 1])
  await nextRound()
  expect(acted).toEqual([0, 1, 2, 3])
  // Nobody overtakes those who wait.
  inTurn(() => acted.push(5))
  await nextRound()
  expect(acted).toEqual([...wanted, 5])
})

test('after a quiet round the next ones are acted on at once again', async () => {
  const inTurn = takeTurns()
  const acted: number[] = []
  for (const batch of [0, 1, 2]) {
    for (let count = 0; count < 2; count += 1) inTurn(() => acted.push(batch))
    expect(acted.filter((one) => one === batch)).toHaveLength(2)
    await nextRound()
    await nextRound()
  }
})
