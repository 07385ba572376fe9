import { describe, expect, test } from 'vitest'
import { initialState, LONGEST_SLEEP, type SessionState, step, viewOf } from '../../../src/credentials/machine.ts'
import { CLIENT_WINDOWS, HARD_STOP } from '../../../src/credentials/schedule.ts'
import type { Instant } from '../../../src/credentials/types.ts'
import type { Code } from '../../../src/errors/index.ts'
import { at, codesOf, credentials, failure, HOUR, MINUTE, NOW, SECOND } from './support.ts'

const window = CLIENT_WINDOWS.container
const due = { kind: 'due' } as const
const asked = { kind: 'asked' } as const
const fails = (code: Code, jitter = 0) => ({ kind: 'failed', failure: failure(code), jitter }) as const
const obtained = (change: Parameters<typeof credentials>[0] = {}, jitter = 0) =>
  ({ kind: 'obtained', credentials: credentials(change), jitter }) as const

/** Credentials of 1 h, obtained at NOW. */
const fresh = (change: Parameters<typeof credentials>[0] = {}): SessionState =>
  step(initialState(at(NOW)), obtained(change), at(NOW), window).state
const turn = (state: SessionState, event: Parameters<typeof step>[1], now: Instant, setBy = 0): SessionState =>
  step(state, event, at(now, setBy), window).state

describe('single flight', () => {
  test('one attempt, however often and by whom it is asked for', () => {
    let { state, effects } = step(initialState(at(NOW)), due, at(NOW), window)
    expect(effects).toEqual([
      { kind: 'obtain', within: 3 * SECOND },
      { kind: 'wake', at: NOW + LONGEST_SLEEP },
    ])
    for (let time = 0; time < 100; time += 1) {
      ;({ state, effects } = step(state, time % 2 === 0 ? asked : due, at(NOW + time), window))
      expect(effects).toEqual([{ kind: 'wake', at: NOW + time + LONGEST_SLEEP }])
    }
    expect(state.obtaining).toBe(true)
  })

  test('a request does not hurry what is not due', () => {
    expect(step(fresh(), asked, at(NOW + 30 * MINUTE - 1), window).effects).not.toContainEqual(
      expect.objectContaining({ kind: 'obtain' }),
    )
    const failed = turn(initialState(at(NOW)), fails('StsAccessDenied'), NOW)
    expect(turn(failed, asked, NOW + 5 * SECOND - 1).obtaining).toBe(false)
    expect(turn(failed, asked, NOW + 5 * SECOND).obtaining).toBe(true)
  })

  test('the first attempt has 3 s, all later ones 10 s', () => {
    const within = (state: SessionState, now: Instant) => step(state, due, at(now), window).effects[0]
    expect(within(initialState(at(NOW)), NOW)).toEqual({ kind: 'obtain', within: 3 * SECOND })
    const failed = turn(initialState(at(NOW)), fails('StsTimeout'), NOW)
    expect(within(failed, NOW + MINUTE)).toEqual({ kind: 'obtain', within: 10 * SECOND })
    expect(within(fresh(), NOW + HOUR)).toEqual({ kind: 'obtain', within: 10 * SECOND })
  })
})

