import fc from 'fast-check'
import { expect, test } from 'vitest'
import { initialState, type SessionState, step } from '../../../src/credentials/machine.ts'
import { CLIENT_WINDOWS } from '../../../src/credentials/schedule.ts'
import type { Instant } from '../../../src/credentials/types.ts'
import type { Code } from '../../../src/errors/index.ts'
import { at, codesOf, credentials, failure, MINUTE, NOW } from './support.ts'

const window = CLIENT_WINDOWS.container
const due = { kind: 'due' } as const
type Failed = readonly [Code, number]

const fail = (state: SessionState, [code, jitter]: Failed, now: Instant): SessionState =>
  step(state, { kind: 'failed', failure: failure(code), jitter }, at(now), window).state
const nextOf = ({ held, retryAt }: SessionState): Instant => Math.max(held?.renewAt ?? NOW, retryAt ?? NOW)

/** A session that waits: for its renewal, or for its turn after failures. */
function resting(holds: boolean, first: Failed, others: readonly Failed[]): SessionState {
  const obtained = { kind: 'obtained', credentials: credentials(), jitter: first[1] } as const
  let state = holds
    ? step(initialState(at(NOW)), obtained, at(NOW), window).state
    : fail(initialState(at(NOW)), first, NOW)
  for (const other of others) state = fail(state, other, nextOf(state))
  return state
}

const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const failures = fc.tuple(fc.constantFrom(...codesOf('backoff'), ...codesOf('slow')), jitters)

test('wake-ups before there is something to do change nothing but when the clock was seen', () => {
  const rests = fc.tuple(fc.boolean(), failures, fc.array(failures, { maxLength: 9 }))
  const moments = fc.array(jitters, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(rests, moments, ([holds, first, others], shares) => {
      const state = resting(holds, first, others)
      const [since, next] = [state.seen.now, nextOf(state)]
      expect(next).toBeGreaterThan(since + MINUTE / 1000)
      let woken = state
      for (const share of shares.toSorted((a, b) => a - b))
        woken = step(woken, due, at(since + Math.floor((next - since) * share)), window).state
      expect({ ...woken, seen: state.seen }).toEqual(state)
      // Nor do they change what comes of it.
      expect(step(woken, due, at(next), window)).toEqual(step(state, due, at(next), window))
      expect(step(state, due, at(next), window).state.obtaining).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
