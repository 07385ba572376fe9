import { describe, expect, test } from 'vitest'
import { CLIENT_WINDOWS, createSession, type SessionCredentials } from '../../../../src/credentials/index.ts'
import { BOOT } from '../../../bench/herd/kubelet.ts'
import { meanRate, peakRate } from '../../../bench/herd/rates.ts'
import { type HerdOptions, simulate } from '../../../bench/herd/simulate.ts'
import { createSts, type Outage } from '../../../bench/herd/sts.ts'
import { aFewMicrotasks, createVirtualClock } from '../../../support/virtualClock.ts'
import { failure, HOUR, issue, MINUTE, SECOND, seededRandom } from '../../credentials/support.ts'

const herdOf = (sidecars: number, change: Partial<HerdOptions> = {}): HerdOptions => ({
  starts: [{ sidecars, from: 0, within: 10 * SECOND }],
  span: 6 * HOUR,
  lifetime: HOUR,
  window: CLIENT_WINDOWS.container,
  seed: 1,
  ...change,
})
const outage = (from: number, minutes: number, how: Outage['how'] = 'refuses'): Outage => ({
  from,
  until: from + minutes * MINUTE,
  how,
})
const total = (calls: Uint32Array): number => calls.reduce((sum, count) => sum + count, 0)
/** The seconds in which there were calls. */
const secondsOf = (calls: Uint32Array): readonly number[] =>
  [...calls.entries()].flatMap(([second, count]) => (count > 0 ? [second] : []))

describe('a herd', () => {
  test('with a seed, is exactly that one', () => {
    const { calls, credentials, ...others } = simulate(herdOf(100))
    expect([total(calls), credentials]).toEqual([1355, 1355])
    expect([total(calls.subarray(0, 11)), total(calls.subarray(11, 60))]).toEqual([100, 0])
    expect(others).toMatchObject({ restarts: 0, without: 0, expired: 0, longestLack: 0 })
    expect(others.waits).toHaveLength(100)
    expect(simulate(herdOf(100)).calls).toEqual(calls)
    expect(simulate(herdOf(100, { seed: 2 })).calls).not.toEqual(calls)
  })

  const steady = { from: 30 * MINUTE, until: 6 * HOUR }
  const peakOf = (calls: Uint32Array): number => peakRate(calls, MINUTE, steady) / meanRate(calls, steady)

  test('asks STS evenly after its cold start, as far as chance lets so few', () => {
    // By chance alone: 1.15 of a herd that renews 175 times a minute.
    expect(peakOf(simulate(herdOf(5_000)).calls)).toBeLessThan(1.3)
  })

  test('whose jitter is broken does not: it stays together', () => {
    expect(peakOf(simulate(herdOf(5_000), () => 0).calls)).toBeGreaterThan(20)
    expect(peakOf(simulate(herdOf(5_000), () => 0.5).calls)).toBeGreaterThan(20)
  })

  test('after an outage: without jitter all come at once, with it over many minutes', () => {
    const lost = outage(2 * HOUR, 20)
    const options = herdOf(2_000, { span: 4 * HOUR, sts: { outages: [lost] } })
    const peakAfter = (calls: Uint32Array): number =>
      peakRate(calls, MINUTE, { from: lost.until, until: lost.until + HOUR }) /
      meanRate(calls, { from: 30 * MINUTE, until: 2 * HOUR })
    expect(peakAfter(simulate(options).calls)).toBeLessThan(5)
    expect(peakAfter(simulate(options, () => 0).calls)).toBeGreaterThan(10)
  })
})

describe('the gate and kubelet', () => {
  const one = (change: Partial<HerdOptions>) =>
    simulate(herdOf(1, { starts: [{ sidecars: 1, from: 0, within: 0 }], ...change }), () => 0.999)

  test('a sidecar without credentials is killed after 28 s and starts again by kubelet’s backoff', () => {
    const { calls, restarts, waits, without } = one({ span: 10 * MINUTE, sts: { outages: [outage(0, 7)] } })
    // Runs begin after 0, 28, 66, 114, 182, 290 and 478 s; the waits, of up to 2 min in the end, go on over restarts.
    expect(secondsOf(calls.subarray(0, 500))).toEqual([0, 1, 3, 7, 15, 31, 66, 130, 290, 478])
    expect([restarts, waits[0]]).toEqual([6, expect.closeTo(478_000, -3)])
    expect(without).toBe(0)
  })

  test('who never gets any is counted, and so is what it waited for', () => {
    const { waits, without, credentials, expired } = one({ span: HOUR, sts: { outages: [outage(0, 60)] } })
    expect([waits, without, credentials, expired]).toEqual([[], 1, 0, 0])
  })

  test('no gate, and no restart, for one that has started', () => {
    const { restarts, expired, longestLack } = one({ span: 6 * HOUR, sts: { outages: [outage(HOUR, 120)] } })
    expect([restarts, expired]).toEqual([0, 1])
    // Without an hour of credentials at the least, and at most a backoff after the outage.
    expect(longestLack).toBeGreaterThan(HOUR)
    expect(longestLack).toBeLessThan(2 * HOUR)
  })

  test('a lack that goes on at the end is seen', () => {
    const { expired, longestLack } = one({ span: 3 * HOUR, sts: { outages: [outage(HOUR, 600)] } })
    expect([expired, longestLack > HOUR]).toEqual([1, true])
  })
})

/** The real driver with the same STS and the same chance: the seconds in which it made its attempts. */
async function driven(options: HerdOptions): Promise<readonly number[]> {
  const clock = createVirtualClock({ start: Date.UTC(2026, 2, 4), settle: aFewMicrotasks })
  const call = createSts({ ...options.sts, random: seededRandom(options.seed + 1) })
  const began = clock.now()
  const attempts: number[] = []
  const session = createSession({
    name: 'default',
    clock,
    random: seededRandom(options.seed),
    window: options.window,
    onSettled: () => {},
    obtain: (signal) => {
      const now = clock.now() - began
      attempts.push(Math.floor(now / SECOND))
      const { takes, code } = call(now)
      return new Promise<SessionCredentials>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(failure('StsTimeout')))
        if (takes === Number.POSITIVE_INFINITY) return
        clock.wakeAt(clock.now() + takes, () => {
          if (code === undefined) resolve(issue(clock, options.lifetime, takes / 2))
          else reject(failure(code))
        })
      })
    },
  })
  await clock.advance(BOOT)
  session.start()
  await clock.advance(options.span - BOOT - 1)
  session.stop()
  return attempts
}

test.each([1, 2, 3, 4, 5, 6])('a sidecar does what the real driver does, wake-ups and all (seed %i)', async (seed) => {
  const outages = [outage(HOUR, 25), outage(4 * HOUR, 20, 'hangs'), outage(7 * HOUR, 100)]
  const brownout = { from: 10 * HOUR, until: 11 * HOUR, share: 0.5 }
  const starts = [{ sidecars: 1, from: 0, within: 0 }]
  const options = herdOf(1, { starts, span: 12 * HOUR, seed, sts: { outages, brownout } })
  const { calls } = simulate(options)
  const attempts = await driven(options)
  expect(attempts.length).toBeGreaterThan(100)
  expect(secondsOf(calls)).toEqual([...new Set(attempts)])
  expect(total(calls)).toBe(attempts.length)
})
