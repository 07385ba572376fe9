import { expect, test } from 'vitest'
import { createWorld, MINUTE, SECOND } from './world.ts'

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
