import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createCertificateAuthority,
  type Sts,
  startSts,
  type TrustPolicyDocument,
  type TrustStatement,
} from '../../../src/testbed/index.ts'
import {
  type Attributes,
  assertionXml,
  at,
  attributeXml,
  confirmation,
  createSamlKey,
  entityId,
  goodResponse,
  metadataOf,
  providerArn,
  recipient,
  redeem,
  responseXml,
  roleArn,
  type Said,
  type SamlKey,
  sign,
} from './saml.ts'
import { type Answer, accountId, createClock, textOf, verdictOf, type World } from './support.ts'

const clock = createClock()
const now = clock.now()
let key: SamlKey
let sts: Sts
let world: World

const action = 'sts:AssumeRoleWithSAML'
const allow: TrustStatement = { Effect: 'Allow', Principal: { Federated: providerArn }, Action: action }
const trust = (...statements: TrustStatement[]): TrustPolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
})
const carrying: TrustStatement = { ...allow, Action: [action, 'sts:TagSession', 'sts:SetSourceIdentity'] }

beforeAll(async () => {
  key = await createSamlKey()
  const ca = await createCertificateAuthority({ name: 'testbed', now: clock.now })
  sts = await startSts({
    ca,
    now: clock.now,
    accountId,
    providers: [],
    samlProviders: [{ name: 'corporate', metadata: metadataOf([key]) }],
    roles: [
      { name: 'web', trustPolicy: trust(allow) },
      { name: 'carrying', trustPolicy: trust(carrying) },
      { name: 'long', maxSessionDuration: 43_200, trustPolicy: trust(allow) },
      { name: 'closed', trustPolicy: trust({ ...allow, Principal: { Federated: `${providerArn}2` } }) },
    ],
  })
  world = { ca, sts, clock } as World
})
afterAll(() => sts.stop())

const say = (change: Partial<Said> = {}): string => goodResponse(key, { now, ...change })
const given = (attributes: Attributes): string => say({ attributes })
const ask = (xml: string, parameters: Record<string, string> = {}): Promise<Answer> => redeem(world, xml, parameters)
const judge = async (xml: string, parameters: Record<string, string> = {}): Promise<unknown[]> =>
  verdictOf(await ask(xml, parameters))
const granted = [200, undefined, undefined]
const arnOf = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`
const pair = (name: string): string => `${arnOf(name)},${providerArn}`

describe('AssumeRoleWithSAML', () => {
  it('answers in the shape of AWS', async () => {
    const answer = await ask(say())
    const qualifier = createHash('sha1').update(`${entityId}${accountId}/corporate`).digest('base64')
    const secretless = answer.text
      .replace(/<AccessKeyId>ASIA[A-Z2-7]{16}</, '<AccessKeyId>KEY<')
      .replace(/<SecretAccessKey>[A-Za-z0-9+/]{40}</, '<SecretAccessKey>SECRET<')
      .replace(/<SessionToken>[A-Za-z0-9+/=]{400,}</, '<SessionToken>TOKEN<')
      .replace(/AROA[A-Z2-7]{17}/, 'AROA')
      .replace(/<RequestId>[0-9a-f-]{36}</, '<RequestId>ID<')
    expect(secretless).toBe(`<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithSAMLResult>
    <Audience>${recipient}</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>AROA:user@example.test</AssumedRoleId>
      <Arn>arn:aws:sts::${accountId}:assumed-role/web/user@example.test</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>KEY</AccessKeyId>
      <SecretAccessKey>SECRET</SecretAccessKey>
      <SessionToken>TOKEN</SessionToken>
      <Expiration>2026-01-15T13:00:00Z</Expiration>
    </Credentials>
    <Issuer>${entityId}</Issuer>
    <NameQualifier>${qualifier}</NameQualifier>
    <Subject>user-1</Subject>
    <SubjectType>persistent</SubjectType>
  </AssumeRoleWithSAMLResult>
  <ResponseMetadata>
    <RequestId>ID</RequestId>
  </ResponseMetadata>
