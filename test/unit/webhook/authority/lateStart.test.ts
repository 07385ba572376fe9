import { expect, test } from 'vitest'
import { checkTrust } from './checks.ts'
import { createWorld, MINUTE, type Replica, SECOND } from './world.ts'

test('a replica that starts whenever serves no certificate that ends before its successor may be served', async () => {
  for (let at = 100; at <= 130; at += 2) {
    const replicas: Replica[] = []
    const world = createWorld({ settings: { caLifetime: 2 * MINUTE, certificateLifetime: MINUTE } })
    replicas.push(world.start())
    await world.advance(at * SECOND)
    const late = world.start()
    for (let seconds = 0; seconds < 20; seconds += 1) {
      await world.advance(SECOND)
      const isServing = late.authority.trusted()
      checkTrust(world, isServing ? [...replicas, late] : replicas)
      if (seconds > 12) expect(isServing).toBe(true)
    }
  }
})

test('once ready, a replica that started late is ready all the time', async () => {
  for (let at = 100; at <= 130; at += 2) {
    const world = createWorld({ settings: { caLifetime: 2 * MINUTE, certificateLifetime: MINUTE } })
    world.start()
    await world.advance(at * SECOND)
    const late = world.start()
    const seen: boolean[] = []
    for (let step = 0; step < 80; step += 1) {
      await world.advance(SECOND / 4)
      seen.push(late.authority.trusted())
    }
    expect(seen.slice(seen.indexOf(true))).not.toContain(false)
  }
})
