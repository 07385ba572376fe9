import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { everySecond, type Fleet, type Looking, type Round, watchStatus } from '../../../src/status/index.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { NOW } from './support.ts'

const away = new Failure({ code: 'ClusterUnreachable', message: 'no connection' })

/** A cluster without pods whose lists take so long, or fail. */
function watching(...lists: readonly (number | 'fails')[]) {
  const clock = createVirtualClock({ start: NOW })
  const left = [...lists]
  const begun: number[] = []
  const fleet: Fleet = {
    async *pods() {
      begun.push(clock.now() - NOW)
      const next = left.shift() ?? 0
      if (next === 'fails') throw away
      await new Promise<void>((resolve) => void clock.wakeAt(clock.now() + next, resolve))
      yield []
    },
    metrics: async () => '',
    version: async () => undefined,
  }
  const stop = new AbortController()
  const looking: Looking = { fleet, clock, namespace: 'shop', timeout: 3_000 }
  const seen: (Round | Failure)[] = []
  const watcher = {
    round: (round: Round) => void seen.push(round),
    failed: (failure: Failure) => void seen.push(failure),
  }
  const ended = watchStatus({ looking, interval: 5_000, signal: stop.signal }, watcher)
  return { clock, looking, begun, seen, stop, ended }
}

describe('watching', () => {
  test('a round begins an interval after the last has ended, or as long after as that took', async () => {
    const { clock, begun, seen, stop, ended } = watching(1_000, 8_000, 0)
    await clock.advance(30_000)
    expect(begun).toEqual([0, 6_000, 22_000, 27_000])
    expect(seen.map((each) => ('took' in each ? each.took : 'failed'))).toEqual([1_000, 8_000, 0, 0])
    stop.abort()
    await ended
    expect(clock.pending()).toBe(0)
  })

  test('what fails at first is thrown, later it is told and passes', async () => {
    await expect(watching('fails').ended).rejects.toBe(away)
    const { clock, seen, stop, ended } = watching(0, 'fails', 0)
    await clock.advance(11_000)
    expect(seen).toMatchObject([{ pods: 0 }, { code: 'ClusterUnreachable' }, { pods: 0 }])
    stop.abort()
    await ended
  })

  test('what ends while it looks shows nothing more', async () => {
    const { clock, seen, stop, ended } = watching(1_000)
    await clock.advance(500)
    stop.abort()
    await clock.advance(1_000)
    await ended
    expect(seen).toEqual([])
    const broken = watching(0, 'fails')
    await broken.clock.advance(4_999)
    broken.stop.abort()
    await broken.ended
    expect(broken.seen).toHaveLength(1)
  })
})

test('a picture grows older every second, until the end', async () => {
  const { looking, clock, stop: other } = watching()
  other.abort()
  const stop = new AbortController()
  let calls = 0
  const ended = everySecond(looking, stop.signal, () => {
    calls += 1
  })
  await clock.advance(3_500)
  stop.abort()
  await ended
  expect(calls).toBe(3)
})
