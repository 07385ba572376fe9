import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { admit } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import * as testbed from '../../../src/testbed/index.ts'

/** The fenced blocks of a page, by language: what the docs show is what is run here. */
function blocksOf(page: string, language: string): string[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , body = '']) => body)
}

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

test('docs/testbed.md: the example runs, and its token opens the role', async () => {
  const [example = ''] = blocksOf('docs/testbed.md', 'ts')
  const body = example.replace(/^import \{(.*)\} from 'lanyard\/testbed'$/m, 'const {$1} = testbed')
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
    ...args: string[]
  ) => (given: typeof testbed) => Promise<Shown>
  const run = new AsyncFunction('testbed', `${body}\nreturn { issuer, sts, token }`)
  const { issuer, sts, token } = await run(testbed)
  expect(token.split('.')).toHaveLength(3)
  expect(sts.roleArn('web')).toBe('arn:aws:iam::111122223333:role/web')
  await sts.stop()
  await issuer.stop()
})

type Shown = { readonly issuer: testbed.Issuer; readonly sts: testbed.Sts; readonly token: string }
