import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LAST_WORDS } from '../../../src/credentials/attempt.ts'
import { createSession } from '../../../src/credentials/driver.ts'
import { CLIENT_WINDOWS, HARD_STOP } from '../../../src/credentials/schedule.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { bench, benchWithCredentials, failure, HOUR, issue, MINUTE, SECOND, watch } from './support.ts'

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => {
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

describe('a session', () => {
  test('does nothing before it is started, then obtains, then renews as the rule says', async () => {
    const { clock, session, attempts, latest, held, settled } = bench()
    await clock.advance(HOUR)
    expect([attempts.length, clock.pending()]).toEqual([0, 0])
    expect(session.name).toBe('default')
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

  test('unblocked, makes the attempt that it was to make later; stopped, none', async () => {
    const { clock, session, attempts, latest } = bench({ random: 0.999 })
    session.start()
    latest().fail(failure('StsChainWaiting'))
    await clock.advance(0)
    session.unblock()
    expect(attempts).toHaveLength(2)
    latest().fail(failure('StsChainWaiting'))
    await clock.advance(0)
    session.stop()
    session.unblock()
    expect(attempts).toHaveLength(2)
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
    await expect(clock.advance(3 * SECOND + LAST_WORDS)).rejects.toThrow('disk full')
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
    await clock.advance(LAST_WORDS)
    expect(session.view()).toMatchObject({ lastFailure: { code: 'StsTimeout' } })
    expect(JSON.stringify(session.view())).toContain('no credentials within 3 s')
    await clock.advance(250)
    expect(attempts).toHaveLength(2)
    await clock.advance(10 * SECOND - 1)
    expect([latest().signal.aborted, settled.length]).toEqual([false, 1])
    await clock.advance(1)
    expect([latest().signal.aborted, settled.length]).toEqual([true, 1])
    await clock.advance(LAST_WORDS)
    expect(settled.length).toBe(2)
    expect(JSON.stringify(session.view())).toContain('no credentials within 10 s')
  })

  test('that is given up says by itself what it waited for, if it does so at once', async () => {
    const { clock, session, latest, settled } = bench()
    session.start()
    latest().signal.addEventListener('abort', () => latest().fail(failure('TokenFileUnreadable')))
    await clock.advance(3 * SECOND)
    expect(settled.map(({ state }) => state.lastFailure?.code)).toEqual(['TokenFileUnreadable'])
  })

  test('that is given up with no more than an abort is one that took too long', async () => {
    const { clock, session, latest } = bench()
    session.start()
    latest().signal.addEventListener('abort', () => latest().fail(latest().signal.reason))
    await clock.advance(3 * SECOND)
    expect(session.view()).toMatchObject({ lastFailure: { code: 'StsTimeout' } })
  })

  test.each(['succeed', 'fail'] as const)('that comes too late (%s) changes nothing', async (how) => {
    const { clock, session, attempts, settled } = bench()
    session.start()
    await clock.advance(3 * SECOND + LAST_WORDS)
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

  test.each([-HOUR, HOUR])('has its time, also when the clock is set by %i ms meanwhile', async (by) => {
    const { clock, session, attempts, latest } = bench()
    session.start()
    clock.jump(by)
    await clock.advance(3 * SECOND + LAST_WORDS + 250)
    expect(attempts).toHaveLength(2)
    clock.jump(by)
    latest().succeed()
    await clock.advance(0)
    expect(session.view()).toMatchObject({ kind: 'held' })
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
