import { describe, expect, test } from 'vitest'
import { createMint } from '../../../../src/webhook/authority/mint.ts'
import { certificatesIn, checkTrust, passTrusted, settled, told } from './checks.ts'
import { createWorld, MINUTE, SECOND, settings } from './world.ts'

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
