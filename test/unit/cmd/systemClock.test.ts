import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { seldom, systemClock } from '../../../cmd/systemClock.ts'

test('the uptime is in whole milliseconds, and not behind the clock of a machine that has not slept', () => {
  for (let time = 0; time < 50; time += 1) {
    const awake = Number(process.hrtime.bigint() / 1_000_000n)
    const uptime = systemClock.uptime()
    expect(Number.isInteger(uptime)).toBe(true)
    // But for what rounding takes.
    expect(uptime + 1).toBeGreaterThanOrEqual(awake)
  }
})

describe('a clock that is read seldom', () => {
  function clocks() {
    const at = { now: 1_000_000, steady: 500, read: 500, reads: 0 }
    const clock = seldom(
      () => {
        at.reads += 1
        return at.read
      },
      () => at.now,
      () => at.steady,
    )
    const pass = (time: number): void => {
      at.now += time
      at.steady += time
      at.read += time
    }
    return { at, clock, pass }
  }

  test('goes on by the other in between', () => {
    const { at, clock, pass } = clocks()
    expect(clock()).toBe(500)
    pass(99)
    expect([clock(), at.reads]).toEqual([599, 1])
    pass(1)
    expect([clock(), at.reads]).toEqual([600, 2])
  })

  test('is read at once where the machine has slept, or somebody has set the time of day', () => {
    const { at, clock, pass } = clocks()
    clock()
    at.now += 60_000
    at.read += 60_000
    expect([clock(), at.reads]).toEqual([60_500, 2])
    at.now -= 3_600_000
    pass(1)
    expect([clock(), at.reads]).toEqual([60_501, 3])
  })
})
