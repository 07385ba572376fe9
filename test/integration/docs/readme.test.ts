import https from 'node:https'
import * as clientSts from '@aws-sdk/client-sts'
import * as nodeHttpHandler from '@smithy/node-http-handler'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { admit } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import * as testbed from '../../../src/testbed/index.ts'
import { blocksOf, textOf } from './pages.ts'

const file = { tls: { certFile: '/tls.crt', keyFile: '/tls.key' }, sidecar: { image: 'lanyard:test' } }
const context = { namespace: 'shop', config: readConfig('webhook', { file }).values, version: '0.0.0' }

test("README: the pod to copy is injected, and its role is the annotation's", () => {
  const [pod] = blocksOf('README.md', 'yaml').map((text): unknown => parse(text))
  const outcome = admit(pod, context)
  expect(outcome).toMatchObject({ kind: 'inject', audit: { roles: '{"app":"arn:aws:iam::111122223333:role/web"}' } })
})

test('README: the trust policy lets exactly that service account have the role', async () => {
  const now = Date.now
  const ca = await testbed.createCertificateAuthority({ name: 'readme', now })
  const issuer = await testbed.startIssuer({ ca, now })
  const [policy = ''] = blocksOf('README.md', 'json')
  const trustPolicy = JSON.parse(
    policy.replaceAll('oidc.example.com', issuer.url.replace('https://', '')),
  ) as testbed.TrustPolicyDocument
  const accountId = '111122223333'
  const providers = [{ url: issuer.url, clientIds: ['sts.amazonaws.com'], ca: ca.pem }]
  const sts = await testbed.startSts({ ca, now, accountId, providers, roles: [{ name: 'web', trustPolicy }] })
  const { createSts } = await import('../../../src/aws/index.ts')
  const client = createSts({
    region: 'eu-west-1',
    endpoint: sts.url,
    ca: ca.pem,
    connectTimeout: 2000,
    totalTimeout: 5000,
    now,
  })
  const assume = async (serviceAccount: string): Promise<string | undefined> => {
    const token = await issuer.serviceAccountToken({
      namespace: 'shop',
      serviceAccount,
      audience: 'sts.amazonaws.com',
      expiresIn: 3600,
    })
    const request = { roleArn: sts.roleArn('web'), roleSessionName: 'readme', token, durationSeconds: 3600 }
    return (await client.assumeRoleWithWebIdentity(request, new AbortController().signal)).assumedRoleArn
  }
  try {
    expect(await assume('web')).toBe('arn:aws:sts::111122223333:assumed-role/web/readme')
    await expect(assume('other')).rejects.toMatchObject({ code: 'StsAccessDenied' })
  } finally {
    await sts.stop()
    await issuer.stop()
  }
})

test('docs/testbed.md: the example runs, up to who the credentials are', async () => {
  const [example = ''] = blocksOf('docs/testbed.md', 'ts')
  const body = example.replace(/^import (\{.*\}) from ('.*')$/gm, 'const $1 = modules[$2]')
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
    ...args: string[]
  ) => (modules: Readonly<Record<string, unknown>>, console: Pick<Console, 'log'>) => Promise<void>
  const printed: unknown[] = []
  const modules = {
    'lanyard/testbed': testbed,
    'node:https': https,
    '@aws-sdk/client-sts': clientSts,
    '@smithy/node-http-handler': nodeHttpHandler,
  }
  await new AsyncFunction('modules', 'console', body)(modules, { log: (text) => printed.push(text) })
  const [, shown] = /console\.log\(Arn\) \/\/ (\S+)/.exec(example) ?? []
  expect(printed).toEqual([shown])
  expect(shown).toBe('arn:aws:sts::111122223333:assumed-role/web/test')
})

test('docs/testbed.md: what it mentions exists', async () => {
  const now = Date.now
  const ca = await testbed.createCertificateAuthority({ name: 'testbed', now })
  const issuer = await testbed.startIssuer({ ca, now })
  const sts = await testbed.startSts({ ca, now, accountId: '111122223333', providers: [], roles: [] })
  try {
    const mentioned = [...textOf('docs/testbed.md').matchAll(/`(sts|issuer)\.(?!amazonaws)(\w+)/g)]
    for (const [, of, name = ''] of mentioned) expect(of === 'sts' ? sts : issuer).toHaveProperty(name)
    for (const name of ['roleArn', 'setTrustPolicy', 'issueToken']) {
      expect(mentioned.map(([, , found]) => found)).toContain(name)
    }
  } finally {
    await sts.stop()
    await issuer.stop()
  }
})
