import { Agent } from 'node:https'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { nameUser } from '../../../src/broker/index.ts'
import { logIn } from './login.ts'
import {
  type BrokerUnderTest,
  CLIENT,
  codeOf,
  type Granted,
  granted,
  NONCE,
  openBroker,
  REDIRECT,
  startWorld,
  type World,
} from './world.ts'

let world: World
let broker: BrokerUnderTest
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  broker = await openBroker(world)
})
afterEach(() => broker.stop())

/** Whose STS says that the credentials are. */
async function callerOf({ credentials }: Granted): Promise<string | undefined> {
  const client = new STSClient({
    region: 'eu-west-1',
    endpoint: world.sts.url,
    credentials: { ...credentials, expiration: new Date(credentials.expiration) },
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca: world.ca.pem }) }),
  })
  return (await client.send(new GetCallerIdentityCommand({}))).Arn
}

const assumed = (role: string, user: string): string => `arn:aws:sts::111122223333:assumed-role/${role}/${user}`
const login = (username: string, clientId = CLIENT, nonce = NONCE): Promise<string> =>
  logIn({
    issuer: world.oidc.url,
    ca: world.ca.pem,
    clientId,
    redirectUri: REDIRECT,
    username,
    password: `${username}-pw`,
    nonce,
  })
const own = (subject: string, changes: object = {}): Promise<string> =>
  world.issuer.issueToken({ sub: subject, audience: CLIENT, expiresIn: 3600, claims: { nonce: NONCE, ...changes } })

describe('a user who logged in', () => {
  test('at a real OpenID Connect server gets credentials of the role, in a name that says nothing', async () => {
    const token = await login('ada')
    const answer = await broker.ask({ provider: 'oidc', role: 'oidc', token, nonce: NONCE })
    const { user, role, credentials } = granted(answer)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(user).toBe(nameUser({ issuer: world.oidc.url, subject: 'ada@example.com' }))
    expect(role).toBe('oidc')
    expect(Date.parse(credentials.expiration)).toBeGreaterThan(Date.now())
    expect(await callerOf(granted(answer))).toBe(assumed('oidc', user))
    expect(world.sts.requests.at(-2)?.facts).toMatchObject({ sessionName: user, policy: true, durationSeconds: 3600 })
  })

  test('is another than the next one, and stays the same at the next login', async () => {
    const ask = async (name: string) =>
      granted(await broker.ask({ provider: 'oidc', role: 'oidc', token: await login(name), nonce: NONCE }))
    const [ada, bob, again] = [await ask('ada'), await ask('bob'), await ask('ada')]
    expect(bob.user).not.toBe(ada.user)
    expect(bob.credentials.accessKeyId).not.toBe(ada.credentials.accessKeyId)
    // Another login, the same user: verified anew, and no second call of STS.
    expect(again).toEqual(ada)
  })

  test.each(['google', 'apple'] as const)('with %s, at whose place stands an issuer of the testbed', async (name) => {
    const token = await world[name].issueToken({
      sub: '110169484474386276334',
      audience: CLIENT,
      expiresIn: 3600,
      claims: name === 'google' ? { nonce: NONCE, azp: CLIENT, email: 'ada@example.com' } : { nonce_supported: true },
    })
    const asked = { provider: name, role: name, token }
    const answer = granted(await broker.ask(name === 'google' ? { ...asked, nonce: NONCE } : asked))
    expect(await callerOf(answer)).toBe(assumed(name, answer.user))
  })

  test('with Amazon, by an access token', async () => {
    const token = world.amazon.issueToken('amzn1.account.ADA')
    const answer = granted(await broker.ask({ provider: 'amazon', role: 'amazon', token }))
    expect(answer.user).toBe(nameUser({ issuer: 'https://www.amazon.com', subject: 'amzn1.account.ADA' }))
    expect(await callerOf(answer)).toBe(assumed('amazon', answer.user))
    expect(world.sts.requests.at(-2)?.facts.providerId).toBe('www.amazon.com')
  })

  test('with Facebook, by an access token', async () => {
    const token = world.facebook.issueToken('1007')
    const answer = granted(await broker.ask({ provider: 'facebook', role: 'facebook', token }))
    expect(answer.user).toBe(nameUser({ issuer: 'https://www.facebook.com', subject: '1007' }))
    expect(await callerOf(answer)).toBe(assumed('facebook', answer.user))
    expect(world.sts.requests.at(-2)?.facts.providerId).toBe('graph.facebook.com')
  })

  test('is refused with an access token that was taken back, though credentials are kept', async () => {
    const token = world.amazon.issueToken('amzn1.account.BOB')
    granted(await broker.ask({ provider: 'amazon', role: 'amazon', token }))
    world.amazon.revoke(token)
    const answer = await broker.ask({ provider: 'amazon', role: 'amazon', token })
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UserTokenRefused'])
  })

  test.each(['amazon', 'facebook'] as const)('to another app of %s is refused', async (name) => {
    const token =
      name === 'amazon'
        ? world.amazon.issueToken('amzn1.account.ADA', { clientId: 'amzn1.application-oa2-client.other' })
        : world.facebook.issueToken('1007', { appId: '99' })
    const answer = await broker.ask({ provider: name, role: name, token })
    expect([answer.status, codeOf(answer)]).toEqual([403, 'UserTokenAudience'])
  })

  test('to another app of a real OpenID Connect server is refused', async () => {
    const answer = await broker.ask({
      provider: 'oidc',
      role: 'oidc',
      token: await login('ada', 'other-app'),
      nonce: NONCE,
    })
    expect([answer.status, codeOf(answer)]).toEqual([403, 'UserTokenAudience'])
  })

  test('earlier cannot stand in for who logs in now: the nonce is another', async () => {
    const token = await login('ada', CLIENT, 'nonce-of-an-earlier-login')
    const answer = await broker.ask({ provider: 'oidc', role: 'oidc', token, nonce: NONCE })
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UserNonceWrong'])
  })
})

