import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createCertificateAuthority,
  type Issuer,
  type Role,
  startIssuer,
  startSts,
  type TrustStatement,
  trustPolicy,
} from '../../../src/testbed/index.ts'
import { type Keys, keysOf, postSigned } from './signed.ts'
import {
  type Answer,
  accountId,
  assume,
  audience,
  createClock,
  post,
  textOf,
  verdictOf,
  type World,
  webToken,
} from './support.ts'

const clock = createClock()
let world: World
let issuer: Issuer
let keys: Keys

const arnOf = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`
const allow: TrustStatement = { Effect: 'Allow', Principal: { AWS: arnOf('web') }, Action: 'sts:AssumeRole' }
const everything: TrustStatement = { ...allow, Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'] }
const anybody: TrustStatement = { ...everything, Principal: { AWS: accountId } }
const role = (name: string, ...Statement: TrustStatement[]): Role => ({ name, trustPolicy: { Statement } })

beforeAll(async () => {
  const { now } = clock
  const ca = await createCertificateAuthority({ name: 'testbed', now })
  issuer = await startIssuer({ ca, now })
  const web = trustPolicy({ issuer: issuer.url, accountId, namespace: 'shop', serviceAccount: 'web' })
  const [byToken] = [web.Statement].flat() as TrustStatement[]
  const carrying = { ...byToken, Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'] }
  const sts = await startSts({
    ca,
    now,
    accountId,
    providers: [{ url: issuer.url, clientIds: [audience], ca: ca.pem }],
    roles: [
      { name: 'web', trustPolicy: { Statement: carrying as TrustStatement }, mayAssume: [arnOf('n*'), arnOf('last')] },
      { ...role('next', everything), maxSessionDuration: 43_200 },
      role('nothing', allow),
      role('none', { ...allow, Principal: { AWS: arnOf('other') } }),
      role('other', anybody),
      role('last', anybody),
    ],
  })
  world = { ca, issuer, sts, clock, stop: async () => undefined }
})
afterAll(async () => {
  await world.sts.stop()
  await issuer.stop()
})
beforeEach(async () => {
  keys = keysOf(await assume(world, { WebIdentityToken: await webToken(issuer) }))
})

const base = { Action: 'AssumeRole', RoleArn: arnOf('next'), RoleSessionName: 'hop-1' }
const ask = (change: Record<string, string> = {}, by = keys): Promise<Answer> =>
  postSigned(world, by, { ...base, ...change })
const judge = async (change: Record<string, string> = {}, by = keys): Promise<unknown[]> =>
  verdictOf(await ask(change, by))
const granted = [200, undefined, undefined]
const denied = (action: string, name: string, who = 'web/shop.web.web-0'): unknown[] => [
  403,
  'AccessDenied',
  `User: arn:aws:sts::${accountId}:assumed-role/${who} is not authorized to perform: ${action} on resource: ${arnOf(name)}`,
]
const trust = (name: string, Condition: TrustStatement['Condition'], statement = everything): void =>
  world.sts.setTrustPolicy(name, { Statement: { ...statement, ...(Condition && { Condition }) } })

describe('AssumeRole', () => {
  it('answers in the shape of AWS, and the credentials are the session', async () => {
    const answer = await ask({ SourceIdentity: 'user-1' })
    const secretless = answer.text
      .replace(/<AccessKeyId>ASIA[A-Z2-7]{16}</, '<AccessKeyId>KEY<')
      .replace(/<SecretAccessKey>[A-Za-z0-9+/]{40}</, '<SecretAccessKey>SECRET<')
      .replace(/<SessionToken>[A-Za-z0-9+/=]{400,}</, '<SessionToken>TOKEN<')
      .replace(/AROA[A-Z2-7]{17}/, 'AROA')
      .replace(/<RequestId>[0-9a-f-]{36}</, '<RequestId>ID<')
    expect(secretless).toBe(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROA:hop-1</AssumedRoleId>
      <Arn>arn:aws:sts::${accountId}:assumed-role/next/hop-1</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>KEY</AccessKeyId>
      <SecretAccessKey>SECRET</SecretAccessKey>
      <SessionToken>TOKEN</SessionToken>
      <Expiration>2026-01-15T13:00:00Z</Expiration>
    </Credentials>
    <SourceIdentity>user-1</SourceIdentity>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>ID</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
`)
    const identity = await postSigned(world, keysOf(answer), { Action: 'GetCallerIdentity' })
    expect(textOf(identity, 'Arn')).toBe(`arn:aws:sts::${accountId}:assumed-role/next/hop-1`)
  })

  it('asks for a signature, before anything else', async () => {
    const unsigned = await post(world, { ...base, Version: '2011-06-15', RoleArn: 'x' })
    expect(textOf(unsigned, 'Code')).toBe('MissingAuthenticationToken')
    expect((await judge({ RoleArn: 'x' }, { ...keys, secret: 'x' }))[1]).toBe('SignatureDoesNotMatch')
    expect((await judge({}, { ...keys, token: 'x' }))[1]).toBe('InvalidClientTokenId')
  })

  it('refuses over an hour, since it is role chaining, whatever the role allows', async () => {
    expect(await judge({ DurationSeconds: '3600' })).toEqual(granted)
    expect(await judge({ DurationSeconds: '3601' })).toEqual([
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    ])
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['a short session name', { RoleSessionName: 'x' }, /at &apos;roleSessionName&apos;/],
    ['a short external id', { ExternalId: 'x' }, /at &apos;externalId&apos; .* greater than or equal to 2/],
    ['a long external id', { ExternalId: 'x'.repeat(1225) }, /less than or equal to 1224/],
    ['an external id with a space', { ExternalId: 'a b' }, /regular expression/],
    ['a source identity with a colon', { SourceIdentity: 'aws:x' }, /at &apos;sourceIdentity&apos;/],
    ['an empty key', { 'Tags.member.1.Key': '', 'Tags.member.1.Value': 'x' }, /tags\.1\.member\.key/],
    ['a long key', { 'Tags.member.1.Key': 'x'.repeat(129), 'Tags.member.1.Value': 'x' }, /equal to 128/],
    ['a long value', { 'Tags.member.1.Key': 'k', 'Tags.member.1.Value': 'x'.repeat(257) }, /equal to 256/],
    ['a key without a value', { 'Tags.member.1.Key': 'k' }, /a Key and a Value/],
    ['a policy that is none', { Policy: '{}' }, /Syntax errors in policy/],
  ])('refuses %s', async (_title, change, message) => {
    const [status, , text] = await judge(change)
    expect(status).toBe(400)
    expect(text).toMatch(message)
  })
})

