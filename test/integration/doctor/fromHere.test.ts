import { afterAll, beforeAll, expect, test } from 'vitest'
import { tryFromHere } from '../../../cmd/doctor/fromHere.ts'
import { proxyOf } from '../../../cmd/proxy.ts'
import type { Ground, Outside } from '../../../src/doctor/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { ProxyOptions } from '../../../src/federation/index.ts'
import type { Sts } from '../../../src/testbed/index.ts'
import { openTunnel } from '../aws/tunnel.ts'
import { attempts, createPod, startWorld, type World } from '../sidecar/pod.ts'

let world: World
let sts: Sts
beforeAll(async () => {
  world = await startWorld()
  sts = await world.startSts()
})
afterAll(() => world.stop())

/** A pod as it is seen from outside, and a cluster that gives tokens of its service account; `allowed` is the operator's. */
async function seen({ allowed = sts.url, status = 201, details = {}, given = true } = {}) {
  const { env } = await createPod({ world, endpoint: sts.url })
  const asked: unknown[] = []
  const create = async (place: { readonly path: string }, object: object) => {
    asked.push([place.path, object])
    if (status === 201) return { status, value: given ? { status: { token: await world.token() } } : {} }
    return { status, value: { kind: 'Status', message: 'as it says', details } }
  }
  const ground = { cluster: { create }, configuration: async () => ({ config: { 'aws.stsEndpoint': allowed } }) }
  const pod = {
    metadata: { name: 'web-0', namespace: 'shop', uid: 'u-1' },
    spec: { serviceAccountName: 'web', containers: [] },
  }
  const identity = { namespace: 'shop', pod: 'web-0', serviceaccount: 'web' }
  const outside = { subject: { title: 'pod/web-0', namespace: 'shop', pod, isLive: true, renew: '' }, identity, env }
  const tried = (proxy?: ProxyOptions) =>
    tryFromHere(ground as unknown as Ground, outside as unknown as Outside, new AbortController().signal, proxy)
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
      {
        kind: 'TokenRequest',
        spec: {
          audiences: ['sts.amazonaws.com'],
          expirationSeconds: 600,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'web-0', uid: 'u-1' },
        },
      },
    ],
  ])
})

test('it goes by the proxy of the machine', async () => {
  const ends: (() => unknown)[] = []
  const { url, asked } = await openTunnel((end) => ends.push(end))
  const { tried } = await seen()
  expect(await tried(proxyOf({ HTTPS_PROXY: url, NO_PROXY: 'sts.example.com, other' }))).toMatchObject([
    { callerArn: 'arn:aws:sts::111122223333:assumed-role/web/shop.web.web-0' },
  ])
  // The exchange, and whose they are.
  expect(asked).toEqual([new URL(sts.url).host, new URL(sts.url).host])
  for (const end of ends) end()
})

test.each([
  [{}, {}],
  [{ HTTPS_PROXY: '' }, {}],
  [{ HTTPS_PROXY: 'proxy.example.com:3128' }, { proxy: 'http://proxy.example.com:3128', noProxy: [] }],
  [
    { https_proxy: 'http://a', HTTPS_PROXY: 'http://b', no_proxy: '.corp, ,10.0.0.1' },
    { proxy: 'http://a', noProxy: ['.corp', '10.0.0.1'] },
  ],
  [
    { https_proxy: 'https://a:8443', NO_PROXY: 'corp.example.com *,[::1]' },
    { proxy: 'https://a:8443', noProxy: ['corp.example.com', '.corp.example.com', '*', '[::1]'] },
  ],
])('%j is %j', (env, by) => {
  expect(proxyOf(env)).toEqual(by)
})

test.each(['socks5://a:1080', 'http://user:c4n4ry@[bad', 'ftp://a'])('the proxy %s is refused', (proxy) => {
  expect(() => proxyOf({ HTTPS_PROXY: proxy })).toThrow(/^SettingInvalid: HTTPS_PROXY: it is no http or https URL\. /)
})

test('a Node that would go past a proxy is told of', () => {
  expect(() => proxyOf({ https_proxy: 'http://a' }, '22.12.0')).toThrow(
    'SettingInvalid: https_proxy: Node 22.12.0 cannot use a proxy. Run it by Node 24.5 or later, or unset the variable',
  )
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

test.each([
  [{ status: 401 }, 'ClusterForbidden', 'HTTP 401: as it says'],
  [{ status: 429 }, 'ClusterUnreachable', 'HTTP 429: as it says'],
  [{ status: 503 }, 'ClusterUnreachable', 'HTTP 503: as it says'],
  [
    { status: 422 },
    'ClusterAnswerInvalid',
    'HTTP 422: as it says; the exchange cannot be tried from here. Do as the message',
  ],
  [{ given: false }, 'ClusterAnswerInvalid', 'HTTP 201; the exchange'],
])('%j is %s', async (answer, code, message) => {
  const { tried } = await seen(answer)
  await expect(tried()).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
})

test.each([
  { status: 404, details: { kind: 'pods', name: 'web-0' } },
  { status: 409, details: {} },
])('a pod that is gone is told from that: %j', async (answer) => {
  const { tried } = await seen(answer)
  await expect(tried()).rejects.toMatchObject({ code: 'TargetMissing', problems: [{ field: 'pod/web-0' }] })
})

test('a ServiceAccount that is not there is said not to be', async () => {
  const { tried } = await seen({ status: 404, details: { kind: 'serviceaccounts' } })
  await expect(tried()).rejects.toThrow(/there is no such ServiceAccount. Create the ServiceAccount web/)
})

test('where nothing is seen nothing is tried', async () => {
  expect(await tryFromHere({} as Ground, undefined, new AbortController().signal)).toEqual([])
})
