import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { AssumeRoleRequest, SamlRequest, SigningKeys } from '../../../src/federation/index.ts'
import { computeSignature } from '../../../src/testbed/sts/signature.ts'
import { connect, errorXml, failureOf, type Raw, request, startRaw, successXml } from './support.ts'

const running: Raw[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
})

async function answering(status: number, body: string, date = new Date().toUTCString()): Promise<Raw> {
  const raw = await startRaw((response) => response.writeHead(status, { date }).end(body))
  running.push(raw)
  return raw
}

const never = new AbortController().signal
const answerOf = (operation: string): string => successXml().replaceAll('AssumeRoleWithWebIdentity', operation)
const formOf = (raw: Raw): Record<string, string> => Object.fromEntries(new URLSearchParams(raw.seen[0]?.body))

const samlRequest: SamlRequest = {
  roleArn: request.roleArn,
  durationSeconds: 900,
  principalArn: 'arn:aws:iam::123456789012:saml-provider/idp',
  assertion: Buffer.from('<c4n4ry>c4n4ry c4n4ry c4n4ry</c4n4ry>').toString('base64'),
}
const roleRequest: AssumeRoleRequest = {
  roleArn: request.roleArn,
  roleSessionName: 'shop.web.web-1',
  durationSeconds: 900,
  externalId: 'c4n4ry-42',
  tags: new Map([
    ['team', 'shop'],
    ['stage', ''],
  ]),
  sourceIdentity: 'checkout',
  policy: '{"a": 1}',
  policyArns: ['arn:aws:iam::aws:policy/A'],
}
const keys: SigningKeys = {
  accessKeyId: 'ASIAC4N4RYC4N4RY',
  secretAccessKey: 'c4n4rySecretAccessKey/c4n4rySecretAccess',
  sessionToken: 'c4n4rySessionToken/c4n4rySessionToken==',
}

describe('AssumeRoleWithWebIdentity', () => {
  it('names the provider of an access token', async () => {
    const raw = await answering(200, successXml())
    await connect(raw.url).assumeRoleWithWebIdentity({ ...request, providerId: 'graph.facebook.com' }, never)
    expect(formOf(raw)).toMatchObject({ ProviderId: 'graph.facebook.com', WebIdentityToken: request.token })
  })
})

describe('AssumeRoleWithSAML', () => {
  it('sends one unsigned form', async () => {
    const raw = await answering(200, answerOf('AssumeRoleWithSAML'))
    const answer = await connect(raw.url).assumeRoleWithSaml({ ...samlRequest, policy: '{}' }, never)
    expect(answer).toMatchObject({ accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 's3cr3t' })
    expect(raw.seen[0]?.headers).not.toHaveProperty('authorization')
    expect(formOf(raw)).toEqual({
      Action: 'AssumeRoleWithSAML',
      Version: '2011-06-15',
      RoleArn: samlRequest.roleArn,
      PrincipalArn: samlRequest.principalArn,
      SAMLAssertion: samlRequest.assertion,
      DurationSeconds: '900',
      Policy: '{}',
    })
  })

  it.each([
    ['AccessDenied', 'StsSamlDenied'],
    ['ExpiredTokenException', 'StsSamlExpired'],
    ['InvalidIdentityToken', 'StsSamlRejected'],
  ])('%s is %s, without the assertion', async (code, expected) => {
    const { url } = await answering(403, errorXml(code, `no: ${samlRequest.assertion}`))
    const failure = await failureOf(connect(url).assumeRoleWithSaml(samlRequest, never))
    expect(failure.code).toBe(expected)
    expect(failure.message).not.toContain(samlRequest.assertion.slice(8, 24))
  })
})

