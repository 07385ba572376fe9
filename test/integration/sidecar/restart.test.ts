import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sts } from '../../../src/testbed/index.ts'
import { ACTION, askUntil, attempts, createPod, nudge, type Pod, startWorld, type World } from './pod.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const permissions = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

/** What must be the same after a restart: the app's mount is bound to the very file. */
function tokenFile(pod: Pod): object {
  const path = pod.path('endpoint', 'app', 'token')
  const { ino, mtimeMs, mode } = statSync(path)
  return { text: readFileSync(path, 'latin1'), ino, mtimeMs, mode }
}

/** Rewrites all times in what the sidecar wrote down: those of the clock, and of the machine's uptime. */
function shiftState(pod: Pod, { clock, uptime }: { clock: number; uptime: number }): void {
  const path = pod.path('state', 'state.json')
  const shifted = (key: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value
    if (key === 'uptime') return value + uptime * 60_000
    return value > 1e12 ? value + clock * 60_000 : value
  }
  const text = JSON.stringify(JSON.parse(readFileSync(path, 'utf8'), shifted))
  chmodSync(path, 0o600)
  writeFileSync(path, text)
}

/** The pod's sidecar was away for so long. */
const timePasses = (pod: Pod, minutes: number): void => shiftState(pod, { clock: -minutes, uptime: -minutes })
/** Since the sidecar wrote that down, somebody set the clock. */
const clockIsSet = (pod: Pod, minutes: number): void => shiftState(pod, { clock: -minutes, uptime: 0 })

