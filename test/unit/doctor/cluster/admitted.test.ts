import { beforeAll, describe, expect, test } from 'vitest'
import { admitted } from '../../../../src/doctor/cluster/checks/admitted.ts'
import { gen, type Json, ROLE } from '../../../support/gen.ts'
import { bundles } from './ca.ts'
import { FORBIDDEN, groundOf, injectedPod, look, PATHS, refusing, world } from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})
type Setup = Parameters<typeof groundOf>[1]
const tryOut = (things: Readonly<Record<string, unknown>> = {}, setup: Setup = {}) =>
  look(admitted, groundOf(world(good, things), setup).ground)

const bare = { [PATHS.pod]: gen.pod() }
const deployment = (annotations: Json = { 'lanyard.dev/role-arn': ROLE }): Record<string, unknown> => ({
  '/apis/apps/v1/namespaces/shop/deployments/web': {
    metadata: { name: 'web', namespace: 'shop', uid: 'd' },
    spec: { template: { metadata: { annotations, labels: { app: 'web' } }, spec: { containers: [gen.container()] } } },
  },
  [PATHS.pods]: [],
})
const DEPLOY = { target: 'deploy/web' } as const
const NOT_HIS = refusing('pods is forbidden: User "eve" cannot create resource "pods" in API group ""')

test('a pod that is there with its sidecar, or over, has been made', async () => {
  const { ground, asked } = groundOf(
    world(good, { [PATHS.pods]: [injectedPod(), { ...gen.pod(), status: { phase: 'Failed' } }] }),
    {
      target: 'ns/shop',
    },
  )
  expect(await look(admitted, ground)).toEqual([])
  expect(asked.filter(({ object }) => object !== undefined)).toEqual([])
})

test('a pod is tried without what belongs to the one that is there', async () => {
  const pod = gen.pod({ 'role-arn': ROLE }, { nodeName: 'n', ephemeralContainers: [] })
  const { ground, asked } = groundOf(world(good, { [PATHS.pod]: { ...pod, status: { phase: 'Running' } } }))
  expect(await look(admitted, ground)).toEqual([])
  const { place, object } = asked.find((each) => each.object !== undefined) ?? {}
  expect(place?.path).toBe('/api/v1/namespaces/shop/pods?dryRun=All')
  expect(object).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'lanyard-doctor-', annotations: { 'lanyard.dev/role-arn': ROLE } },
    spec: { containers: [gen.container()] },
  })
})

test('a template is tried as it is, with its labels', async () => {
  const { ground, asked } = groundOf(world(good, deployment()), DEPLOY)
  expect(await look(admitted, ground)).toEqual([])
  expect(asked.find((each) => each.object !== undefined)?.object).toMatchObject({
    metadata: { labels: { app: 'web' } },
  })
})

test('a refusal is explained', async () => {
  expect(await tryOut(bare, { creating: refusing('exceeded quota: small, requested: x') })).toMatchObject([
    { verdict: 'fail', code: 'QuotaExceeded', subject: 'pod/web' },
  ])
})

test('what Lanyard denies is not tried', async () => {
  expect(await tryOut({ [PATHS.pod]: gen.pod({ 'role-arm': 'x' }) })).toEqual([
    { verdict: 'skip', message: 'what Lanyard denies need not be tried' },
  ])
})

describe('a pod that comes out without a sidecar', () => {
  const losing = { creating: () => ({ status: 201, value: gen.pod() }) }
  const policy = { [PATHS.configurations]: [], [PATHS.policies]: [] }

  test('was meant to have one', async () => {
    expect(await tryOut(bare, losing)).toMatchObject([{ verdict: 'fail', code: 'PodNotInjected' }])
  })

  test('asks for a role, where nobody here can decide', async () => {
    expect(await tryOut({ ...bare, ...policy }, losing)).toMatchObject([{ code: 'PodNotInjected' }])
    const forbidden = { ...bare, [PATHS.configurations]: FORBIDDEN }
    expect(await tryOut(forbidden, losing)).toMatchObject([{ code: 'PodNotInjected' }])
    expect(await tryOut(forbidden, { creating: refusing('hm') })).toMatchObject([{ code: 'PodRefused' }])
  })

  test('did not ask for one', async () => {
    expect(await tryOut({ ...policy, [PATHS.pod]: gen.pod({ inject: 'false', 'role-arn': ROLE }) }, losing)).toEqual([])
    expect(await tryOut({ ...policy, [PATHS.pod]: gen.pod({}) }, losing)).toEqual([])
  })
})

describe('what a controller was told', () => {
  const event = (name: string, message: string, lastTimestamp?: string) => ({
    involvedObject: { name },
    message,
    lastTimestamp,
  })
  const events = [
    event('web-5d', 'Error creating: exceeded quota: small, requested: x', '2026-11-27T11:00:00Z'),
    event('web-5d', 'Error creating: older', '2026-11-27T10:00:00Z'),
    event('other', 'Error creating: other', '2026-11-27T12:00:00Z'),
    event('web', 'Error creating: without a time'),
  ]
  const told = { ...deployment(), [PATHS.events]: events }

  test('is over where the dry run passes', async () => {
    expect(await tryOut(told, DEPLOY)).toEqual([
      {
        verdict: 'ok',
        subject: 'deployment/web',
        message: expect.stringMatching(/tries again by itself: .*exceeded quota: small/),
      },
    ])
  })

  test('counts where nothing can be tried', async () => {
    for (const setup of [{ isDryRunAllowed: false }, { creating: NOT_HIS }] as const)
      expect(await tryOut(told, { ...DEPLOY, ...setup })).toMatchObject([
        { verdict: 'fail', code: 'QuotaExceeded' },
        { verdict: 'skip' },
      ])
  })

  test('is not known where there are no events, or none that he may see, or it is a pod', async () => {
    for (const things of [deployment(), { ...deployment(), [PATHS.events]: FORBIDDEN }])
      expect(await tryOut(things, { ...DEPLOY, isDryRunAllowed: false })).toEqual([
        { verdict: 'skip', message: 'no dry run is to be made' },
      ])
    expect(await tryOut(bare, { creating: NOT_HIS })).toEqual([
      { verdict: 'skip', message: 'you may not create pods, which a dry run needs' },
    ])
  })
})

test('of very many pods some are tried', async () => {
  const pods = Array.from({ length: 23 }, (_, index) => {
    const pod = gen.pod()
    return { ...pod, metadata: { ...(pod['metadata'] as Json), name: `web-${index}` } }
  })
  const { ground, asked } = groundOf(world(good, { [PATHS.pods]: pods }), { target: 'ns/shop' })
  expect(await look(admitted, ground)).toEqual([{ verdict: 'skip', message: 'of 23 pods 20 were tried' }])
  expect(asked.filter(({ object }) => object !== undefined)).toHaveLength(20)
})
