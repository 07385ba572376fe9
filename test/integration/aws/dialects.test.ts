import { afterAll, describe, expect, it } from 'vitest'
import { createSts } from '../../../src/aws/index.ts'
import type { SessionCredentials } from '../../../src/credentials/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import { type OpenSts, toCredentials } from '../../../src/federation/index.ts'
import { createDirectSts } from '../../../src/stsDirect/index.ts'
import { createCertificateAuthority, startIssuer, startSts } from '../../../src/testbed/index.ts'

const now = Date.now
const never = new AbortController().signal
const accountId = '111122223333'
const ca = await createCertificateAuthority({ name: 'testbed', now })
const issuer = await startIssuer({ ca, now })
const ends: (() => Promise<unknown>)[] = [() => issuer.stop()]
afterAll(async () => {
  for (const end of ends) await end()
})

/** Two roles in a row, at a server that speaks so. */
async function open(dialect: 'aws' | 'ceph' | 'seaweedfs', openSts: OpenSts = createSts) {
  const host = issuer.url.slice('https://'.length)
  const owner = dialect === 'ceph' ? '' : accountId
  const allow = (statement: object) =>
    ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] }) as never
  const sts = await startSts({
    ca,
    now,
    accountId,
    dialect,
    providers: [{ url: issuer.url, clientIds: ['sts.amazonaws.com'], ca: ca.pem }],
    roles: [
      {
        name: 'first',
        trustPolicy: allow({
          Principal: { Federated: `arn:aws:iam::${owner}:oidc-provider/${host}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringEquals: { [`${host}:aud`]: 'sts.amazonaws.com' } },
        }),
      },
      {
        name: 'second',
        trustPolicy: allow({
          Principal: { AWS: `arn:aws:iam::${owner}:role/first` },
          Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
          Condition: { StringEquals: { 'sts:ExternalId': 'customer-42' } },
        }),
      },
    ],
  })
  ends.push(() => sts.stop())
  const client = openSts({
    region: 'eu-west-1',
    endpoint: sts.url,
    ca: ca.pem,
    connectTimeout: 5_000,
    totalTimeout: 20_000,
    now,
  })
  const roleOf = (name: string): string => `arn:aws:iam::${owner}:role/${name}`
  const first = async (): Promise<SessionCredentials> => {
    const token = await issuer.issueToken({ sub: 'web', audience: 'sts.amazonaws.com', expiresIn: 600 })
    const request = { roleArn: roleOf('first'), roleSessionName: 'web-0', durationSeconds: 900, token }
    return toCredentials(await client.assumeRoleWithWebIdentity(request, never), request)
  }
  const second = async (keys: SessionCredentials, externalId = 'customer-42'): Promise<SessionCredentials> => {
    const request = {
      roleArn: roleOf('second'),
      roleSessionName: 'web-0',
      durationSeconds: 900,
      externalId,
      tags: new Map([['team', 'shop']]),
      sourceIdentity: 'checkout',
    }
    return toCredentials(await client.assumeRole(request, keys, never), request)
  }
  return { first, second }
}

describe.each([
  ['aws', accountId],
  ['ceph', ''],
  ['seaweedfs', accountId],
] as const)('a server that speaks as %s', (dialect, owner) => {
  it('gives credentials of one role, and with them of the next', async () => {
    const { first, second } = await open(dialect)
    const held = await first()
    expect(held).toMatchObject({
      accountId: owner,
      assumedRoleArn: expect.stringContaining('assumed-role/first/web-0'),
    })
    expect(await second(held)).toMatchObject({
      accountId: owner,
      assumedRoleArn: expect.stringContaining('assumed-role/second/web-0'),
    })
  })

  it('gives credentials of one role without the SDK too', async () => {
    const { first } = await open(dialect, createDirectSts)
    expect(await first()).toMatchObject({
      accountId: owner,
      assumedRoleArn: expect.stringContaining('assumed-role/first/web-0'),
    })
  })

  it('refuses a chain with another external ID, and by keys that are not its own', async () => {
    const { first, second } = await open(dialect)
    const held = await first()
    const codes = await Promise.all(
      [second(held, 'another'), second({ ...held, secretAccessKey: 'another' })].map((call) =>
        call.then(
          () => 'nothing was thrown',
          (thrown: unknown) => (thrown instanceof Failure ? thrown.code : String(thrown)),
        ),
      ),
    )
    expect(codes).toEqual(['StsChainDenied', 'StsChainCredentialsRejected'])
  })
})
