import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { annotationOf, podEntries, STATUS_ANNOTATION } from '../../../src/settings/index.ts'
import * as testbed from '../../../src/testbed/index.ts'
import { blocksOf, fencedIn, pages, textOf } from './pages.ts'

const migrations = pages.filter((page) => page.startsWith('docs/operators/migrate'))
const known = new Set([...podEntries.map(([key]) => annotationOf(key)), STATUS_ANNOTATION, 'lanyard.dev/injection'])

/** The annotations of Lanyard's that a page names and that do not exist. */
const unknownIn = (text: string): readonly string[] =>
  [...text.matchAll(/lanyard\.dev\/[a-z]+(?:-[a-z]+)*/g)].map(([name]) => name).filter((name) => !known.has(name))

test('an annotation that does not exist would be seen', () => {
  expect(unknownIn('`lanyard.dev/role-arn`, `lanyard.dev/rolle`')).toEqual(['lanyard.dev/rolle'])
})

test('there is a page for each, and the overview leads to it', () => {
  expect(migrations).toHaveLength(4)
  const overview = textOf('docs/operators/migrate.md')
  for (const page of migrations.filter((name) => !name.endsWith('/migrate.md')))
    expect(overview).toContain(`(${page.split('/').at(-1)})`)
})

test.each(migrations)('%s: what it names of Lanyard exists', (page) => {
  expect(unknownIn(textOf(page))).toEqual([])
})

test.each(migrations)('%s: every command says by what it is run', (page) => {
  const silent = fencedIn(page).filter(({ language, before }) => language === 'sh' && !/<!-- .* -->$/.test(before))
  expect(silent.map(({ body }) => body)).toEqual([])
})

describe('the trust policy for both EKS Pod Identity and Lanyard', () => {
  const now = Date.now
  const audience = 'sts.amazonaws.com'
  let issuer: Awaited<ReturnType<typeof testbed.startIssuer>>
  let sts: Awaited<ReturnType<typeof testbed.startSts>>
  let ca: Awaited<ReturnType<typeof testbed.createCertificateAuthority>>

  beforeAll(async () => {
    ca = await testbed.createCertificateAuthority({ name: 'migration', now })
    issuer = await testbed.startIssuer({ ca, now })
    const [policy = ''] = blocksOf('docs/operators/migrate-pod-identity.md', 'json')
    const host = 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE'
    expect(policy).toContain(host)
    const trustPolicy = JSON.parse(policy.replaceAll(host, issuer.url.replace('https://', '')))
    const providers = [{ url: issuer.url, clientIds: [audience], ca: ca.pem }]
    sts = await testbed.startSts({
      ca,
      now,
      accountId: '111122223333',
      providers,
      roles: [{ name: 'web', trustPolicy }],
    })
  })
  afterAll(async () => {
    await sts.stop()
    await issuer.stop()
  })

  async function assume(serviceAccount: string, of = audience): Promise<string | undefined> {
    const { createSts } = await import('../../../src/aws/index.ts')
    const options = {
      region: 'eu-west-1',
      endpoint: sts.url,
      ca: ca.pem,
      connectTimeout: 2000,
      totalTimeout: 5000,
      now,
    }
    const token = await issuer.serviceAccountToken({ namespace: 'shop', serviceAccount, audience: of, expiresIn: 3600 })
    const request = { roleArn: sts.roleArn('web'), roleSessionName: 'migration', token, durationSeconds: 3600 }
    return (await createSts(options).assumeRoleWithWebIdentity(request, new AbortController().signal)).assumedRoleArn
  }

  test('lets that service account in, by its own statement', async () => {
    expect(await assume('orders')).toBe('arn:aws:sts::111122223333:assumed-role/web/migration')
  })

  test('and no other, and none by a token for the agent of EKS', async () => {
    await expect(assume('web')).rejects.toMatchObject({ code: 'StsAccessDenied' })
    await expect(assume('orders', 'pods.eks.amazonaws.com')).rejects.toMatchObject({
      code: expect.stringMatching(/^Sts/),
    })
  })
})
