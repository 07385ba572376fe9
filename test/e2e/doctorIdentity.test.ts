import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnose, failing, keep } from './support/doctor.ts'
import { IDENTITIES, identities, roleFile } from './support/doctorIdentities.ts'
import { OIDC } from './support/idps.ts'
import { apply, kubectl, podReady, raw, tryKubectl } from './support/kubectl.ts'
import { ensureInstalled } from './support/lanyard.ts'
import { authority, bringBack, clearFaults } from './support/sts.ts'
import { dropNamespace, makeNamespace, pod } from './support/workloads.ts'

beforeAll(async () => {
  const corporate = {
    kind: 'oidc-client-credentials',
    namespaces: [IDENTITIES],
    issuer: OIDC,
    stsAudience: 'sts.amazonaws.com',
    resource: 'urn:sts',
    ca: await authority(),
  }
  await ensureInstalled({ config: { identityProviders: { corporate } } })
  await makeNamespace(IDENTITIES)
  await apply([pod('well', IDENTITIES, { script: 'exec sleep infinity' })])
  await podReady('well', IDENTITIES)
})
afterAll(async () => {
  await clearFaults('sts-flaky')
  await bringBack('sts-outage')
  await dropNamespace(IDENTITIES)
  await ensureInstalled()
})

describe('what goes wrong between identity and credentials', () => {
  test.each(identities)('$name', async ({ name, breaks, target, code, fix, mends }) => {
    await breaks()
    const ill = await diagnose(target)
    keep(name, ill)
    expect({ first: ill.first?.code, exit: ill.exit }, JSON.stringify(ill, null, 2)).toEqual({ first: code, exit: 1 })
    expect(ill.first?.fix).toMatch(fix)
    await mends(ill.first?.fix ?? '')
    const well = await diagnose(target)
    keep(`${name}: mended`, well)
    expect(failing(well)).toEqual([])
  })
})

const inSidecar = (name: string, ...args: readonly string[]) =>
  tryKubectl(['exec', name, '-n', IDENTITIES, '-c', 'lanyard', '--', 'lanyard', ...args])

describe('inside the sidecar', () => {
  test('of a pod that is well, without the sidecar noticing', async () => {
    const before = await kubectl([
      'get',
      'pod',
      'well',
      '-n',
      IDENTITIES,
      '-o',
      'jsonpath={.status.initContainerStatuses}',
    ])
    const { code, stdout, stderr } = await inSidecar('well', 'doctor')
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      `they are of arn:aws:sts::111122223333:assumed-role/web/${IDENTITIES}.default.well`,
    )
    expect(stdout).not.toMatch(/ASIA|eyJ/)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    const after = await kubectl([
      'get',
      'pod',
      'well',
      '-n',
      IDENTITIES,
      '-o',
      'jsonpath={.status.initContainerStatuses}',
    ])
    expect(after).toBe(before)
  })

  test('of one that gets no credentials, while it waits for them', async () => {
    await apply([pod('waiting', IDENTITIES, { role: 'elsewhere' })])
    await kubectl(['wait', 'pod/waiting', '-n', IDENTITIES, '--for=jsonpath={.status.phase}=Pending', '--timeout=30s'])
    await expect
      .poll(async () => JSON.parse((await inSidecar('waiting', 'doctor', '--json')).stdout || '{}').first?.code, {
        timeout: 60_000,
        interval: 1_000,
      })
      .toBe('StsAccessDenied')
    expect((await inSidecar('waiting', 'doctor', '--json')).code).toBe(1)
  })

  test('called wrongly', async () => {
    const { code, stderr } = await inSidecar('well', 'status')
    expect(code).toBe(2)
    expect(stderr).toContain('FlagUnknown: status')
  })
})

test('what IAM has of the role is judged for the pod', async () => {
  const { issuer } = JSON.parse(await raw('/.well-known/openid-configuration'))
  const file = join(mkdtempSync(join(tmpdir(), 'lanyard-role-')), 'role.json')
  writeFileSync(file, roleFile(issuer, 'system:serviceaccount:shop:web'))
  const ill = await diagnose(['pod/well', '-n', IDENTITIES, '--role-file', file])
  expect({ code: ill.first?.code, exit: ill.exit }, JSON.stringify(ill, null, 2)).toEqual({
    code: 'TrustSubjectOther',
    exit: 1,
  })
  writeFileSync(file, roleFile(issuer, `system:serviceaccount:${IDENTITIES}:default`))
  expect(failing(await diagnose(['pod/well', '-n', IDENTITIES, '--role-file', file]))).toEqual([])
})
