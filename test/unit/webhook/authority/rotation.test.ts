import { describe, expect, test } from 'vitest'
import { certificatesIn, checkTrust, passTrusted, signerOf } from './checks.ts'
import { createWorld, DAY, HOUR, MINUTE, type Replica, SECOND, settings } from './world.ts'

/** How many authorities have signed what the replica served, so far. */
const turnsOf = ({ caExpires }: Replica): number => new Set(caExpires).size

describe('rotation', () => {
  test('over three lifetimes never serves what an API server may not trust yet, or any more', async () => {
    const world = createWorld()
    const replicas = [world.start(), world.start()]
    await world.advance(settings.settle)
    for (let at = 0; at < 3 * settings.caLifetime; at += MINUTE) {
      await world.advance(MINUTE)
      expect(replicas.map(({ authority }) => authority.trusted())).toEqual([true, true])
      checkTrust(world, replicas)
      const count = certificatesIn(world.cluster.bundles[0] ?? '').length
      expect(count).toBeGreaterThanOrEqual(2)
      expect(count).toBeLessThanOrEqual(4)
    }
    expect(replicas.map(turnsOf)).toEqual([7, 7])
    expect(replicas.flatMap(({ lines }) => lines.filter(({ level }) => level !== 'info'))).toEqual([])
  })

  test('holds with the shortest lifetimes that are allowed', async () => {
    const world = createWorld({ settings: { caLifetime: 2 * MINUTE, certificateLifetime: MINUTE } })
    const replica = world.start()
    await world.advance(settings.settle)
    for (let at = 0; at < 6 * MINUTE; at += SECOND) {
      await world.advance(SECOND)
      checkTrust(world, [replica])
      expect(replica.authority.trusted()).toBe(true)
    }
    expect(turnsOf(replica)).toBe(7)
  })

  test('holds with these where no watch tells one of two replicas that all was taken out', async () => {
    const short = { caLifetime: 2 * MINUTE, certificateLifetime: MINUTE }
    const world = createWorld({ hasWatch: false, settings: short })
    const replicas = [world.start(), world.start()]
    await world.advance(20 * SECOND)
    world.cluster.setValues({})
    replicas[0]?.authority.changed()
    await passTrusted(world, replicas, 3 * MINUTE)
  })

  test('holds with years on a machine that sleeps most of the time', async () => {
    const world = createWorld({ settings: { caLifetime: 365 * DAY, certificateLifetime: 7 * DAY } })
    const replica = world.start()
    await world.advance(MINUTE)
    for (let at = 0; at < 800 * DAY; at += 4 * DAY) {
      world.clock.suspend(4 * DAY)
      await world.advance(MINUTE)
      checkTrust(world, [replica])
      expect(replica.authority.trusted()).toBe(true)
    }
    expect(turnsOf(replica)).toBe(5)
  })

  test('a new authority is in every caBundle long before it signs', async () => {
    const world = createWorld()
    const replica = world.start()
    await world.advance(HOUR)
    const [second, third] = certificatesIn(world.cluster.bundles[0] ?? '').slice(-2)
    expect([signerOf(replica, String(second)), signerOf(replica, String(third))]).toEqual([0, -1])
    await world.advance(45 * MINUTE - 10 * SECOND)
    expect(signerOf(replica, String(third))).toBe(-1)
    await world.advance(10 * SECOND)
    expect(signerOf(replica, String(third))).toBe(0)
  })

  test('takes what an authority has lost of its life into account, however it came about', async () => {
    const world = createWorld()
    const replica = world.start()
    await world.advance(10 * SECOND)
    world.clock.suspend(115 * MINUTE)
    await world.advance(2 * MINUTE)
    const [, second, third] = certificatesIn(world.cluster.bundles[0] ?? '').map(({ validTo }) => Date.parse(validTo))
    expect(((third ?? 0) - (second ?? 0)) / MINUTE).toBeCloseTo(60, 0)
    checkTrust(world, [replica])
    expect(replica.authority.trusted()).toBe(true)
  })

  test('after a shorter lifetime is set retires the long one while its certificates are served', async () => {
    const world = createWorld({ settings: { caLifetime: 365 * DAY } })
    const old = world.start()
    await world.advance(HOUR)
    const young = world.start({ settings: { caLifetime: 2 * HOUR } })
    for (let at = 0; at < 40 * MINUTE; at += 10 * SECOND) {
      await world.advance(10 * SECOND)
      checkTrust(world, [old, young])
    }
    const left = certificatesIn(world.cluster.bundles[0] ?? '').map(
      ({ validTo }) => Date.parse(validTo) - world.clock.now(),
    )
    expect(left).toHaveLength(2)
    expect(Math.max(...left)).toBeLessThan(2 * HOUR)
    expect(world.cluster.history.length).toBeLessThan(6)
  })

  test('after a much shorter lifetime is set gives replicas with the long one the time to find out', async () => {
    const world = createWorld({ hasWatch: false, settings: { caLifetime: 365 * DAY } })
    const old = world.start()
    await world.advance(HOUR)
    const calls = world.cluster.calls.length
    while (world.cluster.calls.length === calls) await world.advance(SECOND)
    const young = world.start({ settings: { caLifetime: 16 * MINUTE, certificateLifetime: 8 * MINUTE } })
    await world.advance(10 * SECOND)
    await passTrusted(world, [old, young], 7 * MINUTE, 10 * SECOND)
  })
})
