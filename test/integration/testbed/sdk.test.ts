import { Agent } from 'node:https'
import {
  AssumeRoleCommand,
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSts, type TrustPolicyDocument } from '../../../src/testbed/index.ts'
import { createSamlKey, encode, entityId, goodResponse, metadataOf, providerArn, roleArn } from './saml.ts'
import { accountId, createClock, startWorld, type World, webToken } from './support.ts'

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken: string }

let world: World
beforeAll(async () => {
  // The SDK signs by the machine's clock, so STS has to live by it here.
  world = await startWorld({ ...createClock(), now: Date.now })
})
afterAll(() => world.stop())

function createClient(credentials?: Keys, endpoint = world.sts.url): STSClient {
  return new STSClient({
    region: 'eu-central-1',
    endpoint,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: world.ca.pem }) }),
    ...(credentials === undefined ? {} : { credentials }),
  })
}

async function assumeRole(): Promise<Keys> {
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: world.sts.roleArn('web'),
    RoleSessionName: 'shop.web.web-0',
    WebIdentityToken: await webToken(world.issuer),
  })
  const { Credentials } = await createClient().send(command)
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

/** The same text with its last character changed. */
function alter(text: string): string {
  return text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')
}

describe('the AWS SDK for JavaScript against the STS double', () => {
  it('exchanges a token and is, with the credentials, the session of the role', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: world.sts.roleArn('web'),
      RoleSessionName: 'shop.web.web-0',
      WebIdentityToken: await webToken(world.issuer),
      DurationSeconds: 900,
    })
    const answer = await createClient().send(command)
    expect(answer.SubjectFromWebIdentityToken).toBe('system:serviceaccount:shop:web')
    expect(answer.Audience).toBe('sts.amazonaws.com')
    expect(answer.Provider).toBe(`arn:aws:iam::${accountId}:oidc-provider/${world.issuer.url.slice('https://'.length)}`)
    expect(answer.PackedPolicySize).toBeUndefined()
    const expiration = answer.Credentials?.Expiration?.getTime() ?? 0
    expect(expiration).toBeGreaterThanOrEqual(before + 900_000)
    expect(expiration).toBeLessThanOrEqual(Date.now() + 900_000)

    const caller = await createClient(await assumeRole()).send(new GetCallerIdentityCommand({}))
    expect(caller.Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/web/shop.web.web-0`)
    expect(caller.Account).toBe(accountId)
    expect(caller.UserId).toBe(answer.AssumedRoleUser?.AssumedRoleId)
    expect(answer.AssumedRoleUser?.Arn).toBe(caller.Arn)
  })

  it.each([
    ['secretAccessKey', 'SignatureDoesNotMatch'],
    ['sessionToken', 'InvalidClientTokenId'],
    ['accessKeyId', 'InvalidClientTokenId'],
  ] as const)('refuses credentials whose %s has one character changed', async (field, code) => {
    const keys = await assumeRole()
    const client = createClient({ ...keys, [field]: alter(keys[field]) })
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: code,
      $metadata: { httpStatusCode: 403 },
    })
  })

  it('reads the errors of the double as the errors of AWS', async () => {
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${accountId}:role/unknown`,
      RoleSessionName: 'shop.web.web-0',
      WebIdentityToken: await webToken(world.issuer),
    })
    const error: unknown = await createClient()
      .send(command)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      $fault: 'client',
      $metadata: { httpStatusCode: 403, requestId: world.sts.requests.at(-1)?.requestId },
    })
  })

  it('reads an answer to a session policy', async () => {
    const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: world.sts.roleArn('web'),
      RoleSessionName: 'shop.web.web-0',
      WebIdentityToken: await webToken(world.issuer),
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
    })
    const answer = await createClient().send(command)
    expect(answer.PackedPolicySize).toBe(7)
  })
})

describe('the AWS SDK for JavaScript, with other identities', () => {
  const trust = (Principal: Record<string, string>, ...actions: string[]): TrustPolicyDocument => ({
    Statement: { Effect: 'Allow', Principal, Action: actions.map((action) => `sts:${action}`) },
  })
  const session = 'shop.web.web-0'

  it('assumes a role with a SAML assertion, and from there another one, with tags', async () => {
    const key = await createSamlKey()
    const sts = await startSts({
      ca: world.ca,
      now: Date.now,
      accountId,
      providers: [],
      samlProviders: [{ name: 'corporate', metadata: metadataOf([key]) }],
      roles: [
        { name: 'web', trustPolicy: trust({ Federated: providerArn }, 'AssumeRoleWithSAML') },
        { name: 'next', trustPolicy: trust({ AWS: roleArn }, 'AssumeRole', 'TagSession', 'SetSourceIdentity') },
      ],
    })
    const bySaml = new AssumeRoleWithSAMLCommand({
      RoleArn: roleArn,
      PrincipalArn: providerArn,
      SAMLAssertion: encode(goodResponse(key, { now: Date.now() })),
    })
    const first = await createClient(undefined, sts.url).send(bySaml)
    expect(first).toMatchObject({
      Subject: 'user-1',
      SubjectType: 'persistent',
      Issuer: entityId,
      Audience: 'https://signin.aws.amazon.com/saml',
      AssumedRoleUser: { Arn: `arn:aws:sts::${accountId}:assumed-role/web/user@example.test` },
    })
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = first.Credentials ?? {}
    const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
    const chained = createClient(keys, sts.url)
    const hop = new AssumeRoleCommand({
      RoleArn: sts.roleArn('next'),
      RoleSessionName: session,
      Tags: [{ Key: 'Team', Value: 'shop' }],
      TransitiveTagKeys: ['Team'],
      SourceIdentity: 'user-1',
    })
    const second = await chained.send(hop)
    expect(second.SourceIdentity).toBe('user-1')
    expect(second.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/next/${session}`)
    expect(sts.requests.at(-1)?.facts).toMatchObject({ tagKeys: ['Team'], transitiveTagKeys: ['Team'] })
    const long = new AssumeRoleCommand({ ...hop.input, DurationSeconds: 3601 })
    await expect(chained.send(long)).rejects.toThrow('limit for roles assumed by role chaining')
    await sts.stop()
  })
})
