import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sts } from '../../../src/testbed/index.ts'
import { finish } from '../../support/processes.ts'
import { ACTION, askUntil, createPod, startWorld, type World } from './pod.ts'

let world: World
let sts: Sts
beforeAll(async () => {
  world = await startWorld()
  sts = await world.startSts()
})
afterAll(() => world.stop())

async function started(env: Readonly<Record<string, string | undefined>> = {}) {
  sts.faults.clear()
  const pod = await createPod({ world, endpoint: sts.url, env })
  const sidecar = pod.sidecar()
  await sidecar.said(/"msg":"credentials obtained"/)
  return { pod, sidecar }
}

const clean = { code: 0, signal: null }

describe('the sidecar stops at once and cleanly', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('on %s', async (signal) => {
    const { sidecar } = await started()
    expect(await sidecar.kill(signal)).toEqual(clean)
    expect(sidecar.stderr()).toMatch(/"msg":"sidecar stopped"}\n$/)
  })

  test('while its first exchange hangs, and somebody waits for the credentials', async () => {
    sts.faults.set({ kind: 'hang', action: ACTION })
    const pod = await createPod({ world, endpoint: sts.url })
    const hanging = sts.nextRequest()
    const sidecar = pod.sidecar()
    await hanging
    const waiting = pod.get(pod.ports.metrics, '/startupz?wait=60').catch((error: Error) => error.message)
    // Answered after the other one was read.
    await pod.get(pod.ports.metrics, '/healthz')
    expect(await sidecar.kill('SIGTERM')).toEqual(clean)
    expect(await waiting).toMatchObject({ status: 503 })
  })

  test('while a renewal hangs', async () => {
    const { pod, sidecar } = await started()
    sts.faults.set({ kind: 'hang', action: ACTION })
    const hanging = sts.nextRequest()
    sidecar.send({ aheadMinutes: 31 })
    await askUntil(pod, hanging)
    expect(await sidecar.kill('SIGTERM')).toEqual(clean)
    expect(sidecar.stderr()).not.toContain('"level":"error"')
  })

  test('whatever else it is sent', async () => {
    const { sidecar } = await started()
    const ended = sidecar.kill('SIGTERM')
    await sidecar.kill('SIGTERM')
    expect(await ended).toEqual(clean)
  })
})

test('goes on when nobody takes its log any more', async () => {
  const { pod, sidecar } = await started()
  sidecar.turnAway()
  sts.faults.set({ kind: 'unavailable', action: ACTION })
  const failed = sts.nextRequest()
  sidecar.send({ aheadMinutes: 31 })
  await askUntil(pod, failed)
  sts.faults.clear()
  const renewed = sts.nextRequest()
  sidecar.send({ aheadMinutes: 1 })
  expect((await askUntil(pod, renewed)).last.status).toBe(200)
  expect(await sidecar.kill('SIGTERM')).toEqual(clean)
})

describe('containers with roles of their own', () => {
  test('get their own credentials by their own tokens', async () => {
    const { pod, sidecar } = await started({
      LANYARD_CONTAINERS: 'app',
      LANYARD_CONTAINER_ROLES: 'batch=arn:aws:iam::111122223333:role/other',
    })
    await sidecar.said(/"msg":"credentials obtained"/, 2)
    const roleOf = async (container: string): Promise<unknown> => {
      const headers = { Authorization: pod.read('endpoint', container, 'token') }
      return JSON.parse((await pod.get(pod.ports.credentials, '/v1/credentials', headers)).text).RoleArn
    }
    expect(await roleOf('app')).toBe('arn:aws:iam::111122223333:role/web')
    expect(await roleOf('batch')).toBe('arn:aws:iam::111122223333:role/other')
    const { text } = await pod.get(pod.ports.metrics, '/metrics')
    expect(text).toMatch(/refreshes_total\{session="batch",role="[^"]+\/other",result="success",code="none"\} 1\n/)
  })
})

test.runIf(process.platform === 'linux')('listens on its two ports and nowhere else', async () => {
  const { pod, sidecar } = await started()
  expect(listening(sidecar.pid)).toEqual(
    [`127.0.0.1:${pod.ports.credentials}`, `every address:${pod.ports.metrics}`].sort(),
  )
})

test('the whole command runs it too, and sidecarMain.ts alone', async () => {
  for (const [program, args] of [
    ['lanyard.ts', ['sidecar']],
    ['sidecarMain.ts', []],
  ] as const) {
    const { code, stderr } = await finish({ program, args, env: { LANYARD_TERMINATION_LOG: '/dev/null' } })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^SettingMissing: LANYARD_POD_NAME: /)])
  }
})

/** The addresses that a process listens on, and UDP ports that it has: by proc(5), the sockets among its descriptors. */
function listening(pid: number): string[] {
  const fds = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return ''
    }
  })
  const rows = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((family) => {
    const [, ...lines] = readFileSync(`/proc/${pid}/net/${family}`, 'utf8').trimEnd().split('\n')
    return lines.map((line) => ({ family, cells: line.trim().split(/\s+/) }))
  })
  return rows
    .filter(
      ({ family, cells }) => fds.includes(`socket:[${cells[9]}]`) && (cells[3] === '0A' || family.startsWith('udp')),
    )
    .map(({ cells }) => {
      const [address = '', port = ''] = (cells[1] ?? '').split(':')
      const known = address === '0100007F' ? '127.0.0.1' : /^0+$/.test(address) ? 'every address' : address
      return `${known}:${Number.parseInt(port, 16)}`
    })
    .sort()
}
