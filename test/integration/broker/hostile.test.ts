import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BrokerUnderTest, CLIENT, codeOf, granted, NONCE, openBroker, startWorld, type World } from './world.ts'

let world: World
let broker: BrokerUnderTest
beforeAll(async () => {
  world = await startWorld()
  broker = await openBroker(world, { LANYARD_BROKER_REQUESTS_PER_SECOND: '10000' }, afterAll)
})
afterAll(async () => {
  await broker.stop()
  await world.stop()
})

type Changes = {
  claims?: object
  header?: object
  expiresIn?: number
  audience?: string | string[]
  signWithUnpublishedKey?: boolean
}
const issue = ({ claims = {}, header = {}, ...more }: Changes = {}): Promise<string> =>
  world.issuer.issueToken({
    sub: 'c4n4ry@example.com',
    audience: CLIENT,
    expiresIn: 3600,
    claims: { nonce: NONCE, ...claims },
    header: { ...header },
    ...more,
  })
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const parts = async (): Promise<string[]> => (await issue()).split('.')
const confused = async (): Promise<string> => {
  const [, claims] = await parts()
  const input = `${encode({ alg: 'HS256', kid: world.issuer.keyId(), typ: 'JWT' })}.${claims}`
  return `${input}.${createHmac('sha256', JSON.stringify(world.issuer.keyId())).update(input).digest('base64url')}`
}

const now = (): number => Math.floor(Date.now() / 1000)
const tokens: Record<string, [number, string, () => Promise<string>]> = {
  'alg none': [401, 'UserTokenAlgorithm', async () => `${encode({ alg: 'none' })}.${(await parts())[1]}.`],
  'key confusion': [401, 'UserTokenAlgorithm', confused],
  'a key of its own (jku)': [
    401,
    'UserTokenKeyForeign',
    () => issue({ header: { jku: 'https://evil.example.com/jwks' }, signWithUnpublishedKey: true }),
  ],
  'a certificate of its own (x5u)': [
    401,
    'UserTokenKeyForeign',
    () => issue({ header: { x5u: 'https://evil.example.com/x' } }),
  ],
  'a foreign key under a known kid': [
    401,
    'UserTokenForged',
    () => issue({ header: { kid: world.issuer.keyId() }, signWithUnpublishedKey: true }),
  ],
  'a foreign kid': [401, 'UserTokenKeyUnknown', () => issue({ signWithUnpublishedKey: true })],
  'a changed claim': [
    401,
    'UserTokenForged',
    async () => {
      const [head, , signature] = await parts()
      return `${head}.${encode({ sub: 'root' })}.${signature}`
    },
  ],
  'another issuer': [401, 'UserTokenIssuer', () => issue({ claims: { iss: world.google.url } })],
  "another provider's login": [
    401,
    'UserTokenKeyUnknown',
    () => world.google.issueToken({ sub: 'x', audience: CLIENT, expiresIn: 60, claims: { nonce: NONCE } }),
  ],
  "another app's login": [403, 'UserTokenAudience', () => issue({ audience: 'other-app' })],
  'this app among others': [403, 'UserTokenAudience', () => issue({ audience: [CLIENT, 'other-app'] })],
  'an azp of another app': [403, 'UserTokenAudience', () => issue({ claims: { azp: 'other-app' } })],
  'an end in the past': [401, 'UserTokenExpired', () => issue({ expiresIn: -60 })],
  'a beginning in the future': [401, 'UserTokenNotYetValid', () => issue({ claims: { nbf: now() + 3_000 } })],
  'an issue long ago': [401, 'UserTokenTooOld', () => issue({ claims: { iat: now() - 9_000, nbf: now() - 9_000 } })],
  'the nonce of another login': [401, 'UserNonceWrong', () => issue({ claims: { nonce: 'another' } })],
  'no nonce': [401, 'UserNonceWrong', () => issue({ claims: { nonce: undefined } })],
  'no subject': [401, 'UserTokenClaims', () => issue({ claims: { sub: undefined } })],
  'a subject that is a list': [401, 'UserTokenClaims', () => issue({ claims: { sub: ['a'] } })],
  'twenty thousand characters': [
    401,
    'UserTokenForged',
    () =>
      issue({
        claims: { pad: 'x'.repeat(13_500) },
        header: { kid: world.issuer.keyId() },
        signWithUnpublishedKey: true,
      }),
  ],
  'more than STS takes': [400, 'UserRequestInvalid', async () => 'x'.repeat(20_001)],
  'no token at all': [401, 'UserTokenMalformed', async () => 'c4n4ry'],
}

test.each(Object.entries(tokens))('refuses %s', async (_, [status, code, make]) => {
  const before = world.sts.requests.length
  const answer = await broker.ask({ provider: 'issuer', role: 'issuer', token: await make(), nonce: NONCE })
  expect([answer.status, codeOf(answer)]).toEqual([status, code])
  expect(answer.text + broker.log()).not.toContain('c4n4ry')
  expect(world.sts.requests).toHaveLength(before)
})

test('refuses a request without the nonce of the login', async () => {
  const answer = await broker.ask({ provider: 'issuer', role: 'issuer', token: await issue() })
  expect([answer.status, codeOf(answer)]).toEqual([400, 'UserNonceMissing'])
})

test.each([
  ['a role that is for users of others', 'google', 403, 'UserRoleDenied'],
  ['a role that does not exist', 'admin', 400, 'UserRoleUnknown'],
])('refuses %s to whom is verified', async (_, role, status, code) => {
  const answer = await broker.ask({ provider: 'issuer', role, token: await issue(), nonce: NONCE })
  expect([answer.status, codeOf(answer)]).toEqual([status, code])
})

test('the same user goes on after all that', async () => {
  granted(await broker.ask({ provider: 'issuer', role: 'issuer', token: await issue(), nonce: NONCE }))
})
