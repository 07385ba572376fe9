import { describe, expect, test } from 'vitest'
import { initialState, LONGEST_SLEEP, type SessionState } from '../../../src/credentials/machine.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { at, bench, benchWithCredentials, credentials, failure, HOUR, MINUTE, NOW, watch } from './support.ts'

describe('a node that slept, a clock that was set', () => {
  test('asleep for hours: renewed within a wake-up, nobody asking', async () => {
    const { clock, attempts } = await benchWithCredentials()
    clock.suspend(5 * HOUR)
    await clock.advance(LONGEST_SLEEP)
    expect(attempts).toHaveLength(2)
  })

  test('set forward, or paused and resumed: renewed at the next look', async () => {
    const { clock, attempts } = await benchWithCredentials()
    clock.jump(2 * HOUR)
    await clock.advance(LONGEST_SLEEP)
    expect(attempts).toHaveLength(2)
  })

  describe.each([
    ['an hour', -HOUR],
    ['five hours', -5 * HOUR],
  ])('set back by %s', (_what, by) => {
    test('the same credentials end at the same true time', async () => {
      const { clock, session, held, latest } = await benchWithCredentials()
      await clock.advance(LONGEST_SLEEP)
      clock.jump(by)
      expect(held().expires).toBe(NOW + HOUR + by)
      await clock.advance(29 * MINUTE)
      latest().fail(failure('StsAccessDenied'))
      await clock.advance(29 * MINUTE - 1)
      expect(held().expires).toBe(NOW + HOUR + by)
      await clock.advance(1)
      expect(session.view().kind).toBe('none')
    })

    test('renewed when it would have been', async () => {
      const { clock, attempts } = await benchWithCredentials()
      await clock.advance(10 * MINUTE)
      clock.jump(by)
      await clock.advance(20 * MINUTE - 1)
      expect(attempts).toHaveLength(1)
      await clock.advance(1)
      expect(attempts).toHaveLength(2)
    })
  })
})

describe('stop', () => {
  test('aborts the attempt, releases who waits, leaves no timer, and nothing happens any more', async () => {
    const { clock, session, latest, attempts, settled } = bench()
    session.start()
    const waiting = watch(session.asked(700))
    session.stop()
    await clock.advance(0)
    expect([latest().signal.aborted, waiting.done(), clock.pending()]).toEqual([true, true, 0])
    latest().fail(new Error('aborted'))
    await session.asked(700)
    session.start()
    await clock.advance(HOUR)
    expect([attempts.length, settled.length, clock.pending()]).toEqual([1, 0, 0])
  })

  test('still shows what is held, and may come before the start, or twice', async () => {
    const { session } = await benchWithCredentials()
    session.stop()
    session.stop()
    expect(session.view().kind).toBe('held')
    const other = bench()
    other.session.stop()
    other.session.start()
    expect(other.attempts).toHaveLength(0)
  })
})

describe('what an earlier run knew', () => {
  const restored: SessionState = {
    ...initialState(at(NOW - 10 * MINUTE)),
    held: { credentials: credentials(), expires: NOW + 30 * MINUTE, renewAt: NOW },
    obtaining: true,
  }

  test('is served at once, before the start and with STS down', async () => {
    const { clock, session, latest, held } = bench({ restored })
    expect(held()).toEqual({ kind: 'held', credentials: credentials(), expires: NOW + 30 * MINUTE })
    session.start()
    latest().fail(failure('StsUnreachable'))
    await clock.advance(0)
    expect(held().expires).toBe(NOW + 30 * MINUTE)
  })

  test('an attempt that was under way is made anew', () => {
    const { session, attempts } = bench({ restored })
    session.start()
    expect(attempts).toHaveLength(1)
  })

  test('a backoff is kept: a crash loop does not hammer STS', async () => {
    const waiting = {
      ...initialState(at(NOW)),
      failures: { backoff: 0, rereadToken: 0, slow: 3 },
      retryAt: NOW + MINUTE,
    }
    const { clock, session, attempts, latest, settled } = bench({ restored: waiting })
    session.start()
    await session.asked(0)
    await clock.advance(MINUTE - 1)
    expect(attempts).toHaveLength(0)
    await clock.advance(1)
    latest().fail(failure('StsAccessDenied'))
    await clock.advance(0)
    expect(settled.at(-1)?.state.retryAt).toBe(NOW + 6 * MINUTE)
  })

  test.each([-HOUR, -5 * HOUR])('a clock set by %i ms during the restart is seen', (by) => {
    const clock = createVirtualClock({ start: NOW })
    clock.jump(by)
    const { held } = bench({ restored, clock })
    expect(held().expires).toBe(NOW + 30 * MINUTE + by)
  })
})
