import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type AmazonLogin,
  type CertificateAuthority,
  createCertificateAuthority,
  type FacebookLogin,
  type LoginProvider,
  type Sts,
  startAmazonLogin,
  startFacebookLogin,
  startSts,
} from '../../../src/testbed/index.ts'
import { type Answer, accountId, assume, call, createClock, textOf, verdictOf, type World } from './support.ts'

const clock = createClock()
const { now } = clock
let ca: CertificateAuthority
let amazon: AmazonLogin
let facebook: FacebookLogin
let sts: Sts

const trust = (provider: string, keys: Record<string, string>) => ({
  Statement: {
    Effect: 'Allow' as const,
    Principal: { Federated: provider },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: keys },
  },
})

beforeAll(async () => {
  ca = await createCertificateAuthority({ name: 'testbed', now })
  amazon = await startAmazonLogin({ ca, now })
  facebook = await startFacebookLogin({ ca, now })
  sts = await start([amazon.provider, facebook.provider])
})
afterAll(() => Promise.all([amazon.stop(), facebook.stop(), sts.stop()]))

function start(logins: readonly LoginProvider[]): Promise<Sts> {
  const byAmazon = { 'www.amazon.com:app_id': amazon.appId, 'www.amazon.com:user_id': 'amzn1.account.A' }
  const byFacebook = { 'graph.facebook.com:app_id': facebook.appId, 'graph.facebook.com:id': '42' }
  return startSts({
    ca,
    now,
    accountId,
    providers: [],
    logins,
    roles: [
      { name: 'amazon', trustPolicy: trust('www.amazon.com', byAmazon) },
      { name: 'facebook', trustPolicy: trust('graph.facebook.com', byFacebook) },
    ],
  })
}

const read = async (url: string, headers: Record<string, string> = {}): Promise<{ status: number; json: unknown }> => {
  const { status, text } = await call(url, ca.pem, { headers })
  return { status, json: JSON.parse(text) }
}
const shown = (token: string): string => `access_token=${encodeURIComponent(token)}`

describe('Login with Amazon', () => {
  const user = { userId: 'amzn1.account.A', name: 'A', email: 'a@example.test', postalCode: '1' }

  it('says what a token is, and whose', async () => {
    const token = amazon.issueToken(user)
    expect(token).toMatch(/^Atza\|/)
    clock.advance(1000)
    expect(await read(`${amazon.tokenInfoUrl}?${shown(token)}`)).toEqual({
      status: 200,
      json: {
        aud: amazon.clientId,
        user_id: 'amzn1.account.A',
        iss: 'https://www.amazon.com',
        exp: 3599,
        app_id: amazon.appId,
        iat: Math.floor(now() / 1000) - 1,
      },
    })
    const profile = { user_id: 'amzn1.account.A', name: 'A', email: 'a@example.test', postal_code: '1' }
    for (const headers of [{ authorization: `bearer ${token}` }, { 'x-amz-access-token': token }])
      expect(await read(amazon.profileUrl, headers)).toEqual({ status: 200, json: profile })
    expect((await read(`${amazon.profileUrl}?${shown(amazon.issueToken('B'))}`)).json).toEqual({ user_id: 'B' })
  })

  it('refuses what it did not issue, has revoked or let expire', async () => {
    const revoked = amazon.issueToken(user)
    amazon.revoke(revoked)
    const content = {
      error: 'invalid_token',
      error_description: 'The request has an invalid parameter : access_token',
    }
    for (const token of ['Atza|x', revoked, amazon.issueToken(user, { expiresIn: 0 })]) {
      expect(await read(`${amazon.tokenInfoUrl}?${shown(token)}`)).toEqual({ status: 400, json: content })
      expect(await read(`${amazon.profileUrl}?${shown(token)}`)).toEqual({ status: 400, json: content })
    }
    expect((await read(amazon.tokenInfoUrl)).json).toMatchObject({ error: 'invalid_request' })
    expect((await read(amazon.profileUrl)).status).toBe(400)
    expect((await read(`${amazon.url}//`)).status).toBe(404)
    expect((await call(amazon.tokenInfoUrl, ca.pem, { method: 'POST' })).status).toBe(405)
    expect(amazon.requests.at(-1)).toEqual({ path: '/auth/o2/tokeninfo', status: 405 })
  })
})

