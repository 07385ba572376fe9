import { beforeAll, describe, expect, test } from 'vitest'
import { identityGroundOf } from '../../../../src/doctor/cluster/identityGround.ts'
import { gen, type Json, ROLE } from '../../../support/gen.ts'
import { bundles } from './ca.ts'
import { configMap, FORBIDDEN, groundOf, injectedPod, METRICS, NOW, PATHS, world } from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})
const OPTIONS = { exchange: undefined, roleFile: undefined, providerFile: undefined, uptime: () => 7 }
const identity = (things: Readonly<Record<string, unknown>> = {}, setup: Parameters<typeof groundOf>[1] = {}) =>
  identityGroundOf(groundOf(world(good, things), setup).ground, OPTIONS)
const failed = (code: string): string =>
  JSON.stringify({
    time: '2026-11-27T11:59:00Z',
    session: 'default',
    msg: 'credentials not obtained',
    error: { code, message: `${code}: no` },
  })

describe('what is intended', () => {
  const expected = {
    title: 'pod/web',
    namespace: 'shop',
    subject: 'system:serviceaccount:shop:default',
    audience: 'sts.amazonaws.com',
    region: 'eu-west-1',
    roles: [{ session: 'default', roleArn: ROLE, durationSeconds: 3600 }],
    isAws: true,
  }

  test('is in the sidecar, or in what it would be', async () => {
    expect(await identity().intended()).toMatchObject(expected)
    expect(await identity({ [PATHS.pod]: gen.pod() }).intended()).toMatchObject(expected)
  })

  test('is as the process sees it', async () => {
    const pod = injectedPod(gen.pod({ 'role-arn': ROLE, audience: 'a$b' }))
    expect((await identity({ [PATHS.pod]: pod }).intended())?.audience).toBe('a$b')
  })

  test('is nothing where no pod asks, or none may know', async () => {
    expect(await identity({ [PATHS.pods]: [] }, { target: 'ns/shop' }).intended()).toBeUndefined()
    expect(await identity({ [PATHS.pod]: gen.pod({ inject: 'false' }) }).intended()).toBeUndefined()
    expect(await identity({ [PATHS.pod]: gen.pod(), [PATHS.config]: FORBIDDEN }).intended()).toBeUndefined()
    await expect(
      identity({ [PATHS.pod]: gen.pod(), [PATHS.config]: configMap({ 'aws.regoin': 'x' }) }).intended(),
    ).rejects.toThrow(/SettingUnknown/)
  })
})

describe('what the sidecar tells', () => {
  test('is of its failures, and whether it has something yet', async () => {
    expect(await identity({ [PATHS.log]: failed('StsTimeout') }).failing?.()).toEqual([
      { session: 'default', problem: { code: 'StsTimeout', message: 'no' }, isHeld: true },
    ])
    expect(await identity({ [PATHS.log]: failed('StsTimeout'), [PATHS.metrics]: FORBIDDEN }).failing?.()).toMatchObject(
      [{ isHeld: false }],
    )
    expect(await identity().failing?.()).toEqual([])
  })

  test('is of its clock, once STS has answered', async () => {
    const skewed = `${METRICS}\nlanyard_clock_skew_seconds -90`
    expect(await identity({ [PATHS.metrics]: skewed }).skew()).toBe(-90_000)
    expect(await identity().skew()).toBe(0)
    expect(await identity({ [PATHS.metrics]: 'lanyard_clock_skew_seconds 0' }).skew()).toBeUndefined()
  })

  test('is nothing of a pod that is not there, is over or has none', async () => {
    const over: Json = { ...injectedPod(), status: { phase: 'Succeeded' } }
    for (const pod of [gen.pod(), over]) {
      const { ground, asked } = groundOf(world(good, { [PATHS.pod]: pod }))
      expect(await identityGroundOf(ground, OPTIONS).failing?.()).toEqual([])
      expect(asked.some(({ place }) => place.path.includes('/log'))).toBe(false)
    }
    expect(await identity({ [PATHS.pods]: [] }, { target: 'ns/shop' }).skew()).toBeUndefined()
  })
})

test('the rest is handed on', async () => {
  const things = { '/.well-known/openid-configuration': '{}', '/openid/v1/jwks': '[]' }
  const one = identity(things)
  expect(await one.live?.()).toEqual({ discovery: '{}', keys: '[]' })
  expect([one.token, one.exchange, one.uptime(), one.now()]).toEqual([undefined, undefined, 7, NOW])
})