describe('what an attempt waited for is there', () => {
  const unblocked = { kind: 'unblocked' } as const
  const waiting = (state = initialState(at(NOW))): SessionState => turn(state, fails('StsChainWaiting', 0.999), NOW)

  test('the next one is made at once, not when the backoff ends', () => {
    const later = NOW + 1
    expect(turn(waiting(), asked, later).obtaining).toBe(false)
    const { state, effects } = step(waiting(), unblocked, at(later), window)
    expect(state.obtaining).toBe(true)
    expect(effects).toContainEqual({ kind: 'obtain', within: 10 * SECOND })
    // What failed is remembered until something succeeds.
    expect([state.failures, state.lastFailure?.code]).toEqual([
      { backoff: 1, rereadToken: 0, slow: 0 },
      'StsChainWaiting',
    ])
  })

  test('one attempt that is under way is enough', () => {
    const underWay = turn(turn(waiting(), unblocked, NOW + 1), unblocked, NOW + 2)
    expect(step(underWay, unblocked, at(NOW + 3), window).effects).toEqual([
      { kind: 'wake', at: NOW + 3 + LONGEST_SLEEP },
    ])
  })

  test.each<Code>(['StsAccessDenied', 'StsUnreachable', 'StsThrottled'])('%s keeps its own turn', (code) => {
    const failed = turn(initialState(at(NOW)), fails(code, 0.999), NOW)
    const state = turn(failed, unblocked, NOW + 1)
    expect([state.obtaining, state.retryAt]).toEqual([false, failed.retryAt])
  })

  test('what is held and not due is not renewed for it', () => {
    expect(turn(fresh(), unblocked, NOW + MINUTE).obtaining).toBe(false)
    const failed = turn(turn(fresh(), due, NOW + 30 * MINUTE), fails('StsChainWaiting', 0.999), NOW + 30 * MINUTE)
    expect(turn(failed, unblocked, NOW + 30 * MINUTE + 1).obtaining).toBe(true)
  })
})

describe('the wake-up', () => {
  const wakeOf = (state: SessionState, now: Instant) => step(state, due, at(now), window).effects.at(-1)

  test('is at the next thing to do, and never far away', () => {
    expect(LONGEST_SLEEP).toBeLessThanOrEqual(MINUTE)
    expect(wakeOf(fresh(), NOW)).toEqual({ kind: 'wake', at: NOW + LONGEST_SLEEP })
    const soon = NOW + 30 * MINUTE - SECOND
    expect(wakeOf(fresh(), soon)).toEqual({ kind: 'wake', at: soon + SECOND })
    const failed = turn(initialState(at(NOW)), fails('StsAccessDenied'), NOW)
    expect(wakeOf(failed, NOW)).toEqual({ kind: 'wake', at: NOW + 5 * SECOND })
  })
})

describe('what is served', () => {
  test('nothing at first', () => {
    expect(viewOf(initialState(at(NOW)), at(NOW))).toEqual({ kind: 'none', lastFailure: undefined })
  })

  test('what is stale but valid, until a minute before expiry', () => {
    const state = turn(fresh(), fails('StsUnavailable'), NOW + 31 * MINUTE)
    const end = NOW + HOUR - HARD_STOP
    expect(viewOf(state, at(end - 1))).toEqual({ kind: 'held', credentials: credentials(), expires: NOW + HOUR })
    expect(viewOf(state, at(end))).toMatchObject({ kind: 'none', lastFailure: { code: 'StsUnavailable' } })
  })

  test('a failure is noted with its cause and time, and recovery clears it, the backoff too', () => {
    const failed = turn(fresh(), fails('StsAccessDenied'), NOW + 30 * MINUTE)
    const message = failure('StsAccessDenied').message
    expect(failed.lastFailure).toEqual({ code: 'StsAccessDenied', message, at: NOW + 30 * MINUTE })
    expect(failed.retryAt).toBe(NOW + 30 * MINUTE + 5 * SECOND)
    const later = { issued: NOW + 31 * MINUTE, expires: NOW + 91 * MINUTE }
    const recovered = turn(failed, obtained(later), NOW + 31 * MINUTE)
    expect(recovered).toEqual({
      held: { credentials: credentials(later), expires: NOW + 91 * MINUTE, renewAt: NOW + 60 * MINUTE },
      obtaining: false,
      failures: { backoff: 0, rereadToken: 0, slow: 0 },
      seen: at(NOW + 31 * MINUTE),
    })
  })
})

