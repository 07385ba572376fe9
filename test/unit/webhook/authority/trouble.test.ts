import { describe, expect, test } from 'vitest'
import type { Code } from '../../../../src/errors/index.ts'
import { createMint } from '../../../../src/webhook/authority/mint.ts'
import { certificatesIn, checkTrust, whyDistrusted } from './checks.ts'
import { type Call, createWorld, DAY, HOUR, MINUTE, type Replica, SECOND, settings, type World } from './world.ts'

const told = ({ lines }: Replica, level: string): string[] =>
  lines.filter((line) => line.level === level).map(({ event, fields }) => `${event}: ${fields['error']}`)

/** Two replicas that have served for a while. */
async function settled(hasWatch = true): Promise<{ world: World; replicas: [Replica, Replica] }> {
  const world = createWorld({ hasWatch })
  const replicas: [Replica, Replica] = [world.start(), world.start()]
  await world.advance(10 * MINUTE)
  return { world, replicas }
}

/** Time passes, and at every second what is served is trusted. */
async function passTrusted(world: World, replicas: readonly Replica[], time: number, step = SECOND): Promise<void> {
  for (let at = 0; at < time; at += step) {
    await world.advance(step)
    checkTrust(world, replicas)
    expect(replicas.every(({ authority }) => authority.trusted())).toBe(true)
  }
}

const foreign = await createMint({ service: 'other', namespace: 'elsewhere' }).authority({
  created: Date.UTC(2026, 2, 4),
  expires: Date.UTC(2026, 2, 5),
})
const longLived = await createMint(settings).authority({ created: Date.UTC(2026, 2, 4), expires: Date.UTC(2046, 2, 4) })