</AssumeRoleWithSAMLResponse>
`)
  })

  it('takes a signed response as well, and both', async () => {
    const whole = responseXml(assertionXml({ now }))
    expect(await judge(sign(whole, key, { what: 'Response' }))).toEqual(granted)
    expect(await judge(sign(sign(whole, key), key, { what: 'Response' }))).toEqual(granted)
  })

  it('takes the pair in either order, among others', async () => {
    const Role = ['nonsense', `${providerArn}, ${arnOf('long')}`, `${providerArn},${roleArn}`]
    expect(await judge(given({ Role }))).toEqual(granted)
    expect(await judge(given({ Role }), { RoleArn: arnOf('long') })).toEqual(granted)
  })

  it('takes an assertion that is five minutes old, and one of a clock that is a minute ahead', async () => {
    expect(await judge(say({ issued: -300_000 }))).toEqual(granted)
    expect(await judge(say({ issued: 60_000 }))).toEqual(granted)
  })

  it.each(['https://eu-west-1.signin.aws.amazon.com/saml', 'https://us-east-1.signin.aws.amazon.com/saml/acs/abc1'])(
    'takes the sign-in of a region: %s',
    async (url) => {
      const answer = await ask(say({ data: `Recipient="${url}" NotOnOrAfter="${at(now, 1000)}"` }))
      expect(textOf(answer, 'Audience')).toBe(url)
    },
  )

  it('takes the address as audience', async () => {
    const audience = `<saml:AudienceRestriction><saml:Audience>${recipient}</saml:Audience></saml:AudienceRestriction>`
    expect(await judge(say({ conditions: `<saml:Conditions>${audience}</saml:Conditions>` }))).toEqual(granted)
  })

  it('ends the session no later than the provider does', async () => {
    const authn = `SessionNotOnOrAfter="${at(now, 1_200_000)}"`
    expect(textOf(await ask(say({ authn })), 'Expiration')).toBe('2026-01-15T12:20:00Z')
    const long = { RoleArn: arnOf('long'), DurationSeconds: '43200' }
    const Role = pair('long')
    expect(textOf(await ask(say({ authn, attributes: { Role } }), long), 'Expiration')).toBe('2026-01-15T12:20:00Z')
    expect(textOf(await ask(given({ Role }), long), 'Expiration')).toBe('2026-01-16T00:00:00Z')
  })

  it('carries tags and a source identity where the role lets it', async () => {
    const attributes = {
      Role: pair('carrying'),
      'PrincipalTag:Team': 'shop',
      'PrincipalTag:Stage': '',
      TransitiveTagKeys: ['Team'],
      SourceIdentity: 'user-1',
      SessionDuration: '28800',
    }
    const answer = await ask(given(attributes), { RoleArn: arnOf('carrying') })
    expect(textOf(answer, 'SourceIdentity')).toBe('user-1')
    expect(textOf(answer, 'PackedPolicySize')).toMatch(/^\d$/)
    expect(sts.requests.at(-1)?.facts).toEqual({
      sessionName: 'user@example.test',
      tagKeys: ['Team', 'Stage'],
      transitiveTagKeys: ['Team'],
      sourceIdentity: 'user-1',
      principalArn: providerArn,
    })
    const { SourceIdentity: _, ...tags } = { ...attributes, Role: pair('web') }
    expect(await judge(given(tags))).toEqual([403, 'AccessDenied', 'Not authorized to perform sts:TagSession'])
    const denied = [403, 'AccessDenied', 'Not authorized to perform sts:SetSourceIdentity']
    expect(await judge(given({ SourceIdentity: 'user-1' }))).toEqual(denied)
  })

  it('tells the log nothing of an assertion', async () => {
    const xml = say()
    await ask(xml)
    expect(JSON.stringify(sts.requests)).not.toContain(Buffer.from(xml).toString('base64').slice(100, 140))
    expect(JSON.stringify(sts.requests)).not.toContain('user-1</')
  })
})

describe('the trust of a role', () => {
  const denied = [403, 'AccessDenied', `Not authorized to perform ${action}`]

  it('is asked for, and an unknown role is answered alike', async () => {
    expect(await judge(given({ Role: pair('closed') }), { RoleArn: arnOf('closed') })).toEqual(denied)
    expect(await judge(given({ Role: pair('unknown') }), { RoleArn: arnOf('unknown') })).toEqual(denied)
  })

  it.each<[string, string]>([
    ['SAML:aud', recipient],
    ['SAML:iss', entityId],
    ['SAML:sub', 'user-1'],
    ['SAML:sub_type', 'persistent'],
    ['SAML:doc', `${accountId}/corporate`],
    ['saml:namequalifier', createHash('sha1').update(`${entityId}${accountId}/corporate`).digest('base64')],
    ['sts:RoleSessionName', 'user@example.test'],
    ['aws:FederatedProvider', providerArn],
  ])('can look at %s', async (name, value) => {
    const role = { RoleArn: arnOf('closed') }
    sts.setTrustPolicy('closed', trust({ ...allow, Condition: { StringEquals: { [name]: value } } }))
    expect(await judge(given({ Role: pair('closed') }), role)).toEqual(granted)
    sts.setTrustPolicy('closed', trust({ ...allow, Condition: { StringEquals: { [name]: `${value}x` } } }))
    expect(await judge(given({ Role: pair('closed') }), role)).toEqual(denied)
  })

  it('can look at tags that come', async () => {
    const Condition = {
      StringEquals: { 'aws:RequestTag/Team': 'shop' },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['Team'] },
    }
    sts.setTrustPolicy('closed', trust({ ...carrying, Condition }))
    const Role = pair('closed')
    const role = { RoleArn: arnOf('closed') }
    expect(await judge(given({ Role, 'PrincipalTag:Team': 'shop' }), role)).toEqual(granted)
    expect(await judge(given({ Role, 'PrincipalTag:Team': 'till' }), role)).toEqual(denied)
    expect(await judge(given({ Role, 'PrincipalTag:Team': 'shop', 'PrincipalTag:X': 'y' }), role)).toEqual(denied)
  })

  it('limits the duration', async () => {
    expect((await judge(say(), { DurationSeconds: '3601' }))[2]).toContain('exceeds the MaxSessionDuration')
  })
})

describe('an assertion that breaks a rule is refused', () => {
  const invalid = (message: string): unknown[] => [400, 'InvalidIdentityToken', message]
  const expired = (message: string): unknown[] => [400, 'ExpiredTokenException', message]
  const audienceOf = (...audiences: string[]): string =>
    `<saml:Conditions>${audiences.map((one) => `<saml:AudienceRestriction><saml:Audience>${one}</saml:Audience></saml:AudienceRestriction>`).join('')}</saml:Conditions>`
  const aws = 'urn:amazon:webservices'
  const data = (recipientUrl: string, end = at(now, 1000)): string =>
    `Recipient="${recipientUrl}" NotOnOrAfter="${end}"`
  const badName = 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}'
  const one = (name: string): string =>
    `The attribute https://aws.amazon.com/SAML/Attributes/${name} must have one value`
  const wrongPair = 'SAML Assertion doesn&apos;t contain the requested Role and Metadata in the attributes'

  it.each<[title: string, xml: () => string, verdict: unknown[]]>([
    ['of another issuer', () => say({ issuer: `${entityId}/` }), invalid('Issuer not present in specified provider')],
    [
      'that is too old',
      () => say({ issued: -301_000 }),
      expired('Token must be redeemed within 5 minutes of issuance'),
    ],
    ['of the future', () => say({ issued: 61_000 }), invalid('The assertion was issued in the future')],
    [
      'for somebody else',
      () => say({ conditions: audienceOf('urn:other') }),
      invalid('Response does not contain the required audience.'),
    ],
    [
      'for China',
      () => say({ conditions: audienceOf(`${aws}:cn-north-1`) }),
      invalid('Response does not contain the required audience.'),
    ],
    [
      'for two',
      () => say({ conditions: audienceOf(aws, 'urn:other') }),
      invalid('The Conditions must have exactly one AudienceRestriction'),
    ],
    [
      'for nobody',
      () => say({ conditions: '<saml:Conditions/>' }),
      invalid('The Conditions must have exactly one AudienceRestriction'),
    ],
    ['without conditions', () => say({ conditions: '' }), invalid('The Assertion must have exactly one Conditions')],
    [
      'whose conditions have ended',
      () => say({ conditions: audienceOf(aws).replace('Conditions>', `Conditions NotOnOrAfter="${at(now, 0)}">`) }),
      expired('NotOnOrAfter of Conditions has passed'),
    ],
    [
      'whose conditions have not begun',
      () => say({ conditions: audienceOf(aws).replace('Conditions>', `Conditions NotBefore="${at(now, 61_000)}">`) }),
      invalid('NotBefore of Conditions has not come'),
    ],
    [
      'with a time without a zone',
      () => say({ conditions: audienceOf(aws).replace('Conditions>', 'Conditions NotBefore="2026-01-15T11:00:00">') }),
      invalid('NotBefore of Conditions is no instant in UTC'),
    ],
    [
      'to another address',
      () => say({ data: data('https://signin.aws.amazon.com.evil.test/saml') }),
      invalid('Recipient is not an address of AWS sign-in'),
    ],
    [
      'to the address of China',
      () => say({ data: data('https://signin.amazonaws.cn/saml') }),
      invalid('Recipient is not an address of AWS sign-in'),
    ],
    [
      'to no address',
      () => say({ data: `NotOnOrAfter="${at(now, 1000)}"` }),
      invalid('Recipient is not an address of AWS sign-in'),
    ],
    [
      'without an end',
      () => say({ data: `Recipient="${recipient}"` }),
      invalid('The SubjectConfirmationData must have NotOnOrAfter'),
    ],
    [
      'at its end',
      () => say({ data: data(recipient, at(now, 0)) }),
      expired('NotOnOrAfter of SubjectConfirmationData has passed'),
    ],
    [
      'with a beginning',
      () => say({ data: `${data(recipient)} NotBefore="${at(now, -1000)}"` }),
      invalid('The SubjectConfirmationData must not have NotBefore'),
    ],
    [
      'with two confirmations',
      () => say({ confirmations: confirmation(data(recipient)).repeat(2) }),
      invalid('The Subject must have exactly one SubjectConfirmation'),
    ],
    [
      'for the holder of a key',
      () => say({ confirmations: confirmation(data(recipient), 'holder-of-key') }),
      invalid('The SubjectConfirmation must be by bearer'),
    ],
    ['about nobody', () => say({ nameId: '' }), invalid('The Subject must have exactly one NameID')],
    [
      'whose session has ended',
      () => say({ authn: `SessionNotOnOrAfter="${at(now, 0)}"` }),
      expired('SessionNotOnOrAfter has passed'),
    ],
    [
      'without a session name',
      () => given({ RoleSessionName: undefined }),
      invalid('RoleSessionName is required in AuthnResponse'),
    ],
    ['with a short session name', () => given({ RoleSessionName: 'x' }), invalid(badName)],
    ['with a long session name', () => given({ RoleSessionName: 'x'.repeat(65) }), invalid(badName)],
    ['with a space in it', () => given({ RoleSessionName: 'a b' }), invalid(badName)],
    ['with two session names', () => given({ RoleSessionName: ['aa', 'bb'] }), invalid(one('RoleSessionName'))],
    [
      'with the attribute twice',
      () => say({ more: attributeXml('https://aws.amazon.com/SAML/Attributes/RoleSessionName', ['root']) }),
      invalid(
        'The attribute https://aws.amazon.com/SAML/Attributes/RoleSessionName is in the assertion more than once',
      ),
    ],
    ['without a role', () => given({ Role: undefined }), invalid(wrongPair)],
    ['for another role', () => given({ Role: pair('long') }), invalid(wrongPair)],
    ['for another provider', () => given({ Role: `${roleArn},${providerArn}2` }), invalid(wrongPair)],
    ['with a pair of three', () => given({ Role: `${roleArn},${providerArn},${providerArn}` }), invalid(wrongPair)],
    [
      'with a wrong session duration',
      () => given({ SessionDuration: '899' }),
      invalid('SessionDuration in AuthnResponse must be from 900 to 43200 seconds'),
    ],
    ['with two values of a tag', () => given({ 'PrincipalTag:Team': ['a', 'b'] }), invalid(one('PrincipalTag:Team'))],
    [
      'with a source identity that is none',
      () => given({ SourceIdentity: 'a b' }),
      invalid('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with &quot;aws:&quot;'),
    ],
    [
      'with a tag of AWS',
      () => given({ 'PrincipalTag:aws:x': 'y' }),
      [400, 'InvalidParameterValue', 'Tag keys beginning with aws: are reserved for system use'],
    ],
    [
      'of a failed login',
      () => sign(responseXml(assertionXml({ now }), { status: 'Responder' }), key),
      [
        403,
        'IDPRejectedClaim',
        'The identity provider (IdP) reported that authentication failed. This might be because the claim is invalid.',
      ],
    ],
  ])('%s', async (_title, xml, verdict) => {
    expect(await judge(xml())).toEqual(verdict)
  })

  it('with a tag that breaks a limit', async () => {
    const [, code, message] = await judge(given({ 'PrincipalTag:Team': 'x'.repeat(257) }))
    expect(code).toBe('InvalidIdentityToken')
    expect(message).toContain('at &apos;tags.1.member.value&apos; failed to satisfy constraint')
  })

  it('with a transitive key without its tag', async () => {
    expect((await judge(given({ TransitiveTagKeys: 'Team' })))[2]).toContain('must be included in the requested tags')
  })
})