describe("Facebook's Graph API", () => {
  const user = { id: '42', name: 'A', email: 'a@example.test' }
  const ask = (path: string): ReturnType<typeof read> => read(`${facebook.url}${path}`)

  it('says whose a token is, and which app’s', async () => {
    const token = facebook.issueToken(user)
    expect(await ask(`/me?${shown(token)}`)).toEqual({ status: 200, json: { id: '42', name: 'A' } })
    expect((await ask(`/v19.0/me?fields=id,email&${shown(token)}`)).json).toEqual({ id: '42', email: 'a@example.test' })
    expect((await read(`${facebook.url}/me?fields=id`, { authorization: `Bearer ${token}` })).json).toEqual({
      id: '42',
    })
    const app = { id: facebook.appId, name: 'testbed', link: expect.stringContaining(facebook.appId) }
    expect(await ask(`/app?${shown(token)}`)).toEqual({ status: 200, json: app })
    expect((await ask(`/app?${shown(facebook.appToken)}`)).json).toEqual(app)
  })

  it('lets an app ask about its tokens', async () => {
    const debug = async (token: string, by = facebook.appToken): Promise<unknown> =>
      (await ask(`/debug_token?input_token=${encodeURIComponent(token)}&${shown(by)}`)).json
    const token = facebook.issueToken(user, { expiresIn: 60 })
    const at = Math.floor(now() / 1000)
    const about = {
      app_id: facebook.appId,
      type: 'USER',
      application: 'testbed',
      data_access_expires_at: at + 60,
      expires_at: at + 60,
      issued_at: at,
      scopes: ['email', 'public_profile'],
      user_id: '42',
    }
    expect(await debug(token)).toEqual({ data: { ...about, is_valid: true } })
    clock.advance(60_000)
    expect(await debug(token)).toMatchObject({ data: { is_valid: false, error: { code: 190, subcode: 463 } } })
    expect(await debug('EAAx')).toMatchObject({ data: { is_valid: false, error: { code: 190 }, scopes: [] } })
    expect(await debug(facebook.issueToken(user, { appId: '1' }))).toMatchObject({ data: { is_valid: false } })
    expect(await debug(token, token)).toMatchObject({ error: { type: 'OAuthException', code: 190 } })
    expect((await ask(`/debug_token?${shown(facebook.appToken)}`)).json).toMatchObject({ error: { code: 100 } })
  })

  it('refuses what it did not issue, has revoked or let expire', async () => {
    const revoked = facebook.issueToken(user)
    facebook.revoke(revoked)
    for (const token of ['EAAx', revoked])
      expect(await ask(`/me?${shown(token)}`)).toMatchObject({ status: 400, json: { error: { code: 190 } } })
    const old = facebook.issueToken(user, { expiresIn: 0 })
    expect(await ask(`/app?${shown(old)}`)).toMatchObject({ json: { error: { code: 190, error_subcode: 463 } } })
    expect(await ask('/me')).toMatchObject({ status: 400, json: { error: { code: 2500 } } })
    expect(await ask('/you')).toMatchObject({ status: 400, json: { error: { code: 2500 } } })
  })
})