describe('a Secret that somebody else writes', () => {
  type Values = Readonly<Record<string, string>>
  const cases: [string, (values: Values) => Values, RegExp | undefined][] = [
    ['emptied', () => ({}), /taken out while certificates of it may be served/],
    [
      'with a value deleted',
      ({ 'authority-1.key': _, ...rest }) => rest,
      /authority-1: it has neither a key nor an end/,
    ],
    [
      'with a certificate deleted',
      ({ 'authority-1.crt': _, ...rest }) => rest,
      /authority-1: its certificate is no PEM/,
    ],
    [
      'with a broken certificate',
      (v) => ({ ...v, 'authority-1.crt': 'CANARY' }),
      /authority-1: its certificate is no PEM/,
    ],
    [
      'with half a certificate',
      (v) => ({
        ...v,
        'authority-1.crt': (v['authority-1.crt'] ?? '').replace(/\n[^\n]+\n[^\n]+\n-----E/, '\n-----E'),
      }),
      /authority-1: its certificate does not parse/,
    ],
    ['with a broken key', (v) => ({ ...v, 'authority-2.key': 'CANARY' }), /authority-2: its key is no PKCS #8 PEM/],
    [
      'with keys exchanged',
      (v) => ({ ...v, 'authority-1.key': v['authority-2.key'] ?? '', 'authority-2.key': v['authority-1.key'] ?? '' }),
      /authority-1: its key does not belong to its certificate/,
    ],
    [
      'with the authority of another service',
      (v) => ({ ...v, 'authority-3.crt': foreign.cert, 'authority-3.key': foreign.key }),
      /authority-3: its certificate is not for the names of this webhook/,
    ],
    [
      'with an authority that lasts for ever',
      (v) => ({ ...v, 'authority-3.crt': longLived.cert, 'authority-3.key': longLived.key }),
      /an authority expires at 2046-03-04T00:00:00.000Z, far too late/,
    ],
    [
      'with values we have no name for',
      (v) => ({ ...v, 'authority-x.crt': 'CANARY' }),
      /authority-x.crt: Lanyard has no/,
    ],
    ['with another bundle for people', (v) => ({ ...v, 'ca.crt': 'CANARY' }), undefined],
  ]

  test.each(cases)('%s is repaired, it is said, and no call is lost', async (_what, change, message) => {
    const { world, replicas } = await settled()
    world.cluster.setValues(change(world.cluster.values))
    await passTrusted(world, replicas, 20 * SECOND)
    await passTrusted(world, replicas, 25 * MINUTE, MINUTE)
    const bundle = world.cluster.bundles[0] ?? ''
    expect(world.cluster.values['ca.crt']).toBe(bundle)
    expect(certificatesIn(bundle)).toHaveLength(2)
    expect([foreign.cert, longLived.cert].filter((cert) => bundle.includes(cert.trim()))).toEqual([])
    const warnings = replicas.flatMap((replica) => told(replica, 'warn'))
    if (message === undefined) expect(warnings).toEqual([])
    else expect(warnings.join('\n')).toMatch(message)
    expect(JSON.stringify([world.cluster.values, replicas.map(({ lines }) => lines)])).not.toContain('CANARY')
    const writes = world.cluster.calls.filter((call) => call.startsWith('write')).length
    expect(writes).toBeLessThan(16)
  })

  test('before the first start with nothing usable is as if it were empty', async () => {
    const world = createWorld()
    world.cluster.setValues({ 'authority-1.crt': 'x', 'authority-1.key': 'y' })
    const replica = world.start()
    await world.advance(10 * SECOND)
    checkTrust(world, [replica])
    expect(replica.authority.trusted()).toBe(true)
    expect(told(replica, 'warn')).toHaveLength(1)
  })

  test('emptied on purpose ends the trust in what was there within twenty minutes', async () => {
    const { world, replicas } = await settled()
    const before = certificatesIn(world.cluster.bundles[0] ?? '').map(({ fingerprint256 }) => fingerprint256)
    world.cluster.setValues({})
    await passTrusted(world, replicas, 20 * MINUTE, 10 * SECOND)
    const after = certificatesIn(world.cluster.bundles[0] ?? '').map(({ fingerprint256 }) => fingerprint256)
    expect(after.filter((each) => before.includes(each))).toEqual([])
  })
})

describe('a caBundle that somebody else writes', () => {
  test.each([
    ['wiped', () => ['', '']],
    ['wiped in one entry', ([first = '']: readonly string[]) => [first, '']],
    ['replaced', () => ['CANARY', 'CANARY']],
    ['with one entry more', (bundles: readonly string[]) => [...bundles, '']],
  ])('%s is put back at once, and what is served stays', async (_what, change) => {
    const { world, replicas } = await settled()
    const right = world.cluster.bundles[0] ?? ''
    const served = replicas.map(({ authority }) => authority.current())
    const bundles = change(world.cluster.bundles)
    world.cluster.setBundles(bundles)
    await world.advance(SECOND)
    expect(world.cluster.bundles).toEqual(bundles.map(() => right))
    expect(replicas.map(({ authority }) => authority.current())).toEqual(served)
    await world.advance(settings.settle)
    await passTrusted(world, replicas, 5 * MINUTE, MINUTE)
  })

  test('is put back without a watch as well', async () => {
    const { world } = await settled(false)
    const right = world.cluster.bundles[0] ?? ''
    world.cluster.setBundles(['', ''])
    await world.advance(5 * MINUTE)
    expect(world.cluster.bundles).toEqual([right, right])
  })

  test('of a configuration without entries is a failure that says so', async () => {
    const world = createWorld()
    world.cluster.setBundles([])
    const replica = world.start()
    await world.advance(MINUTE)
    expect(told(replica, 'error')).toEqual([expect.stringMatching(/ClusterObjectMissing.*has no entries/)])
    expect(replica.authority.trusted()).toBe(false)
    world.cluster.setBundles([''])
    await world.advance(10 * SECOND)
    expect(replica.authority.trusted()).toBe(true)
  })
})

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

  test('that is set back makes a certificate one of the future, and it is replaced', async () => {
    const world = createWorld()
    const replica = world.start()
    await world.advance(16 * MINUTE)
    const { cert } = replica.authority.current()
    replica.jump(-10 * MINUTE)
    const bundle = world.cluster.bundles[0] ?? ''
    const now = (): number => world.clock.now() - 10 * MINUTE
    expect(whyDistrusted({ cert, key: '' }, bundle, now())).toBe('the certificate is not valid now')
    await world.advance(MINUTE)
    expect(whyDistrusted(replica.authority.current(), bundle, now())).toBeUndefined()
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
