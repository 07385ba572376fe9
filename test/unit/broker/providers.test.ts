import type { JWTPayload } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { nameUser } from '../../../src/broker/names.ts'
import { createProvider, LOGIN_ISSUERS } from '../../../src/broker/providers.ts'
import type { UserProvider } from '../../../src/settings/index.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { failureOf } from '../federation/support.ts'
import {
  CLIENT,
  claimsAt,
  createSigner,
  createWeb,
  ISSUER,
  json,
  NONCE,
  never,
  publish,
  type Signer,
} from './support.ts'

let signer: Signer
let ec: Signer
beforeAll(async () => {
  signer = await createSigner('one')
  ec = await createSigner('ec', 'ES256')
})

const idToken = { clientIds: [CLIENT], requireNonce: true, maxTokenAge: 3600, ca: undefined } as const

function open(declared: UserProvider, issuer: string) {
  const clock = createVirtualClock()
  const web = createWeb()
  publish(web, () => [signer.jwk, ec.jwk], issuer)
  const provider = createProvider(declared, { issuers: LOGIN_ISSUERS, outbound: web, clock })
  const present = async (claims: JWTPayload, by = signer) =>
    provider.verify({ token: await by.sign(claimsAt(clock.now(), claims)), nonce: NONCE }, never)
  return { provider, present, web }
}

describe('Google', () => {
  test.each(['https://accounts.google.com', 'accounts.google.com'])(
    'calls itself %s, and its users are the same',
    async (iss) => {
      const { present, provider, web } = open({ kind: 'google', ...idToken }, 'https://accounts.google.com')
      const user = await present({ iss, azp: CLIENT, sub: '110169484474386276334' })
      expect(nameUser(user)).toBe(nameUser({ issuer: 'https://accounts.google.com', subject: '110169484474386276334' }))
      expect(provider.providerId).toBeUndefined()
      expect(web.asked[0]).toBe('https://accounts.google.com/.well-known/openid-configuration')
    },
  )

  test.each(['http://accounts.google.com', 'https://accounts.google.com/', 'accounts.google.com.evil.example.com'])(
    'is not %s',
    async (iss) => {
      const { present } = open({ kind: 'google', ...idToken }, 'https://accounts.google.com')
      expect((await failureOf(present({ iss }))).code).toBe('UserTokenIssuer')
    },
  )

  test('signs by RS256 and nothing else', async () => {
    const { present } = open({ kind: 'google', ...idToken }, 'https://accounts.google.com')
    const failure = await failureOf(present({ iss: 'https://accounts.google.com' }, ec))
    expect(failure.code).toBe('UserTokenAlgorithm')
  })
})

test('Apple calls itself by one name', async () => {
  const { present } = open({ kind: 'apple', ...idToken }, 'https://appleid.apple.com')
  expect(await present({ iss: 'https://appleid.apple.com', nonce_supported: true })).toMatchObject({ subject: 'ada' })
  expect((await failureOf(present({ iss: 'appleid.apple.com' }))).code).toBe('UserTokenIssuer')
})

test('any other issuer is what the operator says, with the algorithms and the age that the operator allows', async () => {
  const { present } = open({ kind: 'oidc', issuer: ISSUER, algorithms: ['ES256'], ...idToken, maxTokenAge: 60 }, ISSUER)
  const iat = (claimsAt(createVirtualClock().now()).iat ?? 0) + 30
  expect(await present({ iat }, ec)).toMatchObject({ issuer: ISSUER })
  expect((await failureOf(present({ iat: iat - 120 }, ec))).code).toBe('UserTokenTooOld')
  expect((await failureOf(present({ iat }))).code).toBe('UserTokenAlgorithm')
})

test('Amazon and Facebook are asked where the operator says, and STS is told whose their tokens are', async () => {
  const web = createWeb()
  const parts = { issuers: LOGIN_ISSUERS, outbound: web, clock: createVirtualClock() }
  const amazon = createProvider(
    { kind: 'amazon', clientIds: ['c'], tokenInfoEndpoint: 'https://a.example.com/info', ca: undefined },
    parts,
  )
  const facebook = createProvider(
    { kind: 'facebook', clientIds: ['7'], graphEndpoint: 'https://f.example.com/v25.0/', ca: undefined },
    parts,
  )
  web.pages.set('https://a.example.com/info?access_token=tttt', () => json({ aud: 'c', user_id: 'u', exp: 9 }))
  web.pages.set('https://f.example.com/v25.0/app?fields=id&access_token=tttt', () => json({ id: '7' }))
  web.pages.set('https://f.example.com/v25.0/me?fields=id&access_token=tttt', () => json({ id: 'u' }))
  expect(amazon.providerId).toBe('www.amazon.com')
  expect(facebook.providerId).toBe('graph.facebook.com')
  const users = [await amazon.verify({ token: 'tttt' }, never), await facebook.verify({ token: 'tttt' }, never)]
  // The same subject of two providers is two users.
  expect(new Set(users.map(nameUser)).size).toBe(2)
})