describe('what the issuer changes', () => {
  test('its keys, at this moment: the token of the new key is taken once half a minute is over, the old ones go on', async () => {
    granted(await broker.ask({ provider: 'issuer', role: 'issuer', token: await own('ada'), nonce: NONCE }))
    const before = await own('ada')
    await world.issuer.rotate()
    const answer = await broker.ask({ provider: 'issuer', role: 'issuer', token: await own('bob'), nonce: NONCE })
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UserTokenKeyUnknown'])
    granted(await broker.ask({ provider: 'issuer', role: 'issuer', token: before, nonce: NONCE }))
  })
})

describe('what STS says', () => {
  test('is told with what to change, and neither whose token it was nor the token', async () => {
    const token = await own('somebody@example.com')
    const answer = await broker.ask({ provider: 'issuer', role: 'untrusting', token, nonce: NONCE })
    expect([answer.status, codeOf(answer)]).toEqual([502, 'StsAccessDenied'])
    for (const text of [answer.text, broker.log()]) {
      expect(text).not.toContain('somebody')
      expect(text).not.toContain(token.split('.')[2])
      expect(text).not.toContain('service account')
    }
  })

  test('is not asked for again at once', async () => {
    const ask = async () =>
      broker.ask({ provider: 'issuer', role: 'untrusting', token: await own('carol'), nonce: NONCE })
    const before = world.sts.requests.length
    const answers = [await ask(), await ask(), await ask()]
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 502])
    expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(world.sts.requests.length - before).toBe(1)
  })

  test.each(['throttling', 'unavailable'] as const)('%s passes by itself: 503 and when to ask again', async (kind) => {
    world.sts.faults.next(1, { kind })
    const answer = await broker.ask({
      provider: 'issuer',
      role: 'issuer',
      token: await own(`user-${kind}`),
      nonce: NONCE,
    })
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('2')
  })
})

test('what is logged and measured is who, by which provider, for which role: and nothing of the login', async () => {
  const token = await own('dave@example.com', { email: 'dave@example.com' })
  const { user, credentials } = granted(await broker.ask({ provider: 'issuer', role: 'issuer', token, nonce: NONCE }))
  await broker.ask({ provider: 'issuer', role: 'nobody', token, nonce: NONCE })
  await broker.ask({ provider: 'issuer', role: 'issuer', token: `${token.slice(0, -6)}AAAAAA`, nonce: NONCE })
  const metrics = await broker.metrics()
  for (const text of [broker.log(), metrics])
    for (const secret of [
      'dave',
      NONCE,
      token,
      token.split('.')[1],
      credentials.secretAccessKey,
      credentials.sessionToken,
      broker.token(),
    ])
      expect(text).not.toContain(secret)
  const line = (role: string, code: string): string =>
    `lanyard_user_credentials_requests_total{provider="issuer",role="${role}",code="${code}"} 1`
  expect(metrics).toContain(line('issuer', 'Success'))
  expect(metrics).toContain(line('other', 'UserRoleUnknown'))
  expect(metrics).toContain(line('issuer', 'UserTokenForged'))
  expect(metrics).toContain('lanyard_user_credentials_cache_entries 1')
  expect(metrics).toContain('lanyard_sts_request_duration_seconds_count{operation="AssumeRoleWithWebIdentity"} 1')
  expect(broker.log()).toContain(
    `"code":"Success","provider":"issuer","role":"issuer","user":"${user}","container":"app"`,
  )
})
