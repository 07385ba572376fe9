import { createHmac, createPublicKey } from 'node:crypto'
import { CompactSign, exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { idTokenVerifier } from '../../../src/broker/idToken.ts'
import { issuerKeys } from '../../../src/broker/keys.ts'
import type { Code } from '../../../src/errors/index.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { failureOf } from '../federation/support.ts'
import {
  CLIENT,
  claimsAt,
  createSigner,
  createWeb,
  encode,
  ISSUER,
  json,
  NONCE,
  never,
  publish,
  type Signer,
} from './support.ts'

let one: Signer
let two: Signer
let foreign: Signer
let ec: Signer
beforeAll(async () => {
  one = await createSigner('one')
  two = await createSigner('two')
  foreign = await createSigner('one')
  ec = await createSigner('ec', 'ES256')
})

function world() {
  const clock = createVirtualClock()
  const web = createWeb()
  const published = [one.jwk, ec.jwk]
  publish(web, () => published)
  const keys = issuerKeys({ issuer: ISSUER, outbound: web, clock })
  const options = { issuers: [ISSUER], clientIds: [CLIENT], requireNonce: true, maxAge: 3_600_000 } as const
  const verify = idTokenVerifier({ ...options, algorithms: ['RS256', 'ES256'], keys, clock })
  const present = (token: string) => verify({ token, nonce: NONCE }, never)
  return { clock, web, published, present, claims: claimsAt(clock.now()) }
}

describe('an ID token', () => {
  test.each<[string, () => Signer]>([
    ['RS256', () => one],
    ['ES256', () => ec],
  ])('signed by %s with a key of its issuer says who the user is', async (_, signer) => {
    const { present, claims } = world()
    expect(await present(await signer().sign(claims))).toEqual({
      issuer: ISSUER,
      subject: 'ada',
      audience: CLIENT,
      expires: (claims.exp ?? 0) * 1000,
    })
  })

  test.each([undefined, 'jwt', 'JWT'])('may have the type %s', async (typ) => {
    const { present, claims } = world()
    expect((await present(await one.sign(claims, { typ }))).subject).toBe('ada')
  })

  test('may name no key where only one fits', async () => {
    const { present, claims } = world()
    expect((await present(await one.sign(claims, { kid: undefined }))).subject).toBe('ada')
  })

  test('signed by a key that the issuer has only just made is good, after half a minute at the latest', async () => {
    const { present, published, clock, claims, web } = world()
    await present(await one.sign(claims))
    published.unshift(two.jwk)
    const token = await two.sign(claims)
    expect((await failureOf(present(token))).code).toBe('UserTokenKeyUnknown')
    await clock.advance(30_000)
    expect((await present(token)).subject).toBe('ada')
    expect(web.asked).toHaveLength(4)
  })

  test('signed by a key that the issuer took back is good no longer than until its keys are looked at', async () => {
    const { present, published, clock, claims } = world()
    const token = await one.sign(claims)
    await present(token)
    published.splice(0, 1, two.jwk)
    await clock.advance(600_000)
    await present(token)
    await clock.advance(0)
    expect((await failureOf(present(token))).code).toBe('UserTokenKeyUnknown')
  })
})

/** Each makes a hostile token out of a good one's claims. */
const forgeries: Record<string, [Code, (claims: object) => Promise<string> | string]> = {
  'a token signed with alg none': ['UserTokenAlgorithm', (claims) => `${encode({ alg: 'none' })}.${encode(claims)}.`],
  'a token signed with alg None': ['UserTokenAlgorithm', (claims) => `${encode({ alg: 'None' })}.${encode(claims)}.x`],
  'a token whose alg is no text': [
    'UserTokenAlgorithm',
    (claims) => `${encode({ alg: ['RS256'] })}.${encode(claims)}.x`,
  ],
  'a token without alg': ['UserTokenAlgorithm', (claims) => `${encode({})}.${encode(claims)}.x`],
  'a token signed with the public key as a shared secret (key confusion)': [
    'UserTokenAlgorithm',
    (claims) => {
      const input = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(claims)}`
      const pem = createPublicKey({ key: { ...one.jwk } as never, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      })
      return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
    },
  ],
  'a token signed with an algorithm that is not pinned': [
    'UserTokenAlgorithm',
    async (claims) => (await createSigner('one', 'PS256')).sign({ ...claims }),
  ],
  'a token signed by a foreign key under a known kid': ['UserTokenForged', (claims) => foreign.sign({ ...claims })],
  'a token signed by a foreign key under a foreign kid': ['UserTokenKeyUnknown', (claims) => two.sign({ ...claims })],
  'a token with a kid that is a path': [
    'UserTokenKeyUnknown',
    (claims) => one.sign({ ...claims }, { kid: '../../dev/null' }),
  ],
  'a token of another kind of key under a known kid': [
    'UserTokenKeyUnknown',
    (claims) => ec.sign({ ...claims }, { kid: 'one' }),
  ],
  'a token with jku': [
    'UserTokenKeyForeign',
    (claims) => foreign.sign({ ...claims }, { jku: 'https://evil.example.com/jwks' }),
  ],
  'a token with x5u': [
    'UserTokenKeyForeign',
    (claims) => foreign.sign({ ...claims }, { x5u: 'https://evil.example.com/c' }),
  ],
  'a token with x5c': ['UserTokenKeyForeign', (claims) => foreign.sign({ ...claims }, { x5c: ['MIIB'] })],
  'a token with jwk': [
    'UserTokenKeyForeign',
    async (claims) => {
      const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
      return new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'RS256', kid: 'one', jwk: await exportJWK(publicKey) })
        .sign(privateKey)
    },
  ],
  'a token with crit': [
    'UserTokenMalformed',
    (claims) => `${encode({ alg: 'RS256', crit: ['b64'], b64: false })}.${encode(claims)}.x`,
  ],
  'an access token': ['UserTokenMalformed', (claims) => one.sign({ ...claims }, { typ: 'at+jwt' })],
  'a logout token': ['UserTokenMalformed', (claims) => one.sign({ ...claims }, { typ: 'logout+jwt' })],
  'a token whose claims were changed': [
    'UserTokenForged',
    async (claims) => {
      const [header, , signature] = (await one.sign({ ...claims })).split('.')
      return `${header}.${encode({ ...claims, sub: 'root' })}.${signature}`
    },
  ],
  'a token whose signature was cut off': [
    'UserTokenForged',
    async (claims) => `${(await one.sign({ ...claims })).split('.').slice(0, 2).join('.')}.`,
  ],
  'a token whose signature was cut': [
    'UserTokenForged',
    async (claims) => (await one.sign({ ...claims })).slice(0, -4),
  ],
  'a token in five parts (encrypted)': ['UserTokenMalformed', () => 'a.b.c.d.e'],
  'a token in two parts': ['UserTokenMalformed', () => 'aaaa.bbbb'],
  'an opaque token': ['UserTokenMalformed', () => 'Atza|c4n4ry'],
  'a token with a header that is no JSON': ['UserTokenMalformed', (claims) => `${encode('{')}.${encode(claims)}.x`],
  'a token with a header that is a list': ['UserTokenMalformed', (claims) => `${encode('[]')}.${encode(claims)}.x`],
  'a token of twenty thousand characters': [
    'UserTokenForged',
    (claims) => foreign.sign({ ...claims, pad: 'x'.repeat(14_000) }),
  ],
}

describe('refuses', () => {
  test.each(Object.entries(forgeries))('%s', async (_, [code, forge]) => {
    const { present, claims, web } = world()
    await present(await one.sign(claims))
    const token = await forge({ ...claims, email: 'c4n4ry@example.com' })
    const failure = await failureOf(present(token))
    expect(failure.code).toBe(code)
    expect(failure.message).not.toContain('c4n4ry')
    // Whatever comes, the issuer's keys are not asked for anew, and nobody else is asked at all.
    expect(web.asked).toHaveLength(2)
  })

  test('claims that are no JSON object, though they are signed', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    const { web, published, present } = world()
    published[0] = { ...(await exportJWK(publicKey)), kid: 'one' }
    for (const payload of [Buffer.from('[]'), Buffer.from('{'), Buffer.from([0xff])]) {
      const token = await new CompactSign(payload).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(privateKey)
      expect((await failureOf(present(token))).code).toBe('UserTokenMalformed')
    }
    expect(web.asked).toHaveLength(2)
  })

  test('a token without a kid where several keys fit', async () => {
    const { present, claims, published } = world()
    published.push(two.jwk)
    expect((await failureOf(present(await one.sign(claims, { kid: undefined })))).code).toBe('UserTokenKeyUnknown')
  })

  test('a key that is too short to be trusted, as the fault of the provider', async () => {
    const { present, claims, web } = world()
    const short = { kty: 'RSA', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB', kid: 'one' }
    web.pages.set('https://keys.example.com/jwks', () => json({ keys: [short] }))
    expect((await failureOf(present(await one.sign(claims)))).code).toBe('UserProviderInvalid')
  })

  test('a key that is none, as the fault of the provider', async () => {
    const { present, claims, web } = world()
    web.pages.set('https://keys.example.com/jwks', () =>
      json({ keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'ec' }] }),
    )
    expect((await failureOf(present(await ec.sign(claims)))).code).toBe('UserProviderInvalid')
  })

  test('a token whose issuer cannot be asked for its keys, by what is the cause', async () => {
    const { present, claims, web } = world()
    web.pages.clear()
    expect((await failureOf(present(await one.sign(claims)))).code).toBe('ProviderUnreachable')
  })

  test('with a thousand unknown keys, and the issuer is asked once', async () => {
    const { present, claims, web, clock } = world()
    await present(await one.sign(claims))
    await clock.advance(30_000)
    for (let n = 0; n < 1_000; n += 1) {
      const token = `${encode({ alg: 'RS256', kid: `k${n}` })}.${encode(claims)}.x`
      expect((await failureOf(present(token))).code).toBe('UserTokenKeyUnknown')
    }
    expect(web.asked).toHaveLength(4)
  })
})
