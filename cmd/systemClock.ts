import { uptime } from 'node:os'
import process from 'node:process'
import type { Clock, Milliseconds } from '../src/credentials/index.ts'

/** The clock of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  // Where /proc/uptime tells of the container alone (LXCFS), a restart would set it back; the other stands still in sleep.
  uptime: seldom(machineUptime, Date.now, () => Math.floor(performance.now())),
  wakeAt: (at, fn) => {
    const timer = setTimeout(fn, Math.max(0, at - Date.now()))
    return () => clearTimeout(timer)
  },
}

function machineUptime(): Milliseconds {
  return Math.max(Math.round(uptime() * 1_000), Number(process.hrtime.bigint() / 1_000_000n))
}

const SELDOM: Milliseconds = 100

/**
 * Reads a file of the kernel ten times a second at most, however often clients ask, and goes on from there by a clock that
 * costs nothing. Not where that clock and the time of day disagree: then the machine has slept.
 */
export function seldom(read: () => Milliseconds, now: () => number, steady: () => Milliseconds): () => Milliseconds {
  let last = { now: Number.NaN, steady: Number.NaN, value: Number.NaN }
  return () => {
    const at = { now: now(), steady: steady() }
    const passed = at.steady - last.steady
    if (passed < SELDOM && Math.abs(at.now - last.now - passed) < SELDOM) return last.value + passed
    last = { ...at, value: read() }
    return last.value
  }
}
