import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLIENT_WINDOWS, HARD_STOP, renewAt, retryAfter } from '../../../src/credentials/schedule.ts'
import type { Milliseconds } from '../../../src/credentials/types.ts'
import type { Code, Retry } from '../../../src/errors/index.ts'
import { codesOf, failure, HOUR, MINUTE, NOW, SECOND } from './support.ts'
import { type StsAct, World } from './world.ts'

const RUNS = { numRuns: 1000 }
/** Of worlds that live for an hour or longer and have less to vary. */
const FEWER_RUNS = { numRuns: 300 }
/** A try is never further away than that while there is as little left. */
const MOST = 10 * SECOND
const ATTEMPT = 10 * SECOND

const retryCodes = [...codesOf('backoff'), ...codesOf('rereadToken'), ...codesOf('slow'), 'Internal' as const]
const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const takes = fc.integer({ min: 0, max: 9 * SECOND })
const success = fc.record({ kind: fc.constant('ok' as const), takes })
const failureOf = (codes: readonly Code[]) =>
  fc.record({ kind: fc.constant('fail' as const), takes, code: fc.constantFrom(...codes) })
const hang = fc.constant<StsAct>({ kind: 'hang', takes: 0 })
const bug = fc.constant<StsAct>({ kind: 'throw', takes: 0 })
/** Settles after the deadline, whatever the signal said. */
const late = fc.record({ kind: fc.constant('ok' as const), takes: fc.integer({ min: 11 * SECOND, max: 2 * MINUTE }) })
const acts = fc.oneof(
  { weight: 5, arbitrary: success },
  { weight: 4, arbitrary: failureOf(retryCodes) },
  { weight: 1, arbitrary: hang },
  { weight: 1, arbitrary: late },
  { weight: 1, arbitrary: bug },
)
const lifetimes = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 15 * MINUTE, max: 2 * HOUR }) },
  { weight: 1, arbitrary: fc.constantFrom(15 * MINUTE, HOUR, 12 * HOUR) },
)
const offsets = fc.oneof(
  fc.integer({ min: -6 * SECOND, max: 6 * SECOND }),
  fc.integer({ min: -24 * HOUR, max: 24 * HOUR }),
)

type Move =
  /** In shares of a lifetime. */
  | { readonly kind: 'pass' | 'suspend'; readonly share: number }
  | { readonly kind: 'asked' }
  | { readonly kind: 'jump'; readonly by: Milliseconds }
  | { readonly kind: 'restart'; readonly share: number; readonly by: Milliseconds }
const jumps = fc.oneof(
  fc.integer({ min: -3 * SECOND, max: 3 * SECOND }),
  fc.integer({ min: -MINUTE, max: MINUTE }),
  fc.integer({ min: -13 * HOUR, max: 13 * HOUR }),
)
const share = fc.double({ min: 0, max: 0.5, noNaN: true })
const moves = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<Move>[]>(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), share }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('asked' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('suspend' as const), share }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('jump' as const), by: jumps }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), share, by: jumps }) },
  ),
  { minLength: 4, maxLength: 16 },
)

async function play(world: World, move: Move, lifetime: Milliseconds): Promise<void> {
  if (move.kind === 'pass') return world.clock.advance(Math.round(move.share * lifetime))
  if (move.kind === 'suspend') return world.suspend(Math.round(move.share * lifetime))
  if (move.kind === 'jump') return world.jump(move.by)
  if (move.kind === 'restart') return world.restart(Math.round(move.share * lifetime), move.by)
  for (let count = 0; count < 3; count += 1) void world.session.asked(700)
  await world.clock.advance(SECOND)
}

/** How much of a session's life an outage may take. */
const leadOf = (lifetime: Milliseconds): Milliseconds =>
  NOW + lifetime - renewAt({ received: NOW, lifetime, window: CLIENT_WINDOWS.container, due: NOW }, 0)