describe('the life of credentials', () => {
  test.each([
    ['an hour ahead', HOUR],
    ['an hour behind', -HOUR],
    ['a day behind', -24 * HOUR],
  ])('is served in the pod’s clock, where STS is %s of it', (_what, skew) => {
    const change = { issued: NOW + skew, expires: NOW + skew + HOUR, skew }
    const state = fresh(change)
    expect(viewOf(state, at(NOW))).toMatchObject({ kind: 'held', expires: NOW + HOUR })
    expect(state.held?.renewAt).toBe(NOW + 30 * MINUTE)
  })

  test('is what STS says, not the time since the answer: that was on the way', () => {
    const state = step(initialState(at(NOW)), obtained(), at(NOW + 8 * SECOND), window).state
    expect(state.held?.expires).toBe(NOW + HOUR)
  })

  test('is counted from now where a skew too small to be measured would add to it', () => {
    const state = fresh({ issued: NOW + 4 * SECOND, expires: NOW + 4 * SECOND + HOUR })
    expect(state.held?.expires).toBe(NOW + HOUR)
  })

  test('the first renewal may be anywhere, the second may not', () => {
    const first = step(initialState(at(NOW)), obtained({}, 0.5), at(NOW), window).state
    const { renewAt = 0 } = first.held ?? {}
    expect((renewAt - NOW) / MINUTE).toBeCloseTo(15.17, 2)
    const second = step(first, obtained({ expires: renewAt + HOUR, issued: renewAt }, 0.5), at(renewAt), window).state
    expect(second.held?.renewAt).toBe(renewAt + 28.5 * MINUTE)
  })

  const recoveredAfter = (outage: number): number => {
    const since = NOW + 30 * MINUTE + outage
    const failed = turn(fresh(), fails('StsUnavailable'), NOW + 31 * MINUTE)
    const { state } = step(failed, obtained({ issued: since, expires: since + HOUR }, 0.5), at(since), window)
    return (state.held?.renewAt ?? 0) - NOW
  }

  test('an outage gathers everybody at its end: all go on as if it had not been', () => {
    for (const minutes of [1, 10, 20]) expect(recoveredAfter(minutes * MINUTE)).toBe(58.5 * MINUTE)
  })

  test('the first renewal after one that was too long for that may be anywhere again', () => {
    expect(recoveredAfter(29 * MINUTE) / MINUTE).toBeCloseTo(30 + 29 + 15.17, 2)
  })
})

describe('failures in a row', () => {
  const waits = (list: readonly Code[]): number[] => {
    let state = initialState(at(NOW))
    return list.map((code) => {
      state = turn(state, fails(code), NOW)
      return ((state.retryAt ?? 0) - NOW) / SECOND
    })
  }

  test.each(codesOf('slow'))('%s waits 5, 15, 60 s, then 5 min', (code) => {
    expect(waits(Array(6).fill(code))).toEqual([5, 15, 60, 300, 300, 300])
  })

  test.each(codesOf('rereadToken'))('%s reads anew four times, then slowly', (code) => {
    expect(waits(Array(9).fill(code))).toEqual([0.25, 0.25, 0.25, 0.25, 5, 15, 60, 300, 300])
  })

  test.each([...codesOf('backoff'), 'Internal' as const])('%s backs off', (code) => {
    expect(waits(Array(50).fill(code))).toEqual(Array(50).fill(0.25))
    const state = turn(initialState(at(NOW)), fails(code, 0.75), NOW)
    expect(state.retryAt).toBe(NOW + 750)
  })

  test('a network that is away at first does not use up the quick tries that IAM needs', () => {
    const away = Array<Code>(20).fill('StsUnreachable')
    expect(waits([...away, 'StsAccessDenied', 'StsAccessDenied']).slice(20)).toEqual([5, 15])
    expect(waits([...away, 'StsTokenExpired', 'StsTokenExpired']).slice(20)).toEqual([0.25, 0.25])
  })

  test('with much to serve an outage is waited for, with little it is watched', () => {
    let state = fresh()
    const wait = (now: Instant): number => {
      state = turn(state, fails('StsUnavailable', 0.5), now)
      return ((state.retryAt ?? 0) - now) / SECOND
    }
    const due = NOW + 30 * MINUTE
    expect([1, 2, 3, 4, 5].map(() => wait(due))).toEqual([0.5, 1, 2, 4, 10.5 * 60])
    // Four minutes of what may be served, ten seconds, none.
    expect([55, 59 - 1 / 6, 59, 61].map((minute) => wait(NOW + minute * MINUTE))).toEqual([15, 5, 60, 60])
  })

  test('policies that alternate are patient all the same', () => {
    const list = Array.from({ length: 20 }, (_, index): Code => (index % 2 ? 'StsTokenExpired' : 'StsAccessDenied'))
    expect(waits(list).slice(-2)).toEqual([300, 300])
  })
})

