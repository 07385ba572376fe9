import process from 'node:process'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sts } from '../../../src/testbed/index.ts'
import { finish } from '../../support/processes.ts'
import { ACTION, attempts, createPod, startWorld, type World } from '../sidecar/pod.ts'

/** Its path from `cmd`; by the variable, the bundle of the image, which must not miss what it was left without. */
const PROGRAM = process.env['LANYARD_TEST_DOCTOR'] ?? 'doctorMain.ts'

let world: World
let sts: Sts
beforeAll(async () => {
  world = await startWorld()
  sts = await world.startSts()
})
afterAll(() => world.stop())
beforeEach(() => sts.faults.clear())

type Env = Readonly<Record<string, string | undefined>>
type Finding = { readonly verdict: string; readonly code?: string; readonly message: string; readonly fix?: string }

/** `lanyard doctor` as it runs in a sidecar: by its variables and its token file alone. */
async function diagnose(env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await finish({ program: PROGRAM, args: ['doctor', '--json'], env })
  if (!stdout.startsWith('{')) throw new Error(`the doctor ended with ${code}: ${stderr}`)
  const report: { first: Finding | null; checks: { id: string; verdict: string; findings: Finding[] }[] } =
    JSON.parse(stdout)
  const of = (id: string): Finding | undefined => report.checks.find((check) => check.id === id)?.findings[0]
  return { ...report, of, exit: code, stdout, stderr }
}

async function inPod(env: Env = {}) {
  const pod = await createPod({ world, endpoint: sts.url, env })
  return { pod, look: () => diagnose(pod.env) }
}

test('of a pod that is well it says whose the credentials are, and forgets them', async () => {
  const { look } = await inPod()
  const before = attempts(sts).length
  const well = await look()
  expect({ exit: well.exit, first: well.first }).toEqual({ exit: 0, first: null })
  expect(well.of('identity-token')?.message).toContain(
    'system:serviceaccount:shop:web, for sts.amazonaws.com, 1440 min more',
  )
  expect(well.of('exchange')?.message).toContain('assumed-role/web/shop.web.web-0')
  expect(well.of('issuer')?.message).toContain("which is not AWS's")
  expect(attempts(sts).length - before).toBe(1)
  expect(well.stdout + well.stderr).not.toMatch(/ASIA|eyJ/)
})

test('a role for another container, and a chain, are each tried', async () => {
  const { look } = await inPod({
    LANYARD_CONTAINER_ROLES: 'other=arn:aws:iam::111122223333:role/other',
  })
  const { checks } = await look()
  const messages = checks.find(({ id }) => id === 'exchange')?.findings.map(({ message }) => message)
  expect(messages).toHaveLength(2)
  expect(messages?.join()).toMatch(/assumed-role\/other.*assumed-role\/web|assumed-role\/web.*assumed-role\/other/)
})

describe('names what is wrong first, and what to change', () => {
  test('the token is for another audience', async () => {
    const { pod, look } = await inPod()
    pod.identity(await world.token({ audience: 'vault' }))
    const ill = await look()
    expect(ill).toMatchObject({ exit: 1, first: { code: 'TokenAudience' } })
    pod.identity(await world.token())
    expect((await look()).exit).toBe(0)
  })

  test('the IAM provider does not take the audience', async () => {
    const { pod, look } = await inPod({ LANYARD_AUDIENCE: 'vault' })
    pod.identity(await world.token({ audience: 'vault' }))
    const ill = await look()
    expect(ill).toMatchObject({ exit: 1, first: { code: 'StsAudienceRejected' } })
    expect(ill.first?.fix).toContain('add-client-id-to-open-id-connect-provider --client-id vault')
  })

  test('the trust policy names another subject', async () => {
    const strict = await world.startSts({ trusted: 'other' })
    const { pod } = await inPod()
    const ill = await diagnose({ ...pod.env, LANYARD_STS_ENDPOINT: strict.url })
    expect(ill).toMatchObject({ exit: 1, first: { code: 'StsAccessDenied' } })
    expect(ill.first?.fix).toContain('must let in system:serviceaccount:shop:web of ')
  })

  test('the role is not there', async () => {
    const { look } = await inPod({ LANYARD_ROLE_ARN: 'arn:aws:iam::111122223333:role/gone' })
    const ill = await look()
    expect(ill).toMatchObject({ exit: 1, first: { code: 'StsAccessDenied' } })
    expect(ill.first?.fix).toMatch(/^Look whether the role is there.*aws iam get-role --role-name gone/)
  })

  test('the session is to last longer than the role allows', async () => {
    const { look } = await inPod({ LANYARD_SESSION_DURATION: '12h' })
    const ill = await look()
    expect(ill).toMatchObject({ exit: 1, first: { code: 'StsDurationTooLong' } })
    expect(ill.first?.fix).toContain('aws iam update-role --role-name web --max-session-duration 43200')
  })

  test('there is no way to STS', async () => {
    const gone = await world.startSts()
    await gone.stop()
    const { pod } = await inPod()
    const ill = await diagnose({ ...pod.env, LANYARD_STS_ENDPOINT: gone.url })
    expect(ill).toMatchObject({ exit: 1, first: { code: 'StsUnreachable' } })
    expect(ill.first?.fix).toContain(`NetworkPolicies and proxies between namespace shop and ${gone.url}`)
  })

  test('STS is not whom it says', async () => {
    const { look } = await inPod({ LANYARD_STS_CA: undefined })
    const { pod } = await inPod()
    const { LANYARD_STS_CA: _, ...env } = pod.env
    expect(await diagnose(env)).toMatchObject({ exit: 1, first: { code: 'StsUntrusted' } })
    expect((await look()).exit).toBe(0)
  })

  test('the issuer cannot be reached by STS, or lacks the key', async () => {
    const { look } = await inPod()
    sts.faults.set({ kind: 'idpCommunicationError', action: ACTION })
    expect((await look()).first).toMatchObject({ code: 'StsIdentityProviderUnreachable' })
  })

  test('there is no token, or one of another account', async () => {
    const { pod, look } = await inPod()
    pod.identity(undefined)
    expect(await look()).toMatchObject({ exit: 1, first: { code: 'TokenFileMissing' } })
  })

  test('the clock is wrong, by what the running sidecar has measured', async () => {
    const { pod, look } = await inPod()
    sts.faults.set({ kind: 'skew', ms: 120_000, action: ACTION })
    const sidecar = pod.sidecar()
    await sidecar.said(/"msg":"credentials obtained"/)
    const ill = await look()
    expect(ill).toMatchObject({ exit: 1, first: { code: 'ClockSkewed' } })
    expect(ill.first?.message).toMatch(/^it is 1[12]\d s behind that of STS$/)
  })
})

test('without a sidecar’s variables it says what is missing, and ends as one called wrongly', async () => {
  const { code, stderr } = await finish({ program: PROGRAM, args: [], env: {} })
  expect(code).toBe(2)
  expect(stderr).toContain('SettingMissing: LANYARD_POD_NAME')
  const help = await finish({ program: PROGRAM, args: ['--help'], env: {} })
  expect(help).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('kubectl exec POD -c lanyard -- lanyard doctor'),
  })
  expect(await finish({ program: PROGRAM, args: ['status'], env: {} })).toMatchObject({ code: 2 })
})