describe('trust', () => {
  it('is by role, session, account or root, and by everybody', async () => {
    const session = `arn:aws:sts::${accountId}:assumed-role/web/shop.web.web-0`
    for (const AWS of [arnOf('web'), session, accountId, `arn:aws:iam::${accountId}:root`, '*']) {
      trust('next', undefined, { ...everything, Principal: { AWS } })
      expect(await judge()).toEqual(granted)
    }
    for (const AWS of [arnOf('other'), `${session}x`, '999999999999', 'arn:aws:iam::999999999999:root']) {
      trust('next', undefined, { ...everything, Principal: { AWS } })
      expect(await judge()).toEqual(denied('sts:AssumeRole', 'next'))
    }
    trust('next', undefined, { ...everything, Principal: { Federated: arnOf('web') } })
    expect(await judge()).toEqual(denied('sts:AssumeRole', 'next'))
    trust('next', undefined)
  })

  it('of an unknown role is denied in the same words', async () => {
    expect(await judge({ RoleArn: arnOf('nowhere') })).toEqual(denied('sts:AssumeRole', 'nowhere'))
    expect(await judge({ RoleArn: arnOf('none') })).toEqual(denied('sts:AssumeRole', 'none'))
  })

  it('is not enough where the calling role must not', async () => {
    expect(await judge({ RoleArn: arnOf('other') })).toEqual(denied('sts:AssumeRole', 'other'))
  })

  it.each<[string, string, Record<string, string>]>([
    ['sts:ExternalId', 'ext-1', { ExternalId: 'ext-1' }],
    ['sts:RoleSessionName', 'named', { RoleSessionName: 'named' }],
    ['sts:SourceIdentity', 'user-1', { SourceIdentity: 'user-1' }],
    ['aws:RequestTag/Team', 'shop', { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'shop' }],
  ])('can ask for %s', async (name, value, parameters) => {
    trust('next', { StringEquals: { [name]: value } })
    expect(await judge(parameters)).toEqual(granted)
    expect((await judge())[1]).toBe('AccessDenied')
    trust('next', { StringEquals: { [name]: `${value}x` } })
    expect((await judge(parameters))[1]).toBe('AccessDenied')
    trust('next', undefined)
  })

  it('can look at who asks', async () => {
    trust('next', { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${accountId}:role/w*` } })
    expect(await judge()).toEqual(granted)
    trust('next', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x*' } })
    expect((await judge())[1]).toBe('AccessDenied')
    trust('next', { StringEquals: { 'aws:PrincipalAccount': accountId, 'aws:PrincipalType': 'AssumedRole' } })
    expect(await judge()).toEqual(granted)
    trust('next', undefined)
  })

  it('is asked for tags and a source identity by their own actions', async () => {
    const tag = { 'Tags.member.1.Key': 'Team', 'Tags.member.1.Value': 'shop' }
    const RoleArn = arnOf('nothing')
    expect(await judge({ RoleArn })).toEqual(granted)
    expect(await judge({ RoleArn, ...tag })).toEqual(denied('sts:TagSession', 'nothing'))
    expect(await judge({ RoleArn, SourceIdentity: 'u1' })).toEqual(denied('sts:SetSourceIdentity', 'nothing'))
  })
})

describe('session tags and source identity', () => {
  const tags = (given: Record<string, string>, transitive: string[] = []): Record<string, string> =>
    Object.fromEntries([
      ...Object.entries(given).flatMap(([key, value], at) => [
        [`Tags.member.${at + 1}.Key`, key],
        [`Tags.member.${at + 1}.Value`, value],
      ]),
      ...transitive.map((key, at) => [`TransitiveTagKeys.member.${at + 1}`, key]),
    ])
  const last = { RoleArn: arnOf('last'), RoleSessionName: 'hop-2' }

  it('may be fifty and no more, each once whatever its case', async () => {
    const many = (count: number) => tags(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v'])))
    expect(await judge(many(50))).toEqual(granted)
    expect((await judge(many(51)))[2]).toContain('at &apos;tags&apos; failed to satisfy constraint')
    const twice = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'
    expect(await judge(tags({ Team: 'a', team: 'b' }))).toEqual([400, 'InvalidParameterValue', twice])
    expect((await judge(tags({ 'aws:x': 'a' })))[1]).toBe('InvalidParameterValue')
    expect((await judge(tags({ Team: 'a' }, ['Other'])))[2]).toContain('must be included in the requested tags')
  })

  it('take their room', async () => {
    const noise = (at: number): string => createHash('sha512').update(String(at)).digest('hex').repeat(2)
    const all = tags(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, noise(at)])))
    const [status, code, message] = await judge(all)
    expect([status, code]).toEqual([400, 'PackedPolicyTooLarge'])
    expect(message).toContain('session policies and session tags')
  })

  it('go on where they are transitive, and cannot be overridden', async () => {
    const hop = keysOf(await ask(tags({ Team: 'shop', Stage: 'test' }, ['Team'])))
    const condition = {
      'aws:RequestTag/Team': 'shop',
      'aws:PrincipalTag/Stage': 'test',
      'sts:TransitiveTagKeys': 'Team',
    }
    trust('last', { StringEquals: condition, Null: { 'aws:RequestTag/Stage': 'true' } }, anybody)
    expect(await judge(last, hop)).toEqual(granted)
    expect(world.sts.requests.at(-1)?.facts).toEqual({
      sessionName: 'hop-2',
      tagKeys: ['Team'],
      transitiveTagKeys: ['Team'],
    })
    const conflict =
      'One of the specified transitive tag keys can&apos;t be set because it conflicts with a transitive tag key from the calling session.'
    expect(await judge({ ...last, ...tags({ TEAM: 'x' }) }, hop)).toEqual([400, 'InvalidParameterValue', conflict])
    trust('last', undefined, { ...anybody, Action: ['sts:AssumeRole'] })
    expect(await judge(last, hop)).toEqual(denied('sts:TagSession', 'last', 'next/hop-1'))
  })

  it('stay, as to the source identity', async () => {
    trust('last', { StringEquals: { 'sts:SourceIdentity': 'u1', 'aws:SourceIdentity': 'u1' } }, anybody)
    const hop = keysOf(await ask({ SourceIdentity: 'u1' }))
    expect(textOf(await ask(last, hop), 'SourceIdentity')).toBe('u1')
    expect(await judge({ ...last, SourceIdentity: 'u1' }, hop)).toEqual(granted)
    const set = 'The source identity is already set for this assume role session'
    expect(await judge({ ...last, SourceIdentity: 'u2' }, hop)).toEqual([400, 'ValidationError', set])
  })

  it('come from the claims of a token, too', async () => {
    const claims = {
      'https://aws.amazon.com/tags': { principal_tags: { Team: ['shop'] }, transitive_tag_keys: ['Team'] },
      'https://aws.amazon.com/tags/principal_tags/Stage': 'test',
      'https://aws.amazon.com/source_identity': 'u1',
    }
    const sub = 'system:serviceaccount:shop:web'
    const token = await issuer.issueToken({ sub, audience: [audience], expiresIn: 3600, claims })
    const answer = await assume(world, { WebIdentityToken: token })
    expect(textOf(answer, 'SourceIdentity')).toBe('u1')
    expect(textOf(answer, 'PackedPolicySize')).toMatch(/^\d$/)
    expect(world.sts.requests.at(-1)?.facts).toMatchObject({ tagKeys: ['Team', 'Stage'], sourceIdentity: 'u1' })
    trust('last', { StringEquals: { 'aws:RequestTag/Team': 'shop', 'aws:PrincipalTag/Stage': 'test' } }, anybody)
    expect(await judge(last, keysOf(answer))).toEqual(granted)
  })

  it.each<[string, Record<string, unknown>]>([
    ['that are a list', { 'https://aws.amazon.com/tags': [] }],
    ['that are a text', { 'https://aws.amazon.com/tags': { principal_tags: 'x' } }],
    ['of two values', { 'https://aws.amazon.com/tags': { principal_tags: { a: ['b', 'c'] } } }],
    ['with a number', { 'https://aws.amazon.com/tags/principal_tags/a': 1 }],
    ['too long', { 'https://aws.amazon.com/tags/principal_tags/a': 'x'.repeat(257) }],
    ['with keys that are numbers', { 'https://aws.amazon.com/tags/transitive_tag_keys': [1] }],
    ['and a source identity that is a number', { 'https://aws.amazon.com/source_identity': 1 }],
  ])('of a token are refused when they are malformed: %s', async (_title, claims) => {
    const sub = 'system:serviceaccount:shop:web'
    const token = await issuer.issueToken({ sub, audience: [audience], expiresIn: 3600, claims })
    expect((await assume(world, { WebIdentityToken: token })).text).toContain('<Code>InvalidIdentityToken<')
  })
})

describe('session policies', () => {
  const policy = (...Statement: object[]): Record<string, string> => ({ Policy: JSON.stringify({ Statement }) })
  const may = { Effect: 'Allow', Action: 'sts:*', Resource: '*' }
  const last = { RoleArn: arnOf('last'), RoleSessionName: 'hop-2' }
  beforeEach(() => trust('last', undefined, anybody))

  it.each<[string, Record<string, string>, boolean]>([
    ['allow all of STS', policy(may), true],
    ['allow this role', policy({ ...may, Resource: [arnOf('last')] }), true],
    ['allow another', policy({ ...may, Resource: arnOf('lost') }), false],
    ['allow something else', policy({ ...may, Action: ['s3:*'] }), false],
    ['deny it', policy(may, { ...may, Effect: 'Deny', Action: 'sts:AssumeRole' }), false],
    ['deny all else', policy(may, { Effect: 'Deny', NotAction: 's3:*', Resource: '*' }), false],
    ['deny all other resources', policy(may, { Effect: 'Deny', Action: '*', NotResource: 'x' }), false],
    ['allow it under a condition', policy({ ...may, Condition: {} }), false],
    ['allow by exception', policy({ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }), false],
    ['are a managed one', { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess' }, false],
    ['are all-powerful', { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AdministratorAccess' }, true],
  ])('that %s', async (_title, given, expected) => {
    const answer = await ask(given)
    expect(textOf(answer, 'PackedPolicySize')).toMatch(/^\d+$/)
    expect(await judge(last, keysOf(answer))).toEqual(
      expected ? granted : denied('sts:AssumeRole', 'last', 'next/hop-1'),
    )
  })

  it('are remembered as having been there', async () => {
    await ask({ ...policy(may), ExternalId: 'ext-1', DurationSeconds: '900' })
    expect(world.sts.requests.at(-1)).toMatchObject({
      accessKeyId: keys.id,
      facts: { sessionName: 'hop-1', durationSeconds: 900, externalId: true, policy: true },
    })
    expect(JSON.stringify(world.sts.requests)).not.toContain('ext-1')
  })
})
