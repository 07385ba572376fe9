import process from 'node:process'
import { expect, test } from 'vitest'
import { systemClock } from '../../../cmd/systemClock.ts'

test('the uptime is in whole milliseconds, and never behind the clock of a machine that has not slept', () => {
  for (let time = 0; time < 50; time += 1) {
    const awake = Number(process.hrtime.bigint() / 1_000_000n)
    const uptime = systemClock.uptime()
    expect(Number.isInteger(uptime)).toBe(true)
    expect(uptime).toBeGreaterThanOrEqual(awake)
  }
})