describe('parameters', () => {
  it.each<[string, Record<string, string>, string | RegExp]>([
    ['an unknown provider', { PrincipalArn: `${providerArn}2` }, 'Specified provider doesn&apos;t exist'],
    ['a short provider', { PrincipalArn: 'x' }, /at &apos;principalArn&apos; .* length greater than or equal to 20/],
    ['a short assertion', { SAMLAssertion: 'x' }, /^1 validation error detected: Value at &apos;sAMLAssertion&apos;/],
    ['a long assertion', { SAMLAssertion: 'A'.repeat(100_004) }, /length less than or equal to 100000/],
    ['no base64', { SAMLAssertion: '<xml/>!' }, 'Invalid base64 SAMLResponse'],
    ['base64 in lines', { SAMLAssertion: 'QUJD\r\nQUJD' }, 'Invalid base64 SAMLResponse'],
    ['base64 for addresses', { SAMLAssertion: 'QUJ_' }, 'Invalid base64 SAMLResponse'],
    ['no UTF-8', { SAMLAssertion: Buffer.from([0xff, 0xfe, 0x3c]).toString('base64') }, 'Invalid SAML response'],
    ['no XML', { SAMLAssertion: Buffer.from('hello').toString('base64') }, 'Invalid SAML response'],
    ['a role that is no ARN', { RoleArn: 'x'.repeat(20) }, 'Request ARN is invalid'],
  ])('%s', async (_title, parameters, message) => {
    const [status, , text] = await judge(say(), parameters)
    expect(status).toBe(400)
    expect(text).toMatch(message)
  })
})