describe('whatever STS, the clock and the node do', () => {
  test('nothing is served past its true expiry, nothing valid withheld, and attempts never overlap', async () => {
    const script = fc.array(acts, { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(lifetimes, offsets, seeds, script, moves, async (lifetime, offset, seed, list, path) => {
        const act = (attempt: number): StsAct => list[attempt % list.length] ?? { kind: 'hang', takes: 0 }
        const world = new World({ lifetime, offset, seed, act })
        world.session.start()
        for (const move of path) {
          await play(world, move, lifetime)
          world.check()
        }
        // Time ends in an outage: what is held runs out.
        await world.clock.advance(lifetime / 4)
        world.session.stop()
      }),
      RUNS,
    )
  }, 120_000)
})

describe('an outage', () => {
  test('shorter than lead, hard stop and backoff allow is noticed by nobody', async () => {
    const outage = fc.array(fc.oneof(failureOf(codesOf('backoff')), hang, bug), { minLength: 1, maxLength: 8 })
    const shares = fc.record({
      from: fc.double({ min: 0, max: 2, noNaN: true }),
      lasts: fc.double({ min: 0.5, max: 1, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(
        lifetimes,
        seeds,
        outage,
        shares,
        takes,
        async (lifetime, seed, list, { from, lasts }, delay) => {
          const longest = leadOf(lifetime) - HARD_STOP - MOST - 2 * ATTEMPT
          const begins = NOW + Math.round(3 * SECOND + from * (lifetime - leadOf(lifetime)))
          const ends = begins + Math.floor(lasts * longest)
          const act = (attempt: number): StsAct => {
            const now = world.clock.trueNow()
            if (now < begins || now >= ends) return { kind: 'ok', takes: now === NOW ? 0 : delay }
            return list[attempt % list.length] ?? { kind: 'hang', takes: 0 }
          }
          const world: World = new World({ lifetime, seed, act })
          world.session.start()
          await world.clock.advance(ends - NOW + lifetime)
          expect(world.wasNone).toBe(false)
          world.session.stop()
        },
      ),
      FEWER_RUNS,
    )
  }, 120_000)
})

describe('attempts', () => {
  /** How many fit into an hour, by the policy, each waiting what `jitter` makes of it. */
  function fitting(policy: Retry, jitter: number): number {
    let count = 1
    for (let time = 0; time <= HOUR; count += 1) time += retryAfter(policy, count, 0, jitter)
    return count
  }
  /** Backoff is full jitter, so only its mean is known: 40 % above it is more than five deviations. */
  const most = (policy: Retry): number =>
    policy === 'backoff' ? Math.ceil(1.4 * fitting(policy, 0.5)) : fitting(policy, policy === 'slow' ? 1 : 0)

  test(`are few in an hour of failures: ${most('backoff')}, ${most('rereadToken')}, ${most('slow')} by policy`, async () => {
    expect([most('backoff'), most('rereadToken'), most('slow')].every((count) => count < 100)).toBe(true)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...retryCodes), seeds, fc.boolean(), async (code, seed, impatient) => {
        const world = new World({ lifetime: HOUR, seed, act: () => ({ kind: 'fail', takes: 0, code }) })
        world.session.start()
        for (let time = 0; time < HOUR; time += 15 * SECOND) {
          if (impatient) void world.session.asked(700)
          await world.clock.advance(15 * SECOND)
        }
        expect(world.attempts.length).toBeLessThanOrEqual(most(failure(code).retry))
        expect(world.attempts.length).toBeGreaterThan(10)
        world.session.stop()
      }),
      FEWER_RUNS,
    )
  }, 120_000)

  test('are at least a minute apart while STS is well, whatever life it gives', async () => {
    const lives = fc.oneof(fc.integer({ min: 0, max: 15 * MINUTE }), lifetimes)
    await fc.assert(
      fc.asyncProperty(lives, seeds, async (lifetime, seed) => {
        const world = new World({ lifetime, seed, act: () => ({ kind: 'ok', takes: 0 }) })
        world.session.start()
        for (let time = 0; time < 30 * MINUTE; time += MINUTE / 2) {
          void world.session.asked(0)
          await world.clock.advance(MINUTE / 2)
        }
        const gaps = world.attempts.slice(1).map((at, index) => at - (world.attempts[index] ?? at))
        expect(Math.min(HOUR, ...gaps)).toBeGreaterThanOrEqual(MINUTE)
        world.session.stop()
      }),
      FEWER_RUNS,
    )
  }, 120_000)
})