describe('AssumeRole', () => {
  it('signs one form by the keys and the region that it is given', async () => {
    const raw = await answering(200, answerOf('AssumeRole'))
    const answer = await connect(`${raw.url}/prefix`).assumeRole(roleRequest, keys, never)
    expect(answer.accessKeyId).toBe('ASIAEXAMPLE')
    expect(formOf(raw)).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: roleRequest.roleArn,
      RoleSessionName: roleRequest.roleSessionName,
      DurationSeconds: '900',
      ExternalId: roleRequest.externalId,
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'shop',
      'Tags.member.2.Key': 'stage',
      'Tags.member.2.Value': '',
      SourceIdentity: 'checkout',
      Policy: '{"a": 1}',
      'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/A',
    })
    // Ceph reads %20 and not the plus.
    expect(raw.seen[0]?.body).toContain('Policy=%7B%22a%22%3A%201%7D')
    expect(raw.seen[0]?.headers['x-amz-security-token']).toBe(keys.sessionToken)
    expect(signatureOf(raw, keys.secretAccessKey)).toEqual({
      scope: `${keys.accessKeyId}/eu-west-1/sts/aws4_request`,
      holds: true,
    })
    expect(signatureOf(raw, 'another').holds).toBe(false)
  })

  it('leaves out what is not asked for', async () => {
    const raw = await answering(200, answerOf('AssumeRole'))
    const { roleArn, roleSessionName, durationSeconds } = roleRequest
    await connect(raw.url).assumeRole({ roleArn, roleSessionName, durationSeconds }, keys, never)
    expect(Object.keys(formOf(raw)).sort()).toEqual([
      'Action',
      'DurationSeconds',
      'RoleArn',
      'RoleSessionName',
      'Version',
    ])
  })

  it('signs each call by its own keys', async () => {
    const raw = await answering(200, answerOf('AssumeRole'))
    const sts = connect(raw.url)
    await sts.assumeRole(roleRequest, keys, never)
    await sts.assumeRole(roleRequest, { ...keys, accessKeyId: 'ASIAOTHER', sessionToken: 'other' }, never)
    expect(raw.seen.map(({ headers }) => headers['x-amz-security-token'])).toEqual([keys.sessionToken, 'other'])
    expect(raw.seen[1]?.headers.authorization).toContain('Credential=ASIAOTHER/')
  })

  it("dates a signature by the given clock, and by STS's once that is known", async () => {
    const given = Date.UTC(2031, 0, 1)
    const raw = await answering(200, answerOf('AssumeRole'), new Date(given + 3_600_000).toUTCString())
    const sts = connect(raw.url, { now: () => given })
    await sts.assumeRole(roleRequest, keys, never)
    await sts.assumeRole(roleRequest, keys, never)
    const dates = raw.seen.map(({ headers }) => String(headers['x-amz-date']).slice(0, 11))
    // Seconds pass while it runs.
    expect(dates).toEqual(['20310101T00', '20310101T01'])
  })

  it.each([
    ['AccessDenied', 'StsChainDenied'],
    ['ExpiredToken', 'StsChainCredentialsRejected'],
    ['InvalidClientTokenId', 'StsChainCredentialsRejected'],
    ['SignatureDoesNotMatch', 'StsChainCredentialsRejected'],
    ['RequestExpired', 'StsChainCredentialsRejected'],
  ])('%s is %s, without keys and external ID', async (code, expected) => {
    const said = `no: ${keys.sessionToken} ${keys.secretAccessKey} ${keys.accessKeyId} (${roleRequest.externalId})`
    const { url } = await answering(403, errorXml(code, said))
    const failure = await failureOf(connect(url).assumeRole(roleRequest, keys, never))
    expect(failure.code).toBe(expected)
    expect(failure.message).not.toMatch(/c4n4ry/i)
  })
})

it.each(['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML', 'AssumeRole'])(
  'the answer of another operation than %s is refused',
  async (operation) => {
    const others = ['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML', 'AssumeRole'].filter((it) => it !== operation)
    for (const other of others) {
      const sts = connect((await answering(200, answerOf(other))).url)
      const calls: Record<string, () => Promise<unknown>> = {
        AssumeRoleWithWebIdentity: () => sts.assumeRoleWithWebIdentity(request, never),
        AssumeRoleWithSAML: () => sts.assumeRoleWithSaml(samlRequest, never),
        AssumeRole: () => sts.assumeRole(roleRequest, keys, never),
      }
      const failure = await failureOf(calls[operation]?.() ?? Promise.resolve())
      expect(failure.code).toBe('StsAnswerInvalid')
    }
  },
)

function signatureOf(raw: Raw, secret: string): { readonly scope: string; readonly holds: boolean } {
  const { headers = {}, url = '', body = '' } = raw.seen[0] ?? {}
  const parts = /Credential=([^/]+)\/(\d{8})\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(
    String(headers['authorization']),
  )
  const [, accessKeyId, date = '', scope = '', signed = '', signature] = parts ?? []
  const [region = '', service = ''] = scope.split('/')
  const expected = computeSignature(
    {
      method: 'POST',
      path: url,
      query: '',
      headers: new Map(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body,
    },
    { timestamp: String(headers['x-amz-date']), date, region, service, signedHeaders: signed.split(';') },
    secret,
  )
  expect(headers['x-amz-content-sha256'] ?? createHash('sha256').update(body).digest('hex')).toMatch(/^[0-9a-f]{64}$/)
  return { scope: `${accessKeyId}/${scope}`, holds: expected === signature }
}
