import { describe, expect, test } from 'vitest'
import { certificatesIn, checkTrust, HOST, signerOf, whyDistrusted } from './checks.ts'
import { createWorld, HOUR, MINUTE, SECOND, settings } from './world.ts'

const events = (lines: readonly { level: string; event: string }[]): string[] =>
  lines.map(({ level, event }) => `${level}: ${event}`)

describe('the first start', () => {
  test('makes two authorities, has both trusted, and serves only when that has settled', async () => {
    const { cluster, start, advance, clock } = createWorld()
    const replica = start()
    const { authority, lines, caExpires } = replica
    let isReady = false
    void authority.ready().then(() => {
      isReady = true
    })
    expect(() => authority.current()).toThrow(
      /CertificateInvalid: the built-in authority has issued no certificate yet/,
    )
    await advance(settings.settle - 1)
    expect([isReady, authority.trusted(), caExpires]).toEqual([false, false, []])
    expect(Object.keys(cluster.values)).toEqual([
      'ca.crt',
      'authority-1.crt',
      'authority-1.key',
      'authority-2.crt',
      'authority-2.key',
    ])
    expect(cluster.bundles).toEqual([cluster.values['ca.crt'], cluster.values['ca.crt']])
    await advance(1)
    expect([isReady, authority.trusted()]).toEqual([true, true])
    const [first, second] = certificatesIn(cluster.bundles[0] ?? '').map(({ validTo }) => Date.parse(validTo))
    expect([first, second].map((expires) => Math.round(((expires ?? 0) - clock.now()) / MINUTE))).toEqual([60, 120])
    expect(caExpires).toEqual([(first ?? 0) / 1_000])
    expect(signerOf(replica, cluster.bundles[0] ?? '')).toBe(0)
    expect(whyDistrusted(authority.current(), cluster.bundles[0] ?? '', clock.now())).toBeUndefined()
    expect(events(lines)).toEqual([
      'info: authority created',
      'info: authority created',
      'info: caBundle written',
      'info: serving certificate issued',
    ])
  })

  test('of many replicas at once ends with the same two authorities', async () => {
    const world = createWorld()
    const replicas = Array.from({ length: 7 }, () => world.start())
    await world.advance(MINUTE)
    expect(certificatesIn(world.cluster.bundles[0] ?? '')).toHaveLength(2)
    expect(replicas.map(({ authority }) => authority.trusted())).toEqual(replicas.map(() => true))
    checkTrust(world, replicas)
    expect(world.cluster.history).toHaveLength(2)
    const leaves = replicas.map(({ authority }) => authority.current().key)
    expect(new Set(leaves).size).toBe(replicas.length)
  })

  test('keeps the key of the serving certificate out of the cluster and all keys out of the log', async () => {
    const { cluster, start, advance } = createWorld()
    const { authority, lines } = start()
    await advance(MINUTE)
    const body = authority.current().key.split('\n').slice(1, 3).join('')
    expect(JSON.stringify([cluster.values, cluster.bundles]).replaceAll('\\n', '')).not.toContain(body)
    expect(JSON.stringify(lines)).not.toContain('PRIVATE')
  })

  test('leaves values of the Secret alone that are none of ours', async () => {
    const { cluster, start, advance } = createWorld()
    cluster.setValues({ note: 'do not touch' })
    start()
    await advance(MINUTE)
    expect(cluster.values['note']).toBe('do not touch')
  })
})

describe('a later start', () => {
  test('serves at once by an authority that has long been in every caBundle', async () => {
    const { start, advance, cluster } = createWorld()
    start()
    await advance(settings.settle + MINUTE)
    const later = start()
    await advance(0)
    expect(later.authority.trusted()).toBe(true)
    expect(cluster.history).toHaveLength(2)
  })

  test.each([
    ['that is younger', MINUTE - SECOND],
    ['that an entry of the configuration lacks', 20 * MINUTE],
  ])('waits for an authority %s', async (what, age) => {
    const { start, advance, cluster } = createWorld()
    start().authority.changed()
    await advance(settings.settle + age)
    if (age === 20 * MINUTE) cluster.bundles = [cluster.bundles[0] ?? '', '']
    const later = start()
    await advance(settings.settle - 1)
    expect([what, later.authority.trusted()]).toEqual([what, false])
    await advance(SECOND)
    expect(later.authority.trusted()).toBe(true)
  })
})

describe('an authority', () => {
  test('that is stopped does nothing more', async () => {
    const { start, advance, cluster, clock } = createWorld()
    const { authority } = start()
    await advance(SECOND)
    const calls = cluster.calls.length
    authority.stop()
    expect(authority.trusted()).toBe(false)
    authority.changed()
    await advance(HOUR)
    expect(cluster.calls).toHaveLength(calls)
    expect(clock.pending()).toBe(0)
  })

  test('that is stopped in the middle says nothing of what it gives up', async () => {
    const { start, advance, cluster } = createWorld()
    const { promise, reject } = Promise.withResolvers<void>()
    cluster.meet = () => promise
    const { authority, lines } = start()
    await advance(SECOND)
    authority.stop()
    reject(new Error('closed'))
    await advance(HOUR)
    expect([cluster.calls.length, lines]).toEqual([1, []])
  })

  test('tells who listens of each certificate until they unsubscribe', async () => {
    const { start, advance } = createWorld()
    const { authority } = start()
    const told: string[] = []
    const unfollow = authority.onChange(({ cert }) => told.push(cert))
    await advance(settings.settle)
    expect(told).toEqual([authority.current().cert])
    await advance(14 * MINUTE)
    expect(told).toHaveLength(2)
    expect(told[1]).toBe(authority.current().cert)
    unfollow()
    await advance(20 * MINUTE)
    expect(told).toHaveLength(2)
  })

  test('looks after its objects every five minutes, and at a burst of changes once a second', async () => {
    const { start, advance, cluster } = createWorld({ hasWatch: false })
    const { authority } = start()
    await advance(MINUTE)
    const reads = (): number => cluster.calls.filter((call) => call === 'readTrust').length
    const before = reads()
    await advance(30 * MINUTE)
    expect(reads() - before).toBeGreaterThanOrEqual(6)
    expect(reads() - before).toBeLessThanOrEqual(7)
    const calm = reads()
    for (let at = 0; at < 10 * SECOND; at += 10) {
      authority.changed()
      await advance(10)
    }
    expect(reads() - calm).toBeLessThanOrEqual(11)
    expect(reads() - calm).toBeGreaterThanOrEqual(10)
  })

  test('is named as the API server calls it', async () => {
    const { start, advance } = createWorld()
    const { authority } = start()
    await advance(MINUTE)
    expect(HOST).toBe('lanyard-webhook.lanyard-system.svc')
    expect(certificatesIn(authority.current().cert)[0]?.subjectAltName).toBe(
      'DNS:lanyard-webhook.lanyard-system.svc, DNS:lanyard-webhook.lanyard-system.svc.cluster.local',
    )
  })
})
