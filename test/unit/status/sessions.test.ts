import { describe, expect, test } from 'vitest'
import { parseExposition } from '../../../src/status/exposition.ts'
import { remember } from '../../../src/status/memory.ts'
import { judgeSession, readSessions, type Said } from '../../../src/status/sessions.ts'
import { exposition, fine, MINUTE, NOW, roleOf } from './support.ts'

const read = async (...told: Parameters<typeof exposition>) =>
  readSessions(parseExposition(await exposition(...told)) ?? [])
const only = async (told: Parameters<typeof exposition>[0][number]): Promise<Said> => {
  const [said] = (await read([told])) ?? []
  if (said === undefined) throw new Error('it said nothing')
  return said
}
const moment = { now: NOW, created: NOW - 60 * MINUTE, mode: 'sidecar' } as const

describe('what a sidecar says', () => {
  test('of each of its sessions', async () => {
    const sessions = await read([
      { ...fine, failures: { StsThrottled: 2 } },
      { session: 'worker', role: roleOf('worker') },
    ])
    expect(sessions).toEqual([
      {
        session: 'default',
        role: roleOf('web'),
        expires: NOW + fine.expiresIn,
        refreshed: NOW - fine.refreshedAgo,
        failures: { StsThrottled: 2 },
      },
      { session: 'worker', role: roleOf('worker'), expires: undefined, refreshed: undefined, failures: {} },
    ])
  })

  test.each([
    ['another program', 'up 1\nlanyard_credentials_refreshes_total{session="x"} 1\n'],
    [
      'a crowd',
      `lanyard_build_info 1\n${Array.from({ length: 300 }, (_, n) => `lanyard_credentials_refreshes_total{session="${n}"} 1\n`).join('')}`,
    ],
  ])('%s is none', (_, text) => expect(readSessions(parseExposition(text) ?? [])).toBeUndefined())

  test.each(['NaN', '-1', '+Inf', '1e300'])('no instant is %s', (value) => {
    const text = `lanyard_build_info 1\nlanyard_credentials_expiration_timestamp_seconds{session="a"} ${value}\n`
    expect(readSessions(parseExposition(text) ?? [])?.[0]).toMatchObject({ expires: undefined, role: undefined })
  })
})

describe('how a session fares', () => {
  test.each([
    ['fresh', { expiresIn: 59 * MINUTE, refreshedAgo: MINUTE }, { state: 'ok' }],
    ['failures of the past', { ...fine, failures: { StsThrottled: 9 } }, { state: 'ok' }],
    ['due, and a renewal takes its time', { expiresIn: 29.5 * MINUTE, refreshedAgo: 30.5 * MINUTE }, { state: 'ok' }],
    ['overdue without a word', { expiresIn: 20 * MINUTE, refreshedAgo: 40 * MINUTE }, { state: 'failing' }],
    [
      'overdue',
      { expiresIn: 20 * MINUTE, refreshedAgo: 40 * MINUTE, failures: { StsUnreachable: 3 } },
      { state: 'failing', trouble: { code: 'StsUnreachable', word: 'StsUnreachable' } },
    ],
    ['a session of 15 minutes', { expiresIn: 9.5 * MINUTE, refreshedAgo: 5.5 * MINUTE }, { state: 'ok' }],
    ['one that is overdue', { expiresIn: 7 * MINUTE, refreshedAgo: 8 * MINUTE }, { state: 'failing' }],
    ['expired', { expiresIn: -1, refreshedAgo: 61 * MINUTE }, { state: 'expired' }],
    [
      'not served any more',
      { refreshedAgo: 61 * MINUTE, failures: { StsThrottled: 9, StsAccessDenied: 2 } },
      { state: 'expired', trouble: { code: 'StsAccessDenied', word: 'StsAccessDenied' } },
    ],
    ['never', { failures: { nonsense: 1 } }, { state: 'none', trouble: { word: 'other' } }],
    ['never, and no attempt', {}, { state: 'none' }],
  ])('%s', async (_, told, judged) => expect(judgeSession(await only(told), undefined, moment)).toEqual(judged))

  test('by the wider window of IMDS it is due earlier', async () => {
    const said = await only({ expiresIn: 31 * MINUTE, refreshedAgo: 29 * MINUTE })
    expect(judgeSession(said, undefined, moment).state).toBe('ok')
    expect(judgeSession(said, undefined, { ...moment, mode: 'imds' }).state).toBe('failing')
  })

  test('of a pod that has just begun it is too early to say, unless an attempt has failed', async () => {
    const young = { ...moment, created: NOW - 59_000 }
    expect(judgeSession(await only({}), undefined, young)).toEqual({ state: 'starting' })
    expect(judgeSession(await only({ failures: { StsAccessDenied: 1 } }), undefined, young).state).toBe('none')
    expect(judgeSession(await only({}), undefined, { ...moment, created: NOW - 60_000 }).state).toBe('none')
    expect(judgeSession(await only({}), undefined, { ...moment, created: undefined }).state).toBe('none')
  })
})

describe('from round to round', () => {
  test('what has grown is the last error, until a renewal succeeds', async () => {
    const first = await only({ ...fine, failures: { StsAccessDenied: 5, StsThrottled: 1 } })
    const seen = remember(first, undefined)
    expect(seen.code).toBeUndefined()
    const second = await only({ ...fine, failures: { StsAccessDenied: 5, StsThrottled: 2 } })
    const grown = remember(second, seen)
    expect(judgeSession(second, grown, moment)).toEqual({
      state: 'failing',
      trouble: { code: 'StsThrottled', word: 'StsThrottled' },
    })
    expect(remember(second, grown).code).toBe('StsThrottled')
    const third = await only({ ...fine, failures: { StsAccessDenied: 7, StsThrottled: 3 } })
    expect(remember(third, grown).code).toBe('StsAccessDenied')
    // The sidecar was restarted: its counters begin anew, its session does not.
    expect(remember(await only(fine), grown).code).toBe('StsThrottled')
    const renewed = await only({
      expiresIn: 60 * MINUTE,
      refreshedAgo: 0,
      failures: { StsAccessDenied: 5, StsThrottled: 4 },
    })
    expect(judgeSession(renewed, remember(renewed, grown), moment)).toEqual({ state: 'ok' })
  })
})
