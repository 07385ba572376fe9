import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSession } from '../../../src/credentials/driver.ts'
import { initialState, LONGEST_SLEEP, type SessionState } from '../../../src/credentials/machine.ts'
import { CLIENT_WINDOWS, HARD_STOP } from '../../../src/credentials/schedule.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { bench, benchWithCredentials, credentials, failure, HOUR, issue, MINUTE, NOW, ROLE, SECOND } from './support.ts'

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => {
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

/** Whether it has settled, without waiting for it. */
function watch(promise: Promise<void>): { readonly done: () => boolean } {
  let done = false
  promise.then(
    () => {
      done = true
    },
    () => {},
  )
  return { done: () => done }
}

describe('a session', () => {
  test('does nothing before it is started, then obtains, then renews as the rule says', async () => {
    const { clock, session, attempts, latest, held, settled } = bench()
    await clock.advance(HOUR)
    expect([attempts.length, clock.pending()]).toEqual([0, 0])
    expect([session.name, session.roleArn]).toEqual(['default', ROLE])
    session.start()
    const began = clock.now()
    latest().succeed()
    await clock.advance(0)
    expect(held().expires).toBe(began + HOUR)
    expect(settled.map(({ event }) => event.kind)).toEqual(['obtained'])
    expect(settled[0]?.state.held?.expires).toBe(began + HOUR)
    await clock.advance(30 * MINUTE - 1)
    expect(attempts).toHaveLength(1)
    await clock.advance(1)
    expect(attempts).toHaveLength(2)
    latest().succeed()
    await clock.advance(0)
    expect(held().expires).toBe(began + 90 * MINUTE)
  })

  test('makes one attempt for a thousand who ask, and keeps one wake-up and one deadline', async () => {
    const { clock, session, attempts } = bench()
    session.start()
    session.start()
    for (let count = 0; count < 1000; count += 1) await session.asked(0)
    expect(attempts).toHaveLength(1)
    expect(clock.pending()).toBe(2)
  })

  test('serves what is stale but valid through an outage, says why at the end, and recovers', async () => {
    const { clock, session, latest, held, attempts } = await benchWithCredentials({ random: 0.5 })
    const { expires } = held()
    let tried = attempts.length
    while (clock.now() < expires - HARD_STOP - SECOND) {
      await clock.advance(SECOND)
      if (attempts.length > tried) latest().fail(failure('StsUnavailable'))
      tried = attempts.length
      expect(held().expires).toBe(expires)
    }
    await clock.advance(SECOND)
    expect(session.view()).toMatchObject({ kind: 'none', lastFailure: { code: 'StsUnavailable' } })
    while (attempts.length === tried) await clock.advance(SECOND)
    latest().succeed()
    await clock.advance(0)
    expect(session.view()).toMatchObject({ kind: 'held' })
  })

  test('turns what is no Failure into one, without its text', async () => {
    const { clock, session, latest } = bench()
    session.start()
    latest().fail(new TypeError('c4n4ry'))
    await clock.advance(0)
    expect(session.view()).toMatchObject({ kind: 'none', lastFailure: { code: 'Internal' } })
    expect(JSON.stringify(session.view())).not.toContain('c4n4ry')
  })

  test('takes an obtain that throws at once like one that rejects', async () => {
    const clock = createVirtualClock()
    const session = createSession({
      name: 'default',
      roleArn: ROLE,
      clock,
      random: () => 0,
      window: CLIENT_WINDOWS.container,
      obtain: () => {
        throw failure('TokenEmpty')
      },
      onSettled: () => {},
    })
    session.start()
    await clock.advance(0)
    expect(session.view()).toMatchObject({ kind: 'none', lastFailure: { code: 'TokenEmpty' } })
    expect(clock.pending()).toBe(1)
  })

  test('goes on where the one who is told throws', async () => {
    const clock = createVirtualClock()
    let tried = 0
    const session = createSession({
      name: 'default',
      roleArn: ROLE,
      clock,
      random: () => 0,
      window: CLIENT_WINDOWS.container,
      obtain: () => {
        tried += 1
        return new Promise(() => {})
      },
      onSettled: () => {
        throw new Error('disk full')
      },
    })
    session.start()
    await expect(clock.advance(3 * SECOND)).rejects.toThrow('disk full')
    await clock.advance(250)
    expect(tried).toBe(2)
  })
})

describe('an attempt', () => {
  test('is given up after 3 s at first, after 10 s later, even where obtain ignores its signal', async () => {
    const { clock, session, attempts, latest, settled } = bench()
    session.start()
    await clock.advance(3 * SECOND - 1)
    expect(latest().signal.aborted).toBe(false)
    await clock.advance(1)
    expect(latest().signal.aborted).toBe(true)
    expect(session.view()).toMatchObject({ lastFailure: { code: 'StsTimeout' } })
    expect(JSON.stringify(session.view())).toContain('no credentials within 3 s')
    await clock.advance(250)
    expect(attempts).toHaveLength(2)
    await clock.advance(10 * SECOND - 1)
    expect([latest().signal.aborted, settled.length]).toEqual([false, 1])
    await clock.advance(1)
    expect([latest().signal.aborted, settled.length]).toEqual([true, 2])
    expect(JSON.stringify(session.view())).toContain('no credentials within 10 s')
  })

  test.each(['succeed', 'fail'] as const)('that comes too late (%s) changes nothing', async (how) => {
    const { clock, session, attempts, settled } = bench()
    session.start()
    await clock.advance(3 * SECOND)
    const before = session.view()
    if (how === 'succeed') attempts[0]?.succeed()
    else attempts[0]?.fail(failure('StsAccessDenied'))
    await clock.advance(0)
    expect([session.view(), settled.length]).toEqual([before, 1])
  })

  test('that was under way while the node slept is not believed: its Date says nothing of the clock', async () => {
    const { clock, session, latest, settled, attempts } = bench()
    session.start()
    const old = issue(clock, HOUR)
    clock.suspend(2 * HOUR)
    // As the exchange would: the answer lay in the socket, the clock is read after the sleep.
    expect(issue(clock, HOUR, 2 * HOUR)).toMatchObject({ expires: old.expires, skew: -2 * HOUR })
    latest().succeed()
    await clock.advance(0)
    expect(session.view()).toMatchObject({ kind: 'none', lastFailure: { code: 'StsTimeout' } })
    await clock.advance(250)
    expect([settled.length, attempts.length]).toEqual([1, 2])
  })

  test('has its time by the timer, also when the clock is set back meanwhile', async () => {
    const { clock, session, attempts } = bench()
    session.start()
    clock.jump(-HOUR)
    await clock.advance(3 * SECOND + 250)
    expect(attempts).toHaveLength(2)
  })
})

describe('asked', () => {
  test('resolves when credentials come', async () => {
    const { clock, session, latest } = bench()
    const waiting = [watch(session.asked(700)), watch(session.asked(700))]
    await clock.advance(699)
    expect(waiting.map(({ done }) => done())).toEqual([false, false])
    latest().succeed()
    await clock.advance(0)
    expect(waiting.map(({ done }) => done())).toEqual([true, true])
    expect(session.view().kind).toBe('held')
    expect(clock.pending()).toBe(1)
  })

  test('resolves after 700 ms where none come, a failure in between or not', async () => {
    const { clock, session, latest } = bench()
    const waiting = watch(session.asked(700))
    latest().fail(failure('StsUnavailable'))
    await clock.advance(699)
    expect(waiting.done()).toBe(false)
    await clock.advance(1)
    expect(waiting.done()).toBe(true)
  })

  test('a retry after that failure is waited for', async () => {
    const { clock, session, latest, attempts } = bench()
    const waiting = watch(session.asked(700))
    latest().fail(failure('StsUnavailable'))
    await clock.advance(300)
    expect(attempts).toHaveLength(2)
    latest().succeed()
    await clock.advance(0)
    expect(waiting.done()).toBe(true)
  })

  test('for no time at all resolves at once, and turns the machine', async () => {
    const { session, attempts } = bench()
    await session.asked(0)
    expect(attempts).toHaveLength(1)
  })

  test('renews after a sleep at the first request, not at the next wake-up', async () => {
    const { clock, session, attempts, latest, held } = await benchWithCredentials()
    clock.suspend(5 * HOUR)
    expect(session.view().kind).toBe('none')
    const waiting = watch(session.asked(700))
    expect(attempts).toHaveLength(2)
    latest().succeed()
    await clock.advance(0)
    expect(waiting.done()).toBe(true)
    expect(held().expires).toBe(Math.floor(clock.now() / SECOND) * SECOND + HOUR)
  })
})

describe('a node that slept, a clock that was set', () => {
  test.each([
    ['asleep for hours', 5 * HOUR, 'suspend'],
    ['set forward', HOUR, 'jump'],
  ] as const)('%s: renewed within a wake-up, nobody asking', async (_what, by, how) => {
    const { clock, attempts } = await benchWithCredentials()
    clock[how](by)
    await clock.advance(LONGEST_SLEEP)
    expect(attempts).toHaveLength(2)
  })

  test('set back by an hour: the same credentials end at the same true time, seen within a wake-up', async () => {
    const { clock, session, held } = await benchWithCredentials()
    await clock.advance(LONGEST_SLEEP)
    clock.jump(-HOUR)
    expect(held().expires).toBe(NOW)
    await clock.advance(59 * MINUTE)
    expect(session.view().kind).toBe('none')
  })

  test('set back by an hour: renewed when it would have been, a wake-up later at most', async () => {
    const { clock, attempts } = await benchWithCredentials()
    await clock.advance(10 * MINUTE)
    clock.jump(-HOUR)
    await clock.advance(20 * MINUTE + LONGEST_SLEEP)
    expect(attempts).toHaveLength(2)
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
    ...initialState(NOW - 10 * MINUTE),
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
    const waiting = { ...initialState(NOW), failures: { backoff: 0, rereadToken: 0, slow: 3 }, retryAt: NOW + MINUTE }
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

  test('a clock set back during the restart is seen', () => {
    const clock = createVirtualClock({ start: NOW - 10 * MINUTE - HOUR })
    const { held } = bench({ restored, clock })
    expect(held().expires).toBe(NOW + 30 * MINUTE - HOUR)
  })
})
