import { readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sts } from '../../../src/testbed/index.ts'
import { type Answer, createPod, type Pod, send, startWorld, type World } from './pod.ts'

let world: World
let sts: Sts
beforeAll(async () => {
  world = await startWorld()
  sts = await world.startSts()
})
afterAll(() => world.stop())

const ROLE = '/latest/meta-data/iam/security-credentials/web'
const newPod = (): Promise<Pod> => createPod({ world, endpoint: sts.url, env: { LANYARD_PROTOCOL: 'imds' } })

async function sessionToken({ ports }: Pod): Promise<string> {
  const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': '60' }
  const { status, text } = await send({ port: ports.credentials, method: 'PUT', path: '/latest/api/token', headers })
  expect(status).toBe(200)
  return text
}

const ask = ({ get, ports }: Pod, token: string, path: string): Promise<Answer> =>
  get(ports.credentials, path, { 'X-aws-ec2-metadata-token': token })

test('serves the one role by IMDSv2, and nothing of the container protocol', async () => {
  const pod = await newPod()
  const sidecar = pod.sidecar()
  await sidecar.said(/"msg":"credentials obtained"/)
  const token = await sessionToken(pod)
  expect(await ask(pod, token, '/latest/meta-data/iam/security-credentials/')).toEqual({ status: 200, text: 'web' })
  const { status, text } = await ask(pod, token, ROLE)
  expect([status, JSON.parse(text)]).toMatchObject([200, { Type: 'AWS-HMAC', AccountId: '111122223333' }])
  expect(await ask(pod, token, '/latest/meta-data/placement/region')).toEqual({ status: 200, text: 'eu-west-1' })
  expect((await pod.get(pod.ports.credentials, ROLE)).status).toBe(401)
  expect(await pod.get(pod.ports.credentials, '/v1/credentials')).toMatchObject({ status: 401 })
  const metrics = await pod.get(pod.ports.metrics, '/metrics')
  expect(metrics.text).toContain('lanyard_endpoint_requests_total{protocol="imds",code="401"} 2')
  expect(metrics.text).not.toContain('protocol="container"')
  // Nobody has a token to find there.
  expect(readdirSync(pod.path('endpoint'))).toEqual([])
})

test('renews so early that no client of IMDS dates its credentials anew', async () => {
  const pod = await newPod()
  const sidecar = pod.sidecar()
  await sidecar.said(/"msg":"credentials obtained"/)
  // The second one is counted from when the first was due, anywhere in the cycle.
  sidecar.send({ aheadMinutes: 31 })
  await pod.get(pod.ports.metrics, '/healthz')
  await ask(pod, await sessionToken(pod), ROLE)
  await sidecar.said(/"msg":"credentials obtained"/, 2)
  const [, second = ''] = sidecar.stderr().match(/.*credentials obtained.*/g) ?? []
  const { expires, renewAt } = JSON.parse(second)
  const left = Date.parse(expires) - Date.parse(renewAt)
  expect(left).toBeGreaterThanOrEqual(34 * 60_000)
})

test('session tokens outlive a restart, for the key is kept; one that is no key is made anew', async () => {
  const pod = await newPod()
  const first = pod.sidecar()
  await first.said(/"msg":"credentials obtained"/)
  const token = await sessionToken(pod)
  expect(statSync(pod.path('state', 'imds-key.json')).mode & 0o7777).toBe(0o400)
  await first.kill('SIGKILL')

  const second = pod.sidecar()
  await second.said(/"msg":"sidecar started"/)
  expect((await ask(pod, token, ROLE)).status).toBe(200)
  await second.kill('SIGKILL')

  const key = pod.path('state', 'imds-key.json')
  for (const left of ['"c2hvcnQ="', '{"a":1}', 'no JSON']) {
    writeFileSync(`${key}.other`, left)
    renameSync(`${key}.other`, key)
    const next = pod.sidecar()
    await next.said(/"msg":"sidecar started"/)
    expect((await ask(pod, token, ROLE)).status).toBe(401)
    expect((await ask(pod, await sessionToken(pod), ROLE)).status).toBe(200)
    await next.kill('SIGKILL')
  }
})

test('is refused for containers with different roles', async () => {
  const pod = await newPod()
  const sidecar = pod.sidecar({ LANYARD_CONTAINER_ROLES: 'other=arn:aws:iam::111122223333:role/other' })
  expect(await sidecar.ended).toEqual({ code: 2, signal: null })
  expect(sidecar.stderr()).toContain('LANYARD_CONTAINER_ROLES')
})
