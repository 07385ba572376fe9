import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOISE } from '../../../src/credentials/clock.ts'
import { initialState, type SessionState, step, viewOf } from '../../../src/credentials/machine.ts'
import { restoreState } from '../../../src/credentials/restore.ts'
import { CLIENT_WINDOWS, LONGEST_WAIT } from '../../../src/credentials/schedule.ts'
import type { Milliseconds } from '../../../src/credentials/types.ts'
import { aFewMicrotasks, createVirtualClock } from '../../support/virtualClock.ts'
import { at, bench, credentials, failure, HOUR, MINUTE, NOW } from './support.ts'

const RUNS = { numRuns: 1000 }
const failures = { backoff: 1, rereadToken: 0, slow: 2 }
const state: SessionState = {
  held: { credentials: credentials(), expires: NOW + HOUR, renewAt: NOW + 30 * MINUTE },
  obtaining: true,
  failures,
  lastFailure: { code: 'StsThrottled', message: 'too many', at: NOW - MINUTE },
  retryAt: NOW + MINUTE,
  seen: at(NOW),
}
/** Through JSON, as the file is. */
const kept = (change: object = {}, fingerprint = 'f'): unknown =>
  JSON.parse(JSON.stringify({ default: { fingerprint, state: { ...state, ...change } } }))
const restore = (value: unknown, look = at(NOW)): SessionState | undefined => restoreState(value, 'default', 'f', look)

describe('what is restored', () => {
  test('all of it, but an attempt that was under way', () => {
    expect(restore(kept())).toEqual({ ...state, obtaining: false })
  })

  test('credentials of a server without accounts', () => {
    const held = { ...state.held, credentials: { ...credentials(), accountId: '' } }
    expect(restore(kept({ held }))?.held?.credentials.accountId).toBe('')
  })

  test('a state that never held or failed', () => {
    const empty = { default: { fingerprint: 'f', state: initialState(at(NOW)) } }
    expect(restore(empty)).toEqual(initialState(at(NOW)))
  })

  test('of expired credentials, the backoff', () => {
    const { held: _, ...rest } = state
    expect(restore(kept(), at(NOW + HOUR - 1))?.held).toBeDefined()
    expect(restore(kept(), at(NOW + HOUR))).toEqual({ ...rest, obtaining: false, seen: at(NOW + HOUR) })
  })

  test.each([-2 * HOUR, -20 * MINUTE])('all of it, where the clock was set back by %i ms meanwhile', (by) => {
    const look = at(NOW + 25 * MINUTE + by, by)
    expect(restore(kept(), look)).toEqual({
      ...state,
      held: { credentials: credentials(), expires: NOW + HOUR + by, renewAt: NOW + 30 * MINUTE + by },
      retryAt: NOW + MINUTE + by,
      obtaining: false,
      seen: look,
    })
  })

  test('of what was held, nothing that a clock that went ahead of the uptime says is dead', () => {
    expect(restore(kept(), at(NOW + 2 * HOUR, 2 * HOUR - MINUTE))?.held).toBeUndefined()
    expect(restore(kept(), at(NOW + 20 * MINUTE, 10 * MINUTE))?.held).toMatchObject({ expires: NOW + HOUR })
  })

  test('of credentials that expired, whatever the clock shows, the backoff', () => {
    expect(restore(kept(), at(NOW + 10 * MINUTE, -50 * MINUTE))?.held).toBeUndefined()
    expect(restore(kept(), at(NOW + 10 * MINUTE, -50 * MINUTE + 1))?.held).toBeDefined()
  })
})

