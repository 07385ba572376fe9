import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundles, optionsOf } from '../../../scripts/build/bundles.ts'
import { createSts } from '../../../src/aws/index.ts'
import type { OpenSts, Sts, StsOptions } from '../../../src/federation/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lanyard-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const role = { roleArn: 'arn:aws:iam::123456789012:role/x', roleSessionName: 's', durationSeconds: 900 }
const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
const { signal } = new AbortController()
const calls = {
  webIdentity: (sts: Sts) => sts.assumeRoleWithWebIdentity({ ...role, token: 't' }, signal),
  saml: (sts: Sts) =>
    sts.assumeRoleWithSaml(
      {
        roleArn: role.roleArn,
        principalArn: 'arn:aws:iam::123456789012:saml-provider/x',
        assertion: 'PHg+',
        durationSeconds: 900,
      },
      signal,
    ),
  role: (sts: Sts) => sts.assumeRole(role, keys, signal),
}

/** How a call ends that meets no server: whom it asked, or what was wrong before. */
async function end(open: OpenSts, more: Partial<StsOptions>, call = calls.webIdentity): Promise<string> {
  const given = { region: 'eu-west-1', connectTimeout: 2_000, totalTimeout: 5_000, now: Date.now, version: '1' }
  try {
    await call(open({ ...given, proxy: 'http://127.0.0.1:1', ...more }))
    return 'answered'
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'no error'
  }
}

const REGIONS = [
  'us-east-1',
  'eu-west-1',
  'us-gov-west-1',
  'cn-north-1',
  'us-iso-east-1',
  'eusc-de-east-1',
  'aws-global',
  'x',
]
const unsigned = ['webIdentity', 'saml'] as const

describe.each([
  ['sidecar.cjs', unsigned],
  ['federated.cjs', [...unsigned, 'role']],
  ['broker.cjs', unsigned],
] as const)('STS as %s has it', (name, operations) => {
  let bundled: OpenSts
  beforeAll(async () => {
    const bundle = bundles.find((one) => one.name === name)
    if (bundle === undefined) throw new Error(`there is no bundle ${name}`)
    const outfile = join(folder, name)
    await build({ ...optionsOf({ ...bundle, entry: 'src/aws/index.ts' }, root), outfile })
    bundled = (createRequire(import.meta.url)(outfile) as { createSts: OpenSts }).createSts
  })

  test.each(REGIONS)('asks the endpoints of %s that the whole one does', async (region) => {
    for (const fips of [false, true])
      for (const dualStack of [false, true])
        expect(await end(bundled, { region, fips, dualStack })).toBe(await end(createSts, { region, fips, dualStack }))
  })

  test.each(operations)('makes the call %s', async (operation) => {
    expect(await end(bundled, {}, calls[operation])).toMatch(
      /^StsUnreachable: https:\/\/sts\.eu-west-1\.amazonaws\.com /,
    )
  })
})