describe('a clock that somebody sets', () => {
  test.each([
    ['back', -HOUR],
    ['back by a little more than noise', -2001],
  ])('%s: all that is held moves with it', (_what, by) => {
    const now = NOW + 10 * MINUTE + by
    const state = turn(fresh(), due, now, by)
    expect(state.held).toMatchObject({ expires: NOW + HOUR + by, renewAt: NOW + 30 * MINUTE + by })
    expect(state.seen).toEqual(at(now, by))
    expect(state.obtaining).toBe(false)
  })

  test('forward: it is believed, for a machine that was paused looks like that, and its credentials have died', () => {
    const now = NOW + 2 * HOUR + MINUTE
    const { state, effects } = step(fresh(), due, at(now, 2 * HOUR), window)
    expect(viewOf(state, at(now, 2 * HOUR)).kind).toBe('none')
    expect(effects[0]).toEqual({ kind: 'obtain', within: 10 * SECOND })
  })

  test.each([-HOUR, -MINUTE])('by %i ms: the view knows before anybody turned the machine', (by) => {
    expect(viewOf(fresh(), at(NOW + by, by))).toMatchObject({ kind: 'held', expires: NOW + HOUR + by })
    const late = turn(fresh(), fails('StsTimeout'), NOW + HOUR - HARD_STOP)
    const then = NOW + HOUR - HARD_STOP + by
    expect(viewOf(late, at(then - 1, by))).toMatchObject({ kind: 'held' })
    expect(viewOf(late, at(then, by))).toMatchObject({ kind: 'none', lastFailure: { code: 'StsTimeout' } })
  })

  test.each([-HOUR, -MINUTE])('by %i ms: a wait becomes neither longer nor shorter', (by) => {
    const failed = turn(initialState(at(NOW)), fails('StsAccessDenied'), NOW)
    expect(turn(failed, due, NOW + by, by)).toMatchObject({ retryAt: NOW + by + 5 * SECOND, obtaining: false })
  })

  test('while an attempt is under way: what it brings counts from the new time', () => {
    const trying = turn(initialState(at(NOW)), due, NOW)
    const then = NOW - HOUR
    const state = turn(trying, obtained({ issued: NOW, expires: NOW + HOUR, skew: HOUR }), then, -HOUR)
    expect(viewOf(state, at(then, -HOUR))).toMatchObject({ kind: 'held', expires: then + HOUR })
    expect(state.held?.renewAt).toBe(then + 30 * MINUTE)
  })

  test('by so little that it may be noise: nothing moves until it adds up', () => {
    let state = fresh()
    for (const by of [1500, 1000, 0, -2000]) {
      state = turn(state, due, NOW + by, by)
      expect(state.held?.expires).toBe(NOW + HOUR)
    }
    expect(turn(state, due, NOW - 2100, -2100).held?.expires).toBe(NOW + HOUR - 2100)
  })

  test('time that passes, asleep or not, is none of that: it renews and rather serves nothing', () => {
    const { state, effects } = step(fresh(), due, at(NOW + HOUR), window)
    expect(effects[0]).toEqual({ kind: 'obtain', within: 10 * SECOND })
    expect(viewOf(state, at(NOW + HOUR)).kind).toBe('none')
  })
})

test('a state is plain data: it survives JSON', () => {
  const states = [initialState(at(NOW)), fresh(), turn(fresh(), fails('TokenEmpty'), NOW + 30 * MINUTE)]
  for (const state of states) expect(JSON.parse(JSON.stringify(state))).toEqual(state)
})
