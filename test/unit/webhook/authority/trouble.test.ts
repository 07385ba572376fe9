import { describe, expect, test } from 'vitest'
import { type Code, Failure } from '../../../../src/errors/index.ts'
import { checkTrust, passTrusted, settled, told } from './checks.ts'
import { type Call, createWorld, HOUR, MINUTE, SECOND, settings } from './world.ts'

describe('an API server', () => {
  const failing =
    (code: Code | 'conflict', of: (call: Call) => boolean = () => true) =>
    (call: Call): Code | 'conflict' | undefined =>
      of(call) ? code : undefined

  test('that is away for longer than a certificate lives: it is renewed from the authority in memory', async () => {
    const { world, replicas } = await settled()
    world.cluster.meet = failing('ClusterUnreachable')
    const issued = replicas[0].caExpires.length
    await passTrusted(world, replicas, 90 * MINUTE, MINUTE)
    expect(replicas[0].caExpires.length).toBeGreaterThan(issued + 5)
    expect(told(replicas[0], 'error')).toEqual([expect.stringContaining('ClusterUnreachable')])
    world.cluster.meet = () => undefined
    await world.advance(MINUTE)
    expect(replicas[0].lines.at(-1)).toMatchObject({ event: 'authority reconciled again' })
  })

  test('that is away until both authorities have expired: it says so, and comes back by itself', async () => {
    const { world, replicas } = await settled()
    world.cluster.meet = failing('ClusterUnreachable')
    await world.advance(125 * MINUTE)
    expect(replicas[0].authority.trusted()).toBe(false)
    world.cluster.meet = () => undefined
    await world.advance(MINUTE)
    await passTrusted(world, replicas, 10 * MINUTE, MINUTE)
  })

  test('that never answers keeps no certificate from being renewed', async () => {
    const { world, replicas } = await settled()
    world.cluster.meet = () => new Promise(() => {})
    await passTrusted(world, replicas, HOUR, MINUTE)
  })

  test('that is away at the start is asked again, up to 30 s apart', async () => {
    const world = createWorld()
    world.cluster.meet = failing('ClusterUnreachable')
    const replica = world.start()
    await world.advance(HOUR)
    expect(world.cluster.calls.length).toBeGreaterThan(3_600 / 30)
    expect(world.cluster.calls.length).toBeLessThan(3_600 / 10)
    expect(told(replica, 'error')).toHaveLength(1)
    world.cluster.meet = () => undefined
    await world.advance(30 * SECOND + settings.settle)
    expect(replica.authority.trusted()).toBe(true)
  })

  test.each<[string, Call[]]>([
    ['to read', ['readSecret', 'readTrust']],
    ['to the Secret', ['readSecret', 'writeSecret']],
    ['to the configuration', ['readTrust', 'writeTrust']],
    ['to write', ['writeSecret', 'writeTrust']],
  ])('that takes the rights away %s and gives them back', async (_what, calls) => {
    const { world, replicas } = await settled()
    world.cluster.meet = failing('ClusterForbidden', (call) => calls.includes(call))
    await passTrusted(world, replicas, 90 * MINUTE, MINUTE)
    world.cluster.meet = () => undefined
    await world.advance(MINUTE)
    await passTrusted(world, replicas, 2 * HOUR, 5 * MINUTE)
    const errors = told(replicas[0], 'error')
    expect(errors).toEqual([expect.stringContaining('ClusterForbidden')])
    const between = world.cluster.calls.length
    expect(between).toBeLessThan(2_000)
  })

  test('that lets a new replica read alone: it serves by what is there', async () => {
    const world = createWorld()
    const [old] = [world.start()]
    await world.advance(HOUR - 10 * SECOND)
    old.authority.stop()
    await world.advance(MINUTE)
    world.cluster.meet = failing('ClusterForbidden', (call) => call.startsWith('write'))
    const replica = world.start()
    await world.advance(SECOND)
    expect(told(replica, 'error')).toHaveLength(1)
    await passTrusted(world, [replica], 20 * MINUTE, MINUTE)
  })

  test('that fails in another way than before: that is said as well, and the same is not said again', async () => {
    const { world, replicas } = await settled()
    let message = 'first'
    world.cluster.meet = () => Promise.reject(new Failure({ code: 'ClusterUnreachable', message }))
    await world.advance(20 * MINUTE)
    message = 'second'
    await world.advance(20 * MINUTE)
    expect(told(replicas[0], 'error')).toEqual([expect.stringContaining('first'), expect.stringContaining('second')])
  })

  test('that refuses a repair: it is said when it is done', async () => {
    const { world, replicas } = await settled()
    world.cluster.meet = failing('ClusterForbidden', (call) => call === 'writeSecret')
    world.cluster.setValues({ ...world.cluster.values, 'authority-x': 'stray' })
    await world.advance(10 * MINUTE)
    const repaired = (): string[] => replicas.flatMap((replica) => told(replica, 'warn'))
    expect(repaired()).toEqual([])
    world.cluster.meet = () => undefined
    await world.advance(2 * MINUTE)
    expect(repaired()).toEqual([expect.stringContaining('authority repaired')])
  })

  test('that answers every write with a conflict is left in peace between the attempts', async () => {
    const world = createWorld()
    world.cluster.meet = failing('conflict', (call) => call === 'writeSecret')
    const replica = world.start()
    await world.advance(3 * MINUTE)
    expect(told(replica, 'error')).toEqual([expect.stringContaining('ClusterConflict')])
    expect(world.cluster.calls.filter((call) => call === 'writeSecret').length).toBeLessThan(180)
    world.cluster.meet = () => undefined
    await world.advance(MINUTE)
    checkTrust(world, [replica])
    expect(replica.authority.trusted()).toBe(true)
  })

  test('whose conflicts come in storms is written to in the end', async () => {
    const world = createWorld()
    let writes = 0
    world.cluster.meet = (call) => {
      if (!call.startsWith('write')) return undefined
      writes += 1
      return writes % 4 === 0 ? undefined : 'conflict'
    }
    const replicas = Array.from({ length: 5 }, () => world.start())
    await world.advance(5 * MINUTE)
    expect(replicas.every(({ authority }) => authority.trusted())).toBe(true)
    checkTrust(world, replicas)
  })
})
