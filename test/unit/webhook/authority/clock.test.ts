import { describe, expect, test } from 'vitest'
import { checkTrust, passTrusted, settled, whyDistrusted } from './checks.ts'
import { createWorld, DAY, HOUR, MINUTE, SECOND, settings } from './world.ts'

describe('a clock', () => {
  test.each([
    ['forward a little', 10 * MINUTE],
    ['forward by more than a certificate lives', 2 * HOUR],
    ['forward by more than authorities live', 10 * HOUR],
    ['back a little', -2 * MINUTE],
    ['back by hours', -90 * MINUTE],
    ['back by days', -3 * DAY],
  ])('of one replica that is set %s does not harm the other', async (_what, by) => {
    const { world, replicas } = await settled()
    const [right, wrong] = replicas
    const writes = (): number => world.cluster.calls.filter((call) => call.startsWith('write')).length
    const before = writes()
    wrong.jump(by)
    await passTrusted(world, [right], 20 * SECOND)
    await passTrusted(world, [right], 20 * MINUTE, MINUTE)
    expect(writes() - before).toBeLessThan(12)
    expect(whyDistrusted(wrong.authority.current(), world.cluster.bundles[0] ?? '', world.clock.now() + by)).toBe(
      undefined,
    )
    wrong.jump(-by)
    await world.advance(2 * MINUTE)
    await passTrusted(world, replicas, 3 * HOUR, 10 * MINUTE)
  })

  test('that is set back has a certificate replaced that would be renewed too late', async () => {
    const world = createWorld()
    const replica = world.start()
    await world.advance(16 * MINUTE)
    const { cert } = replica.authority.current()
    replica.jump(-10 * MINUTE)
    await world.advance(MINUTE)
    expect(replica.authority.current().cert).not.toBe(cert)
    checkTrust(world, [replica])
  })

  test('of a process that was busy when a pass came due does not put it off', async () => {
    const world = createWorld()
    const { authority, stall } = world.start()
    await world.advance(10 * MINUTE)
    authority.changed()
    await world.advance(0)
    const reads = (): number => world.cluster.calls.filter((call) => call === 'readSecret').length
    const before = reads()
    // Too soon after the other, so it waits; and the time for which it waits is over before it has armed its timer.
    authority.changed()
    stall(10 * SECOND)
    await world.advance(SECOND)
    expect(reads()).toBeGreaterThan(before)
  })

  test('that is ahead makes no certificate of the future', async () => {
    const world = createWorld()
    const right = world.start()
    await world.advance(10 * MINUTE)
    const ahead = world.start({ offset: 30 * MINUTE })
    await passTrusted(world, [right, ahead], 20 * MINUTE, MINUTE)
  })

  test('that is set to and fro makes no authority each time', async () => {
    const { world, replicas } = await settled()
    for (let round = 0; round < 20; round += 1) {
      for (const { jump } of replicas) jump(round % 2 === 0 ? -HOUR : HOUR)
      await world.advance(2 * MINUTE)
    }
    const created = replicas.flatMap(({ lines }) => lines.filter(({ event }) => event === 'authority created'))
    expect(created.length).toBeLessThanOrEqual(4)
  })

  test('that is set while an authority settles shortens nothing', async () => {
    const world = createWorld()
    const replica = world.start()
    await world.advance(SECOND)
    replica.jump(30 * MINUTE)
    await world.advance(settings.settle - 2 * SECOND)
    expect(replica.authority.trusted()).toBe(false)
    await world.advance(SECOND)
    expect(replica.authority.trusted()).toBe(true)
  })
})
