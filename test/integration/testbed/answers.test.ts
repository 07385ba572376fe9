import { describe, expect, it } from 'vitest'
import type { TokenRequest } from '../../../src/testbed/index.ts'
import { accountId, assume, audience, call, createClock, post, textOf, token, useWorld, world } from './support.ts'

const clock = createClock()
useWorld(clock)

const base = { sub: 'system:serviceaccount:shop:web', audience: [audience], expiresIn: 3600 }
const issue = (change: Partial<TokenRequest>): Promise<string> => world.issuer.issueToken({ ...base, ...change })

describe('AssumeRoleWithWebIdentity answers in the shape of AWS', () => {
  it('on success', async () => {
    const answer = await assume(world, { WebIdentityToken: token })
    const provider = world.issuer.url.slice('https://'.length)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/xml')
    expect(answer.headers.date).toBe(new Date(clock.now()).toUTCString())
    expect(answer.headers['x-amzn-requestid']).toBe(textOf(answer, 'RequestId'))
    const secretless = answer.text
      .replace(/<AccessKeyId>ASIA[A-Z2-7]{16}</, '<AccessKeyId>KEY<')
      .replace(/<SecretAccessKey>[A-Za-z0-9+/]{40}</, '<SecretAccessKey>SECRET<')
      .replace(/<SessionToken>[A-Za-z0-9+/=]{400,}</, '<SessionToken>TOKEN<')
      .replace(/AROA[A-Z2-7]{17}/, 'AROA')
      .replace(/<RequestId>[0-9a-f-]{36}</, '<RequestId>ID<')
    expect(secretless).toBe(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Audience>sts.amazonaws.com</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>AROA:shop.web.web-0</AssumedRoleId>
      <Arn>arn:aws:sts::${accountId}:assumed-role/web/shop.web.web-0</Arn>
    </AssumedRoleUser>
    <Provider>arn:aws:iam::${accountId}:oidc-provider/${provider}</Provider>
    <Credentials>
      <AccessKeyId>KEY</AccessKeyId>
      <SecretAccessKey>SECRET</SecretAccessKey>
      <SessionToken>TOKEN</SessionToken>
      <Expiration>2026-01-15T13:00:00Z</Expiration>
    </Credentials>
    <SubjectFromWebIdentityToken>system:serviceaccount:shop:web</SubjectFromWebIdentityToken>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata>
    <RequestId>ID</RequestId>
  </ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
`)
  })

  it('on failure', async () => {
    const answer = await assume(world, { WebIdentityToken: token, RoleArn: world.sts.roleArn('api') })
    expect(answer.status).toBe(403)
    expect(answer.headers['content-type']).toBe('text/xml')
    expect(answer.headers['x-amzn-requestid']).toBe(textOf(answer, 'RequestId'))
    expect(
      answer.text.replace(/<RequestId>[0-9a-f-]{36}</, '<RequestId>ID<'),
    ).toBe(`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>AccessDenied</Code>
    <Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message>
  </Error>
  <RequestId>ID</RequestId>
</ErrorResponse>
`)
  })

  it('with what the caller wrote escaped', async () => {
    const answer = await assume(world, { WebIdentityToken: token, RoleSessionName: '</Message>&"<x>\u0001' })
    expect(answer.text).toContain(`Value &apos;&lt;/Message&gt;&amp;&quot;&lt;x&gt;\uFFFD&apos; at`)
    const injected = await issue({ sub: 'system:serviceaccount:shop:web</Sub>' })
    const denied = await assume(world, { WebIdentityToken: injected })
    expect(textOf(denied, 'Code')).toBe('AccessDenied')
    const provider = await issue({ claims: { iss: 'https://<x>&' } })
    const unknown = await assume(world, { WebIdentityToken: provider })
    expect(unknown.text).toContain('found in your account for https://&lt;x&gt;&amp;</Message>')
  })
})

describe('the Query protocol', () => {
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' }

  it.each<[title: string, parameters: Record<string, string>, code: string, message: string]>([
    ['no action', { Version: '2011-06-15' }, 'MissingAction', 'The request is missing an action'],
    [
      'an unknown action',
      { Action: 'AssumeRoot', Version: '2011-06-15' },
      'InvalidAction',
      'Could not find operation AssumeRoot for version 2011-06-15',
    ],
    [
      'an action named like a method',
      { Action: 'constructor', Version: '2011-06-15' },
      'InvalidAction',
      'Could not find operation constructor for version 2011-06-15',
    ],
    [
      'another version',
      { ...query, Version: '2010-05-08' },
      'InvalidAction',
      'Could not find operation GetCallerIdentity for version 2010-05-08',
    ],
    [
      'no version',
      { Action: 'GetCallerIdentity' },
      'InvalidAction',
      'Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED',
    ],
  ])('%s', async (_title, parameters, code, message) => {
    const answer = await post(world, parameters)
    expect([answer.status, textOf(answer, 'Code'), textOf(answer, 'Message')]).toEqual([400, code, message])
  })

  it('takes parameters from the address of a GET', async () => {
    const parameters = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: world.sts.roleArn('web'),
      RoleSessionName: 'by get',
      WebIdentityToken: token,
    })
    const refused = await call(`${world.sts.url}/?${parameters}`, world.ca.pem)
    expect(textOf(refused, 'Message')).toContain('&apos;by get&apos; at &apos;roleSessionName&apos;')
    parameters.set('RoleSessionName', 'by-get')
    expect((await call(`${world.sts.url}/?${parameters}`, world.ca.pem)).status).toBe(200)
  })

  it.each<[title: string, path: string, options: Parameters<typeof call>[2], status: number, code: string]>([
    ['another method', '/', { method: 'PUT' }, 405, 'MethodNotAllowed'],
    ['another path', '/x', {}, 404, 'UnknownOperationException'],
    ['a parameter twice', '/?Action=A&Action=B', {}, 400, 'MalformedQueryString'],
    ['a body that is no form', '/', { method: 'POST', body: JSON.stringify(query) }, 400, 'MissingAction'],
    [
      'too much',
      '/',
      { method: 'POST', body: 'x'.repeat(300_000), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      413,
      'RequestEntityTooLarge',
    ],
  ])('refuses %s', async (_title, path, options, status, code) => {
    const answer = await call(`${world.sts.url}${path}`, world.ca.pem, options)
    expect([answer.status, textOf(answer, 'Code')]).toEqual([status, code])
  })
})

describe('the request log', () => {
  it('says what happened, and never a token', async () => {
    const before = world.sts.requests.length
    await assume(world, { WebIdentityToken: token })
    await assume(world, { WebIdentityToken: token, RoleArn: `arn:aws:iam::${accountId}:role/unknown` })
    await assume(world, { WebIdentityToken: token, RoleArn: token })
    const role = world.sts.roleArn('web')
    const facts = { sessionName: 'shop.web.web-0' }
    const about = { action: 'AssumeRoleWithWebIdentity', time: clock.now(), requestId: expect.any(String), facts }
    expect(world.sts.requests.slice(before)).toEqual([
      { ...about, role, code: 'Success', status: 200 },
      { ...about, role: `arn:aws:iam::${accountId}:role/unknown`, code: 'AccessDenied', status: 403 },
      { ...about, role: undefined, code: 'ValidationError', status: 400 },
    ])
    expect(JSON.stringify(world.sts.requests)).not.toContain('eyJ')
  })
})
