import { describe, expect, test } from 'vitest'
import { createSessions, type Held, type Obtained } from '../../../src/broker/sessions.ts'
import type { SessionCredentials } from '../../../src/credentials/types.ts'
import { type Code, Failure } from '../../../src/errors/index.ts'
import { createVirtualClock, type VirtualClock } from '../../support/virtualClock.ts'

const MINUTE = 60_000
const of = (name: string): SessionCredentials => ({ accessKeyId: name }) as SessionCredentials
const failing = (code: Code) => async (): Promise<never> => {
  throw new Failure({ code, message: 'for a reason' })
}

function world(most = 10) {
  const clock = createVirtualClock()
  const sessions = createSessions({ most, clock })
  let calls = 0
  const get = async (key: string, life = 10 * MINUTE): Promise<string> => {
    const held = await sessions.get(key, async () => {
      calls += 1
      return { credentials: of(`${key}${calls}`), until: clock.now() + life }
    })
    return nameOf(held)
  }
  return { clock, sessions, get, calls: () => calls }
}

const nameOf = (held: Held): string => (held.kind === 'held' ? held.credentials.accessKeyId : held.failure.code)

describe('sessions of users', () => {
  test('are asked for once, and kept until they end', async () => {
    const { clock, get } = world()
    expect(await get('a')).toBe('a1')
    await clock.advance(10 * MINUTE - 1)
    expect(await get('a')).toBe('a1')
    await clock.advance(1)
    expect(await get('a')).toBe('a2')
  })

  test.each<[string, (clock: VirtualClock) => void]>([
    ['set back', (clock) => clock.jump(-60 * MINUTE)],
    ['set forward', (clock) => clock.jump(10 * MINUTE)],
    ['asleep', (clock) => clock.suspend(10 * MINUTE)],
  ])('do not live longer where the clock was %s', async (_, change) => {
    const { clock, get } = world()
    await get('a')
    change(clock)
    await clock.advance(10 * MINUTE)
    expect(await get('a')).toBe('a2')
  })

  test('are no more than so many: the one that was asked for longest ago is forgotten', async () => {
    const { get, sessions } = world(2)
    for (const key of ['a', 'b', 'a', 'c']) await get(key)
    expect(sessions.size()).toBe(2)
    expect([await get('a'), await get('c'), await get('b')]).toEqual(['a1', 'c3', 'b4'])
  })

  test('are asked for once, however many ask meanwhile; the first of them is told that it was asked for', async () => {
    const { sessions } = world()
    const { promise, resolve } = Promise.withResolvers<Obtained>()
    let calls = 0
    const obtain = (): Promise<Obtained> => {
      calls += 1
      return promise
    }
    const all = Promise.all([sessions.get('a', obtain), sessions.get('a', obtain), sessions.get('a', obtain)])
    resolve({ credentials: of('a'), until: Number.POSITIVE_INFINITY })
    expect((await all).map((held) => held.kind === 'held' && held.fresh)).toEqual([true, false, false])
    expect(calls).toBe(1)
  })

  test('of other keys do not wait for it', async () => {
    const { sessions, get } = world()
    void sessions.get('a', () => new Promise(() => undefined))
    expect(await get('b')).toBe('b1')
  })

  test('that cannot be had are not asked for again at once, and nobody else is told why', async () => {
    const { clock, sessions, get } = world()
    expect(await sessions.get('a', failing('StsAccessDenied'))).toMatchObject({ kind: 'failed', wait: 10_000 })
    await clock.advance(4_000)
    const again = await sessions.get('a', failing('StsThrottled'))
    expect(again).toMatchObject({ kind: 'failed', wait: 6_000 })
    expect(nameOf(again)).toBe('StsAccessDenied')
    expect(await get('b')).toBe('b1')
    await clock.advance(6_000)
    expect(await get('a')).toBe('a2')
  })

  test.each<[Code, number]>([
    ['StsThrottled', 2_000],
    ['StsAccessDenied', 10_000],
    ['StsTokenExpired', 0],
    ['Internal', 0],
  ])('%s holds off for %d ms', async (code, wait) => {
    const { sessions, get } = world()
    expect(await sessions.get('a', failing(code))).toMatchObject({ kind: 'failed', wait })
    expect(await get('a')).toBe(wait === 0 ? 'a1' : code)
  })

  test('whose getting fails are a failure for all who wait, and what is no Failure becomes one', async () => {
    const { sessions } = world()
    const { promise, reject } = Promise.withResolvers<Obtained>()
    const all = Promise.all([sessions.get('a', () => promise), sessions.get('a', () => promise)])
    reject(new TypeError('of secrets'))
    const held = await all
    expect(held.map(nameOf)).toEqual(['Internal', 'Internal'])
    expect(JSON.stringify(held)).not.toContain('of secrets')
  })

  test('that were refused are forgotten beyond so many, too', async () => {
    const { sessions, get } = world(1)
    await sessions.get('a', failing('StsAccessDenied'))
    await sessions.get('b', failing('StsAccessDenied'))
    expect(await get('a')).toBe('a1')
  })
})
