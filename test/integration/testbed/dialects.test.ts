import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Dialect,
  type DialectName,
  type Issuer,
  type Sts,
  startIssuer,
  startSts,
} from '../../../src/testbed/index.ts'
import { keysOf, postSigned } from './signed.ts'
import { type Answer, accountId, assume, audience, call, createClock, textOf, type World, webToken } from './support.ts'

const clock = createClock()
let ca: CertificateAuthority
let issuer: Issuer

beforeAll(async () => {
  ca = await createCertificateAuthority({ name: 'testbed', now: clock.now })
  issuer = await startIssuer({ ca, now: clock.now })
})
afterAll(() => issuer.stop())

type Speaking = { world: World; sts: Sts; exchange: (change?: Record<string, string>) => Promise<Answer> }

async function speak(dialect: DialectName | Partial<Dialect>, work: (speaking: Speaking) => Promise<void>) {
  const Statement = { Effect: 'Allow', Principal: '*', Action: 'sts:*' } as const
  const provider = issuer.url.slice('https://'.length)
  const arn = (account: string): string => `arn:aws:iam::${account}:oidc-provider/${provider}`
  const byToken = { ...Statement, Principal: { Federated: [arn(''), arn(accountId)] } }
  const sts = await startSts({
    ca,
    now: clock.now,
    accountId,
    dialect,
    providers: [{ url: issuer.url, clientIds: [audience], ca: ca.pem }],
    roles: [
      { name: 'web', trustPolicy: { Statement: byToken } },
      { name: 'next', trustPolicy: { Statement } },
    ],
  })
  const world = { ca, issuer, sts, clock, stop: sts.stop }
  const exchange = async (change: Record<string, string> = {}): Promise<Answer> =>
    assume(world, { WebIdentityToken: await webToken(issuer), ...change })
  await work({ world, sts, exchange }).finally(sts.stop)
}

describe('an STS that is not AWS', () => {
  it('like Ceph: ARNs without an account, nanoseconds, errors without a wrapper and without a word', async () => {
    await speak('ceph', async ({ world, sts, exchange }) => {
      expect(sts.roleArn('web')).toBe('arn:aws:iam:::role/web')
      const answer = await exchange()
      expect(textOf(answer, 'Expiration')).toBe('2026-01-15T13:00:00.000000000Z')
      expect(textOf(answer, 'Arn')).toBe('arn:aws:sts:::assumed-role/web/shop.web.web-0')
      const refused = await exchange({ WebIdentityToken: 'none at all' })
      expect(refused.status).toBe(403)
      expect(refused.text.replace(/[0-9a-f-]{36}/, 'ID')).toBe(`<?xml version="1.0" encoding="UTF-8"?><Error>
  <Code>AccessDenied</Code>
  <Message></Message>
  <RequestId>ID</RequestId>
  <HostId>testbed</HostId>
</Error>
`)
      expect(sts.requests.at(-1)).toMatchObject({ code: 'AccessDenied', role: 'arn:aws:iam:::role/web' })
      const next = { Action: 'AssumeRole', RoleArn: sts.roleArn('next'), RoleSessionName: 'hop' }
      expect((await postSigned(world, keysOf(answer), next)).status).toBe(200)
      const identity = await postSigned(world, keysOf(answer), { Action: 'GetCallerIdentity' })
      expect(textOf(identity, 'Code')).toBe('InvalidAction')
    })
  })

  it('like Ceph: a plus sign is no space', async () => {
    const policy = '{"Statement": {"Effect":"Allow", "Action":"*", "Resource":"*"}}'
    await speak('ceph', async ({ sts, exchange }) => {
      expect(textOf(await exchange({ Policy: policy }), 'Code')).toBe('MalformedPolicyDocument')
      const body = [
        'Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=ab',
        `RoleArn=${encodeURIComponent(sts.roleArn('web'))}`,
        `WebIdentityToken=${await webToken(issuer)}`,
        `Policy=${encodeURIComponent(policy)}`,
      ].join('&')
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      expect((await call(sts.url, ca.pem, { method: 'POST', headers, body })).status).toBe(200)
    })
  })

  it('like MinIO: ARNs of its own, and a user without a name', async () => {
    await speak('minio', async ({ sts, exchange }) => {
      expect(sts.roleArn('web')).toBe('arn:minio:iam:::role/web')
      const answer = await exchange()
      expect([answer.status, textOf(answer, 'Arn'), textOf(answer, 'AssumedRoleId')]).toEqual([200, '', ''])
      expect(textOf(answer, 'Expiration')).toBe('2026-01-15T13:00:00Z')
      expect((await exchange({ RoleArn: sts.roleArn('next') })).text).toContain('<ErrorResponse xmlns=')
    })
  })

  it('like SeaweedFS: as AWS, but for SAML', async () => {
    await speak('seaweedfs', async ({ exchange, sts }) => {
      expect(textOf(await exchange(), 'Arn')).toContain(accountId)
      expect(textOf(await exchange({ Action: 'AssumeRoleWithSAML' }), 'Code')).toBe('InvalidAction')
      expect(sts.roleArn('web')).toBe(`arn:aws:iam::${accountId}:role/web`)
    })
  })

  it('in any one thing', async () => {
    await speak({ assumedRoleUser: 'absent' }, async ({ exchange }) => {
      const answer = await exchange()
      expect([answer.status, textOf(answer, 'Expiration')]).toEqual([200, '2026-01-15T13:00:00Z'])
      expect(answer.text).not.toContain('AssumedRoleUser')
    })
  })

  it('must be one that is known', async () => {
    await expect(speak('garage' as DialectName, async () => undefined)).rejects.toThrow(
      'dialect: garage is not one of aws, ceph, minio, seaweedfs',
    )
  })
})
