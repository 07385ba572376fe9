import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTimer } from '../../../src/federation/timer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('startTimer', () => {
  it('aborts when its time is over', () => {
    const timer = startTimer(1_000, new AbortController().signal)
    vi.advanceTimersByTime(999)
    expect([timer.signal.aborted, timer.expired()]).toEqual([false, false])
    vi.advanceTimersByTime(1)
    expect([timer.signal.aborted, timer.expired()]).toEqual([true, true])
  })

  it('leaves no timer and no listener behind when it is stopped', () => {
    const outer = new AbortController()
    const timer = startTimer(1_000, outer.signal)
    timer.stop()
    expect(vi.getTimerCount()).toBe(0)
    outer.abort()
    expect(timer.signal.aborted).toBe(false)
  })

  it('aborts with whoever gave up, and tells that from its own time', () => {
    const outer = new AbortController()
    const timer = startTimer(1_000, outer.signal)
    outer.abort()
    expect([timer.signal.aborted, timer.expired()]).toEqual([true, false])
    timer.stop()
  })

  it('is aborted from the start when that was before', () => {
    const timer = startTimer(1_000, AbortSignal.abort())
    expect([timer.signal.aborted, timer.expired()]).toEqual([true, false])
    timer.stop()
  })
})