describe('STS asks them about access tokens', () => {
  const exchange = (token: string, providerId: string, role: string, at = sts): Promise<Answer> =>
    assume({ ca, sts: at } as World, {
      RoleArn: at.roleArn(role),
      WebIdentityToken: token,
      ProviderId: providerId,
    })
  const judge = async (token: string, providerId = 'www.amazon.com', at = sts): Promise<unknown[]> =>
    verdictOf(await exchange(token, providerId, providerId === 'www.amazon.com' ? 'amazon' : 'facebook', at))
  const denied = [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity']
  const fb = 'graph.facebook.com'

  it('and answers as AWS does', async () => {
    const answer = await exchange(amazon.issueToken('amzn1.account.A'), 'www.amazon.com', 'amazon')
    const read = (name: string): string | undefined => textOf(answer, name)
    expect([answer.status, read('Audience'), read('Provider'), read('SubjectFromWebIdentityToken')]).toEqual([
      200,
      amazon.clientId,
      'www.amazon.com',
      'amzn1.account.A',
    ])
    expect(sts.requests.at(-1)?.facts).toMatchObject({ providerId: 'www.amazon.com' })
    const other = await exchange(facebook.issueToken('42'), fb, 'facebook')
    expect([other.status, textOf(other, 'Audience'), textOf(other, 'Provider')]).toEqual([200, facebook.appId, fb])
  })

  it('and lets nobody else in', async () => {
    expect(await judge(amazon.issueToken('amzn1.account.B'))).toEqual(denied)
    expect(await judge(facebook.issueToken('43'), fb)).toEqual(denied)
    const audience = [400, 'InvalidIdentityToken', 'Incorrect token audience']
    const otherApp = { clientId: 'other', appId: 'other' }
    expect(await judge(amazon.issueToken('amzn1.account.A', otherApp))).toEqual(audience)
    expect(await judge(facebook.issueToken('42', { appId: '1' }), fb)).toEqual(audience)
    expect(await judge(facebook.issueToken('42'))).toEqual([
      400,
      'InvalidIdentityToken',
      'The Access Token provided is not valid',
    ])
    expect((await judge(amazon.issueToken('amzn1.account.A', { expiresIn: -1 })))[1]).toBe('InvalidIdentityToken')
    // Not for a second any more, though not expired yet.
    expect((await judge(amazon.issueToken('amzn1.account.A', { expiresIn: 0.5 })))[1]).toBe('ExpiredTokenException')
  })

  it('which of any app, where none is named, is for the trust policy', async () => {
    const { clientIds: _, ...open } = amazon.provider
    const any = await start([open])
    expect(await judge(amazon.issueToken('amzn1.account.A', { appId: 'other' }), 'www.amazon.com', any)).toEqual(denied)
    await any.stop()
  })

  it('but never about a JSON web token, nor for another provider, nor without ProviderId', async () => {
    const before = amazon.requests.length
    const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'
    expect((await judge(jwt))[1]).toBe('InvalidIdentityToken')
    expect(await judge('opaque', 'accounts.google.com')).toEqual([400, 'ValidationError', 'Invalid provider id'])
    const plain = await assume({ ca, sts } as World, { RoleArn: sts.roleArn('amazon'), WebIdentityToken: 'Atza|x' })
    expect(textOf(plain, 'Message')).toContain('is not a valid JWT')
    expect((await judge('opaque', 'x'))[1]).toBe('ValidationError')
    expect(amazon.requests.length).toBe(before)
  })

  it.each<[string, number, string, string]>([
    ['fails', 503, '{}', 'IDPCommunicationError'],
    ['redirects', 302, '{}', 'IDPCommunicationError'],
    ['answers no JSON', 200, '<html>', 'IDPCommunicationError'],
    ['answers a list', 200, '[]', 'IDPCommunicationError'],
    ['leaves out the rest', 200, '{}', 'IDPCommunicationError'],
    ['leaves out the user', 200, '{"exp":1,"aud":"a","app_id":"b"}', 'IDPCommunicationError'],
    ['talks too much', 200, 'x'.repeat(300_000), 'IDPCommunicationError'],
  ])('and says so when the provider %s', async (_title, status, body, code) => {
    const server = createServer(await ca.issue(['127.0.0.1']), (_request, response) => {
      response.writeHead(status, { location: amazon.tokenInfoUrl }).end(body)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const tokenInfoUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const other = await start([{ ...amazon.provider, tokenInfoUrl }])
    expect((await judge(amazon.issueToken('amzn1.account.A'), 'www.amazon.com', other))[1]).toBe(code)
    server.close()
    const { ca: _, ...untrusting } = amazon.provider
    const wary = await start([untrusting])
    expect((await judge('Atza|x', 'www.amazon.com', wary))[1]).toBe('IDPCommunicationError')
    await Promise.all([other.stop(), wary.stop()])
  })
})
