import { describe, expect, test } from 'vitest'
import { createMint } from '../../../../src/webhook/authority/mint.ts'
import { certificatesIn, passTrusted, settled, told } from './checks.ts'
import { type Call, createWorld, HOUR, MINUTE, SECOND, settings, type World } from './world.ts'

const count = ({ cluster }: World, call: Call): number => cluster.calls.filter((each) => each === call).length

/** Somebody else undoes at once what is written; gives back how to end that. */
function fight({ cluster, clock }: World, undo: () => void): () => void {
  const tell = cluster.onChange
  let isOver = false
  cluster.onChange = () => {
    tell()
    clock.wakeAt(clock.now() + 100, () => {
      if (!isOver) undo()
    })
  }
  undo()
  return () => {
    isOver = true
  }
}

describe('somebody else who writes the same again and again', () => {
  test('is answered ever more slowly, it is said once, and when that is over all is as it was', async () => {
    const { world, replicas } = await settled()
    const right = world.cluster.bundles[0] ?? ''
    const before = count(world, 'writeTrust')
    const isTheirs = (): boolean => world.cluster.bundles[0] === 'THEIRS'
    const end = fight(world, () => void (isTheirs() || world.cluster.setBundles(['THEIRS', 'THEIRS'])))
    await world.advance(30 * MINUTE)
    expect(count(world, 'writeTrust') - before).toBeLessThan(2 * (7 + 30))
    expect(count(world, 'writeTrust') - before).toBeGreaterThan(20)
    for (const replica of replicas) {
      expect(told(replica, 'warn')).toEqual([expect.stringMatching(/^caBundle contested: .*ClusterConflict/)])
    }
    end()
    await world.advance(MINUTE)
    expect(new Set(world.cluster.bundles)).toEqual(new Set([right]))
    await passTrusted(world, replicas, 3 * MINUTE, 10 * SECOND)
    world.cluster.setBundles(['', ''])
    await world.advance(SECOND)
    expect(world.cluster.bundles).toEqual([right, right])
  })

  test('of the Secret is answered ever more slowly as well', async () => {
    const { world } = await settled()
    const before = count(world, 'writeSecret')
    fight(world, () => {
      if (world.cluster.values['authority-x'] === undefined)
        world.cluster.setValues({ ...world.cluster.values, 'authority-x': 'THEIRS' })
    })
    await world.advance(30 * MINUTE)
    expect(count(world, 'writeSecret') - before).toBeLessThan(2 * (7 + 30))
  })
})

test('changes that are told of do not cancel the patience after failures', async () => {
  const world = createWorld({ hasWatch: false })
  world.cluster.meet = (call) => (call === 'writeSecret' ? 'ClusterForbidden' : undefined)
  const { authority } = world.start()
  for (let at = 0; at < 10 * MINUTE; at += SECOND) {
    authority.changed()
    await world.advance(SECOND)
  }
  expect(count(world, 'readTrust')).toBeLessThan(20)
})

test('forty authorities that somebody puts there come down to sixteen at once, ours among them', async () => {
  const { world, replicas } = await settled()
  const ours = certificatesIn(world.cluster.bundles[0] ?? '').map(String)
  const mint = createMint(settings)
  const now = world.clock.now()
  const planted = await Promise.all(
    Array.from({ length: 40 }, (_, index) => mint.authority({ created: now, expires: now + HOUR - index * SECOND })),
  )
  const entries = planted.flatMap(({ cert, key }, index) => [
    [`authority-${index + 3}.crt`, cert],
    [`authority-${index + 3}.key`, key],
  ])
  const writes = (): number => count(world, 'writeSecret') + count(world, 'writeTrust')
  const before = writes()
  world.cluster.setValues({ ...world.cluster.values, ...Object.fromEntries(entries) })
  await passTrusted(world, replicas, 20 * SECOND)
  await passTrusted(world, replicas, 20 * MINUTE, MINUTE)
  const bundle = certificatesIn(world.cluster.bundles[0] ?? '').map(String)
  expect(bundle).toHaveLength(16)
  expect(bundle).toEqual(expect.arrayContaining(ours))
  expect(writes() - before).toBeLessThanOrEqual(4)
  await passTrusted(world, replicas, 3 * HOUR, 10 * MINUTE)
  expect(certificatesIn(world.cluster.bundles[0] ?? '').length).toBeLessThanOrEqual(4)
}, 60_000)

test('an entry that lacks the bundle while the Secret is emptied makes nobody forget what the other entry trusts', async () => {
  const { world } = await settled()
  const [right = ''] = world.cluster.bundles
  world.cluster.onChange = () => {}
  world.cluster.setBundles([right, ''])
  world.cluster.setValues({})
  await world.advance(5 * MINUTE)
  const bundle = certificatesIn(world.cluster.bundles[1] ?? '').map(String)
  expect(bundle).toEqual(expect.arrayContaining(certificatesIn(right).map(String)))
})

test('what retired is trusted no more soon after its time is over, though a pass has just been', async () => {
  const world = createWorld({ hasWatch: false })
  const { authority } = world.start()
  await world.advance(10 * MINUTE)
  world.cluster.setValues({})
  authority.changed()
  await world.advance(15 * MINUTE - SECOND / 2)
  const retired = (): number => Object.keys(world.cluster.values).filter((key) => key.endsWith('.until')).length
  expect(retired()).toBe(2)
  authority.changed()
  await world.advance(2 * SECOND)
  expect(retired()).toBe(0)
})