describe('what is as good as nothing', () => {
  test('another session’s', () => {
    expect(restore(kept({}, 'g'))).toBeUndefined()
    expect(restoreState(kept(), 'other', 'f', at(NOW))).toBeUndefined()
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(restoreState(kept(), name, 'f', at(NOW))).toBeUndefined()
  })

  const { held } = state
  test.each<[string, object]>([
    ['no seen', { seen: undefined }],
    ['a seen that is text', { seen: '1' }],
    ['a seen of one clock alone', { seen: NOW }],
    ['a seen without the uptime', { seen: { now: NOW } }],
    ['a seen without the time', { seen: { uptime: 1 } }],
    ['another boot of the machine', { seen: { now: NOW, uptime: at(NOW).uptime + 1 } }],
    ['no failures', { failures: undefined }],
    ['failures of one kind missing', { failures: { backoff: 1, slow: 1 } }],
    ['failures below 0', { failures: { ...failures, slow: -1 } }],
    ['half a failure', { failures: { ...failures, backoff: 0.5 } }],
    ['a number of failures', { failures: 3 }],
    ['a retryAt that is null', { retryAt: null }],
    ['a retryAt beyond all waits', { retryAt: NOW + LONGEST_WAIT + NOISE + 1 }],
    ['a lastFailure without a code', { lastFailure: { message: 'm', at: NOW } }],
    ['a lastFailure with a code that is none', { lastFailure: { code: 'toString', message: 'm', at: NOW } }],
    ['a lastFailure without a time', { lastFailure: { code: 'StsThrottled', message: 'm' } }],
    ['a held that is a list', { held: [] }],
    ['a held without credentials', { held: { ...held, credentials: undefined } }],
    ['a held without expires', { held: { ...held, expires: undefined } }],
    ['a held for ever', { held: { ...held, expires: 1e300 } }],
    ['a held without renewAt', { held: { ...held, renewAt: undefined } }],
    ['a held that is renewed when it is gone', { held: { ...held, renewAt: NOW + HOUR + 1 } }],
    ['no secret', { held: { ...held, credentials: credentials({ secretAccessKey: '' }) } }],
    ['no issued', { held: { ...held, credentials: { ...credentials(), issued: undefined } } }],
  ])('%s', (_what, change) => {
    expect(restore(kept(change))).toBeUndefined()
  })

  test('anything at all: nothing is thrown, and nothing but whole states comes out', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), fc.string(), (value, name, fingerprint) => {
        expect(restoreState(value, name, fingerprint, at(NOW))).toBeUndefined()
      }),
      RUNS,
    )
  })

  test('any text that is JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(restore(value)).toBeUndefined()
        expect(restore({ default: value })).toBeUndefined()
        expect(restore({ default: { fingerprint: 'f', state: value } })).toBeUndefined()
      }),
      RUNS,
    )
  })
})

/** Every path to a value of the state, so that each can be spoilt. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))]
}

function spoil(value: unknown, [first, ...rest]: readonly string[], by: unknown): unknown {
  if (first === undefined) return by
  const record = value as Record<string, unknown>
  return { ...record, [first]: spoil(record[first], rest, by) }
}

test('a state with any one value spoilt is refused or harmless: credentials come, and the view never throws', async () => {
  const paths = fc.constantFrom(...pathsOf(state))
  const junk = fc.oneof(fc.anything(), fc.double(), fc.constantFrom(NOW, NOW + 1e9, -1e300, 1e300, 0, -1, null))
  await fc.assert(
    fc.asyncProperty(paths, junk, async (path, by) => {
      const restored = restore({ default: { fingerprint: 'f', state: spoil(state, path, by) } })
      if (restored === undefined) return
      expect(() => viewOf(restored, at(NOW))).not.toThrow()
      const clock = createVirtualClock({ start: NOW, settle: aFewMicrotasks })
      const { session, attempts } = bench({ restored, clock })
      session.start()
      const end = NOW + (session.view().kind === 'held' ? 13 * HOUR : LONGEST_WAIT)
      while (attempts.length === 0 && clock.now() < end) await clock.advance(MINUTE)
      expect(attempts).toHaveLength(1)
      session.stop()
    }),
    RUNS,
  )
})

test('whatever the machine comes to is restored as it was, as the clock stands then', () => {
  const times = fc.integer({ min: 0, max: 13 * HOUR })
  const steps = fc.oneof(fc.constant(0), fc.integer({ min: -HOUR, max: HOUR }))
  const events = fc.array(fc.tuple(times, steps, fc.constantFrom('ok', 'bad', 'due')))
  fc.assert(
    fc.property(events, times, steps, (list, away, setAway) => {
      let look = at(NOW)
      const pass = (after: Milliseconds, setBy: Milliseconds): void => {
        look = { now: look.now + after + setBy, uptime: look.uptime + after }
      }
      let made = initialState(look)
      for (const [after, setBy, kind] of list) {
        pass(after, setBy)
        const { now } = look
        const fresh = {
          kind: 'obtained',
          credentials: credentials({ issued: now, expires: now + HOUR }),
          jitter: 0,
        } as const
        const failed = { kind: 'failed', failure: failure('StsAccessDenied'), jitter: 0 } as const
        const event = { ok: fresh, bad: failed, due: { kind: 'due' } as const }[kind]
        made = step(made, event, look, CLIENT_WINDOWS.container).state
      }
      pass(away, setAway)
      const restored = restore(JSON.parse(JSON.stringify({ default: { fingerprint: 'f', state: made } })), look)
      const running = step(made, { kind: 'due' }, look, CLIENT_WINDOWS.container).state
      expect(restored).toBeDefined()
      expect(restored?.failures).toEqual(made.failures)
      expect(restored?.retryAt).toBe(running.retryAt)
      expect(restored?.seen).toEqual(running.seen)
      expect(restored && viewOf(restored, look)).toEqual(viewOf(made, look))
    }),
    RUNS,
  )
})