/** A pod whose sidecar is killed while STS does not answer its renewal, and is away for as long as its clock was ahead. */
async function killedMidRefresh(sts: Sts, { away = 31 } = {}) {
  const pod = await createPod({ world, endpoint: sts.url })
  const first = pod.sidecar()
  await first.said(/"msg":"sidecar started"/)
  expect((await pod.opened()).status).toBe(200)
  const before = await pod.credentials()
  const token = tokenFile(pod)
  sts.faults.set({ kind: 'hang', action: ACTION })
  const hanging = sts.nextRequest()
  first.send({ aheadMinutes: 31 })
  expect(await askUntil(pod, hanging)).toMatchObject({ event: { code: 'hang' }, last: { status: 200 } })
  expect(await first.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
  timePasses(pod, away)
  const expires = new Date(Date.parse(before.Expiration) - away * 60_000)
  const held = { ...before, Expiration: expires.toISOString().replace('.000Z', 'Z') }
  return { pod, before: held, token }
}

describe('the sidecar, killed with SIGKILL mid-refresh and started again', () => {
  test('with STS down: the same endpoint token, credentials at once, the gate open', async () => {
    const sts = await world.startSts()
    const { pod, before, token } = await killedMidRefresh(sts)
    await sts.stop()

    const second = pod.sidecar()
    await second.said(/"msg":"sidecar started"/)
    expect(await pod.credentials()).toEqual(before)
    expect(tokenFile(pod)).toEqual(token)
    expect(await pod.wait('1')).toMatchObject({ code: 0, stderr: '' })
    expect(second.stderr()).not.toContain('credentials obtained')

    // The renewal was due, fails, and nobody notices.
    await second.said(/credentials not obtained/, 3)
    expect(await pod.credentials()).toEqual(before)
    expect(pod.read('termination-log')).toContain('StsUnreachable')

    const back = await world.startSts({ port: Number(new URL(sts.url).port) })
    // After two quick ones, and with so much left to serve, the next attempt is some minutes away.
    second.send({ aheadMinutes: 15 })
    await nudge(pod, second.said(/"msg":"credentials obtained"/))
    expect((await pod.credentials()).AccessKeyId).not.toBe(before.AccessKeyId)
    expect(pod.read('termination-log')).toBe('')
    expect(tokenFile(pod)).toEqual(token)
    expect(attempts(back)).toHaveLength(1)
  })

  test('with STS down and no renewal due: nothing is asked of STS at all', async () => {
    const sts = await world.startSts()
    const { pod, before, token } = await killedMidRefresh(sts, { away: 0 })
    await sts.stop()
    const second = pod.sidecar()
    await second.said(/"msg":"sidecar started"/)
    expect(await pod.credentials()).toEqual(before)
    expect(await pod.wait('1')).toMatchObject({ code: 0, stderr: '' })
    expect(tokenFile(pod)).toEqual(token)
    expect(await second.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(second.stderr()).not.toContain('credentials not obtained')
  })

  test.each([-20, -600])('and the clock set by %i min: not a minute more or less of their life', async (by) => {
    const sts = await world.startSts()
    const { pod, before } = await killedMidRefresh(sts, { away: 25 })
    clockIsSet(pod, by)
    const second = pod.sidecar()
    await second.said(/"msg":"sidecar started"/)
    const seconds = (expiration: string): number => Date.parse(expiration) / 1000
    const { Expiration, ...held } = await pod.credentials()
    expect(before).toMatchObject(held)
    // The state's own clocks are read one after the other.
    expect(Math.abs(seconds(Expiration) - seconds(before.Expiration))).toBeLessThanOrEqual(1)
  })

  test('and the machine started anew: none of what was held', async () => {
    const sts = await world.startSts()
    const { pod, before } = await killedMidRefresh(sts, { away: 0 })
    shiftState(pod, { clock: 0, uptime: 600 })
    sts.faults.clear()
    const second = pod.sidecar()
    await second.said(/"msg":"credentials obtained"/)
    expect((await pod.credentials()).AccessKeyId).not.toBe(before.AccessKeyId)
  })

  test('with STS up but slow: credentials at once, before any answer of STS', async () => {
    const sts = await world.startSts()
    const { pod, before, token } = await killedMidRefresh(sts)
    const made = sts.nextRequest()
    const second = pod.sidecar()
    await second.said(/"msg":"sidecar started"/)
    expect(await pod.credentials()).toEqual(before)
    expect(await made).toMatchObject({ code: 'hang', status: 0 })
    expect(await pod.credentials()).toEqual(before)
    expect(attempts(sts).map(({ code }) => code)).toEqual(['Success', 'hang', 'hang'])
    expect(tokenFile(pod)).toEqual(token)
  })

  test('with STS up: the same endpoint token gets the renewed credentials', async () => {
    const sts = await world.startSts()
    const { pod, before, token } = await killedMidRefresh(sts)
    sts.faults.clear()
    const second = pod.sidecar()
    await second.said(/"msg":"sidecar started"/)
    expect((await pod.ask()).status).toBe(200)
    await second.said(/"msg":"credentials obtained"/)
    const after = await pod.credentials()
    expect(after.AccessKeyId).not.toBe(before.AccessKeyId)
    expect(tokenFile(pod)).toEqual(token)
    expect(attempts(sts).map(({ code }) => code)).toEqual(['Success', 'hang', 'Success'])
  })

  test('keeps its secrets in files that are nobody else’s', async () => {
    const sts = await world.startSts()
    const { pod } = await killedMidRefresh(sts)
    const second = pod.sidecar()
    sts.faults.clear()
    await second.said(/"msg":"credentials obtained"/)
    expect(permissions(pod.path('state', 'state.json'))).toBe('400')
    expect(permissions(pod.path('endpoint', 'app'))).toBe('755')
    expect(permissions(pod.path('endpoint', 'app', 'token'))).toBe('444')
    expect(pod.read('endpoint', 'app', 'token')).toMatch(/^[\w-]{43}$/)
  })
})

describe('the sidecar, killed before it had credentials', () => {
  test('keeps the endpoint token, and the gate shut until they come', async () => {
    const sts = await world.startSts()
    sts.faults.set({ kind: 'hang', action: ACTION })
    const pod = await createPod({ world, endpoint: sts.url })
    const hanging = sts.nextRequest()
    const first = pod.sidecar()
    expect(await hanging).toMatchObject({ code: 'hang' })
    const token = tokenFile(pod)
    await first.kill('SIGKILL')

    const again = sts.nextRequest()
    pod.sidecar()
    await again
    expect((await pod.get(pod.ports.metrics, '/startupz')).status).toBe(503)
    sts.faults.clear()
    expect(tokenFile(pod)).toEqual(token)
  })

  test('waits as long as its backoff says, and says why, without asking STS', async () => {
    const sts = await world.startSts({ trusted: 'another' })
    const pod = await createPod({ world, endpoint: sts.url })
    const denied = sts.nextRequest()
    const first = pod.sidecar()
    await denied
    // 5, 15, 60 s, and then 5 minutes: long enough for any machine that this runs on.
    for (const times of [2, 3, 4]) {
      const next = sts.nextRequest()
      first.send({ aheadMinutes: 2 })
      await nudge(pod, next)
      await first.said(/credentials not obtained/, times)
    }
    await first.kill('SIGKILL')
    timePasses(pod, 6)
    expect(attempts(sts)).toHaveLength(4)
    // kubelet gives every container a new one.
    rmSync(pod.path('termination-log'))

    const second = pod.sidecar()
    await second.said(/"msg":"sidecar started"/)
    expect(pod.read('termination-log')).toMatch(/^default: StsAccessDenied: .*trust policy/)
    const { status, text } = await pod.ask()
    expect([status, JSON.parse(text).Message]).toEqual([503, expect.stringContaining('StsAccessDenied')])
    expect(await pod.wait('0.1')).toMatchObject({ code: 1, stderr: expect.stringContaining('StsAccessDenied') })
    expect(attempts(sts)).toHaveLength(4)

    sts.setTrustPolicy('web', world.trust('web'))
    const next = sts.nextRequest()
    second.send({ aheadMinutes: 6 })
    expect(await askUntil(pod, next)).toMatchObject({ event: { code: 'Success' } })
    expect((await pod.opened()).status).toBe(200)
    expect(pod.read('termination-log')).toBe('')
  })
})

describe('what an earlier run left', () => {
  test.each([
    ['of another pod', { LANYARD_POD_UID: '11111111-0000-4000-8000-000000000000' }],
    ['of another role', { LANYARD_ROLE_ARN: 'arn:aws:iam::111122223333:role/other' }],
  ])('%s is not taken over', async (_, changes) => {
    const sts = await world.startSts()
    const pod = await createPod({ world, endpoint: sts.url })
    const first = pod.sidecar()
    await first.said(/"msg":"credentials obtained"/)
    const before = await pod.credentials()
    await first.kill('SIGKILL')
    const second = pod.sidecar(changes)
    await second.said(/"msg":"credentials obtained"/)
    expect((await pod.credentials()).AccessKeyId).not.toBe(before.AccessKeyId)
    expect(attempts(sts)).toHaveLength(2)
  })

  test.each(['', '{"default":{"finge', 'null', '[]', '{"default":{"fingerprint":1,"state":[]}}'])(
    'that reads %j is as good as nothing',
    async (garbage) => {
      const sts = await world.startSts()
      const pod = await createPod({ world, endpoint: sts.url })
      writeFileSync(pod.path('state', 'state.json'), garbage)
      writeFileSync(pod.path('state', 'state.json.new'), 'half of')
      const sidecar = pod.sidecar()
      await sidecar.said(/"msg":"credentials obtained"/)
      expect((await pod.ask()).status).toBe(200)
      expect(sidecar.stderr()).not.toContain('"level":"error"')
    },
  )
})
