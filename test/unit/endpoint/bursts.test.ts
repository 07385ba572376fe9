import { expect, test } from 'vitest'
import { restAfterBursts } from '../../../src/endpoint/bursts.ts'

function watching() {
  let rests = 0
  const timers: { readonly time: number; readonly act: () => void }[] = []
  const note = restAfterBursts(
    () => {
      rests += 1
    },
    (time, act) => void timers.push({ time, act }),
  )
  const times = (count: number): void => {
    for (let i = 0; i < count; i += 1) note()
  }
  return { times, rests: () => rests, pending: () => timers.length, pass: () => timers.shift()?.act() }
}

test('it rests once after the start', () => {
  const { times, rests, pass, pending } = watching()
  times(499)
  pass()
  expect([rests(), pending()]).toEqual([1, 0])
})

test('it rests when it has become quiet after a burst, and not before', () => {
  const { times, rests, pass, pending } = watching()
  pass()
  times(199)
  expect(pending()).toBe(0)
  times(1)
  expect(pending()).toBe(1)
  times(500)
  pass()
  expect([rests(), pending()]).toEqual([1, 1])
  times(499)
  pass()
  expect([rests(), pending()]).toEqual([2, 0])
})

test('what is always busy never rests, and keeps one timer', () => {
  const { times, rests, pass, pending } = watching()
  for (let period = 0; period < 10; period += 1) {
    times(1_000)
    expect(pending()).toBe(1)
    pass()
  }
  expect(rests()).toBe(0)
})
