import { expect, test } from 'vitest'
import { createSlots } from '../../../src/kubernetes/sources/slots.ts'
import { aFewMicrotasks } from '../../support/virtualClock.ts'

test('so many run at a time, the others in their order, whether those before them succeed or not', async () => {
  const inSlot = createSlots(2)
  const started: number[] = []
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<number>())
  const results = ends.map(({ promise }, at) =>
    inSlot(() => {
      started.push(at)
      return promise
    }),
  )
  await aFewMicrotasks()
  expect(started).toEqual([0, 1])
  ends[1]?.reject(new Error('no'))
  await expect(results[1]).rejects.toThrow('no')
  await aFewMicrotasks()
  expect(started).toEqual([0, 1, 2])
  for (const { resolve } of ends) resolve(7)
  await expect(Promise.all([results[0], results[2], results[3]])).resolves.toEqual([7, 7, 7])
  expect(started).toEqual([0, 1, 2, 3])
})
