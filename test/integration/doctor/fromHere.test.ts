import { afterAll, beforeAll, expect, test } from 'vitest'
import { tryFromHere } from '../../../cmd/doctor/fromHere.ts'
import type { Ground, Outside } from '../../../src/doctor/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { Sts } from '../../../src/testbed/index.ts'
import { attempts, createPod, startWorld, type World } from '../sidecar/pod.ts'

let world: World
let sts: Sts
beforeAll(async () => {
  world = await startWorld()
  sts = await world.startSts()
})
afterAll(() => world.stop())

/** A pod as it is seen from outside, and a cluster that gives tokens of its service account; `allowed` is the operator's. */
async function seen({ allowed = sts.url, status = 201 } = {}) {
  const { env } = await createPod({ world, endpoint: sts.url })
  const asked: unknown[] = []
  const create = async (place: { readonly path: string }, object: object) => {
    asked.push([place.path, object])
    return { status, value: status === 201 ? { status: { token: await world.token() } } : { kind: 'Status' } }
  }
  const ground = { cluster: { create }, configuration: async () => ({ config: { 'aws.stsEndpoint': allowed } }) }
  const pod = { metadata: { name: 'web-0', namespace: 'shop' }, spec: { serviceAccountName: 'web', containers: [] } }
  const identity = { namespace: 'shop', pod: 'web-0', serviceaccount: 'web' }
  const outside = { subject: { title: 'pod/web-0', namespace: 'shop', pod, isLive: true, renew: '' }, identity, env }
  const tried = () =>
    tryFromHere(ground as unknown as Ground, outside as unknown as Outside, new AbortController().signal)
  return { tried, asked }
}

test('a token of ten minutes is exchanged once, and whose the credentials are is all that is said', async () => {
  const { tried, asked } = await seen()
  const before = attempts(sts).length
  const results = await tried()
  expect(results).toEqual([
    {
      session: 'default',
      roleArn: 'arn:aws:iam::111122223333:role/web',
      callerArn: 'arn:aws:sts::111122223333:assumed-role/web/shop.web.web-0',
    },
  ])
  expect(attempts(sts).length - before).toBe(1)
  expect(asked).toMatchObject([
    [
      '/api/v1/namespaces/shop/serviceaccounts/web/token',
      { kind: 'TokenRequest', spec: { audiences: ['sts.amazonaws.com'], expirationSeconds: 600 } },
    ],
  ])
})

test('no token is asked for where a pod names an STS of its own', async () => {
  const { tried, asked } = await seen({ allowed: 'https://sts.example.com' })
  await expect(tried()).rejects.toThrow(Failure)
  await expect(tried()).rejects.toMatchObject({ code: 'StsEndpointNotAllowed' })
  expect(asked).toEqual([])
})

test('without the right to ask for a token it says so', async () => {
  const { tried } = await seen({ status: 403 })
  await expect(tried()).rejects.toMatchObject({ code: 'ClusterForbidden' })
})

test('where nothing is seen nothing is tried', async () => {
  expect(await tryFromHere({} as Ground, undefined, new AbortController().signal)).toEqual([])
})
