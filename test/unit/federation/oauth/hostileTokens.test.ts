import { createHmac, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Code, Failure } from '../../../../src/errors/index.ts'
import { clientCredentials } from '../../../../src/federation/oauth/index.ts'
import {
  attackersKey,
  audience,
  clientProvider,
  createIdp,
  encode,
  failureOf,
  goodClaims,
  type Idp,
  issuerKey,
  issuerUrl,
  jwksUri,
  never,
  newKey,
  noon,
  partsOf,
  seconds,
  sign,
} from './support.ts'

/** What becomes of a token that the token endpoint gives. */
function take(token: unknown, idp: Idp = createIdp(), change: Record<string, string> = {}) {
  idp.give(token)
  return clientCredentials(clientProvider(change), partsOf(idp))(never)
}

async function refusal(token: string, idp?: Idp, change?: Record<string, string>): Promise<Failure> {
  // Header and claims may be told, and what is no claim of it is not: neither is any run of the signature.
  return failureOf(take(token, idp, change), [token.split('.').at(-1) ?? ''])
}

const withKeys = (...keys: readonly object[]): Idp => {
  const idp = createIdp()
  idp.replies.set(jwksUri, () => ({ body: { keys } }))
  return idp
}

const hmac = (header: object, key: string | Buffer): string => {
  const text = `${encode(header)}.${encode(goodClaims)}`
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

/** Signed by the issuer's own key, whatever the text of its parts. */
function signText(header: string, claims: string, key = issuerKey): Promise<string> {
  return crypto.subtle
    .sign('RSASSA-PKCS1-v1_5', key.privateKey, Buffer.from(`${encode(header)}.${encode(claims)}`))
    .then((signature) => `${encode(header)}.${encode(claims)}.${Buffer.from(signature).toString('base64url')}`)
}

describe('a token of the issuer', () => {
  it('is taken', async () => {
    const token = await sign({ ...goodClaims, azp: audience, aud: ['other'] }, { typ: 'at+jwt' })
    expect(await take(token)).toEqual({
      raw: token,
      issuer: issuerUrl,
      subject: 'client-1',
      audiences: ['other'],
      authorizedParty: audience,
      expires: noon + 300_000,
      issuedAt: noon - 1_000,
    })
  })

  it.each(['PS256', 'ES256', 'ES384', 'EdDSA'])('is taken with %s, where that is pinned', async (alg) => {
    const key = await newKey(alg)
    const token = await sign(goodClaims, { alg }, key)
    expect((await take(token, withKeys(key.jwk), { algorithms: alg })).raw).toBe(token)
  })

  it.each<[string, object]>([
    ['within five minutes past its exp', { exp: seconds - 299 }],
    ['within five minutes before its nbf and iat', { nbf: seconds + 299, iat: seconds + 299 }],
    ['with an aud of several', { aud: ['other', audience] }],
    ['without iat and nbf', { iat: undefined, nbf: undefined }],
  ])('is taken %s', async (_name, change) => {
    await take(await sign({ ...goodClaims, ...change }))
  })
})

describe('signatures', () => {
  it.each(['none', 'None', 'NONE', 'nOnE'])('refuses a token signed with alg %s', async (alg) => {
    const unsigned = `${encode({ alg, kid: 'k1' })}.${encode(goodClaims)}.`
    expect((await refusal(unsigned)).code).toBe('ProviderTokenAlgorithm')
    const kept = `${encode({ alg, kid: 'k1' })}.${(await sign()).split('.').slice(1).join('.')}`
    expect((await refusal(kept)).code).toBe('ProviderTokenAlgorithm')
  })

  it('refuses a token signed with HS256 by the public key of the issuer (key confusion)', async () => {
    const publicKey = createPublicKey({ key: issuerKey.jwk as never, format: 'jwk' })
    const header = { alg: 'HS256', kid: 'k1' }
    for (const key of [
      publicKey.export({ type: 'spki', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'der' }),
      publicKey.export({ type: 'pkcs1', format: 'pem' }),
      JSON.stringify(issuerKey.jwk),
      '',
    ]) {
      expect((await refusal(hmac(header, key))).code).toBe('ProviderTokenAlgorithm')
    }
  })

  it('refuses a token signed with a shared secret, even one that the issuer publishes', async () => {
    const key = Buffer.alloc(32, 7)
    const idp = withKeys({ kty: 'oct', kid: 'k1', alg: 'HS256', k: key.toString('base64url') })
    expect((await refusal(hmac({ alg: 'HS256', kid: 'k1' }, key), idp)).code).toBe('ProviderTokenAlgorithm')
    expect((await refusal(hmac({ alg: 'RS256', kid: 'k1' }, key), idp)).code).toBe('ProviderTokenKeyUnknown')
  })

  it('refuses a token with an algorithm that is not pinned', async () => {
    const key = await newKey('ES384')
    const failure = await refusal(await sign(goodClaims, { alg: 'ES384' }, key), withKeys(key.jwk))
    expect(failure).toMatchObject({ code: 'ProviderTokenAlgorithm', retry: 'slow' })
    expect(failure.message).toContain('ES384, expected RS256 or ES256')
    const missing = await signText(JSON.stringify({ kid: 'k1' }), JSON.stringify(goodClaims))
    expect((await refusal(missing)).message).toContain('no algorithm')
  })

  it('refuses a token signed by a foreign key under a known kid', async () => {
    const failure = await refusal(await sign(goodClaims, {}, attackersKey))
    expect(failure).toMatchObject({ code: 'ProviderTokenSignature', retry: 'slow' })
  })

  it('refuses a token with a foreign kid', async () => {
    const failure = await refusal(await sign(goodClaims, { kid: 'k2' }, attackersKey))
    expect(failure).toMatchObject({ code: 'ProviderTokenKeyUnknown', retry: 'backoff' })
  })

  it.each([undefined, '', 1, null])('refuses a token with the kid %s', async (kid) => {
    const token = await signText(JSON.stringify({ alg: 'RS256', kid }), JSON.stringify(goodClaims))
    expect((await refusal(token)).code).toBe('ProviderTokenKeyUnknown')
  })

  it('refuses a token with a key of its own in jwk, jku, x5u or x5c, and asks nobody for it', async () => {
    const certificate = Buffer.from('certificate').toString('base64')
    for (const header of [
      { jwk: attackersKey.jwk },
      { jku: 'https://login.example.com.attacker.example/jwks' },
      { x5u: 'https://attacker.example/cert' },
      { x5c: [certificate] },
    ]) {
      const idp = createIdp()
      const known = await refusal(await sign(goodClaims, header, attackersKey), idp)
      expect(known.code).toBe('ProviderTokenSignature')
      const unknown = await refusal(await sign(goodClaims, { ...header, kid: 'k2' }, attackersKey), idp)
      expect(unknown.code).toBe('ProviderTokenKeyUnknown')
      expect(idp.requests.filter(({ url }) => !url.startsWith(`${issuerUrl}/`))).toEqual([])
      // Who puts it there besides a good kid is not refused for it.
      await take(await sign(goodClaims, header), idp)
    }
  })

  it.each<[string, object]>([
    ['crit', { crit: ['exp'], exp: seconds }],
    ['an unencoded payload', { crit: ['b64'], b64: false }],
    ['an empty crit', { crit: [] }],
  ])('refuses a token with %s', async (_name, header) => {
    const token = await signText(JSON.stringify({ alg: 'RS256', kid: 'k1', ...header }), JSON.stringify(goodClaims))
    expect((await refusal(token)).code).toBe('ProviderTokenMalformed')
  })

  it('refuses a token whose claims were changed', async () => {
    const [header, , signature] = (await sign()).split('.')
    const changed = [header, encode({ ...goodClaims, sub: 'admin' }), signature].join('.')
    expect((await refusal(changed)).code).toBe('ProviderTokenSignature')
  })

  it('refuses a token whose signature is missing, empty of meaning, or of another form', async () => {
    const [header, claims, signature = ''] = (await sign()).split('.')
    for (const other of ['', 'AAAA', signature.slice(0, -4)]) {
      expect((await refusal([header, claims, other].join('.'))).code).toBe('ProviderTokenSignature')
    }
    for (const other of [`${signature}=`, `${signature.slice(0, 40)}\n${signature.slice(40)}`, `${signature}\n`]) {
      expect((await refusal([header, claims, other].join('.'))).code).toBe('ProviderTokenOpaque')
    }
    const key = await newKey('ES256')
    const zeros = `${encode({ alg: 'ES256', kid: 'k1' })}.${claims}.${Buffer.alloc(64).toString('base64url')}`
    expect((await refusal(zeros, withKeys(key.jwk))).code).toBe('ProviderTokenSignature')
  })

  it('refuses a token whose algorithm is not that of the key', async () => {
    const elliptic = await newKey('ES256')
    expect((await refusal(await sign(), withKeys(elliptic.jwk))).code).toBe('ProviderTokenKeyUnknown')
    const probabilistic = withKeys({ ...issuerKey.jwk, alg: 'PS256' })
    expect((await refusal(await sign(), probabilistic)).code).toBe('ProviderTokenKeyUnknown')
    const forEncryption = withKeys({ ...issuerKey.jwk, use: 'enc' })
    expect((await refusal(await sign(), forEncryption)).code).toBe('ProviderTokenKeyUnknown')
  })

  it('refuses a token signed by a key that is too short', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const text = `${encode({ alg: 'RS256', kid: 'k1' })}.${encode(goodClaims)}`
    const token = `${text}.${createSign('sha256').update(text).sign(privateKey, 'base64url')}`
    const failure = await refusal(token, withKeys({ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }))
    expect(failure.code).toBe('ProviderKeysInvalid')
  })

  it('refuses a token whose kid stands for two keys', async () => {
    const failure = await refusal(await sign(), withKeys(issuerKey.jwk, attackersKey.jwk))
    expect(failure.code).toBe('ProviderKeysInvalid')
  })

  it('refuses a token of a key that is none', async () => {
    const broken = withKeys({ kty: 'RSA', kid: 'k1', alg: 'RS256', n: 'AQAB', e: 'AQAB' })
    expect((await refusal(await sign(), broken)).code).toBe('ProviderKeysInvalid')
  })
})

describe('claims', () => {
  const cases: readonly [string, object, Code, string][] = [
    ['another issuer', { iss: 'https://attacker.example' }, 'ProviderTokenIssuer', 'https://attacker.example'],
    ['a slash at the end of the issuer', { iss: `${issuerUrl}/` }, 'ProviderTokenIssuer', `expected ${issuerUrl}`],
    ['the issuer in other letters', { iss: issuerUrl.replace('login', 'LOGIN') }, 'ProviderTokenIssuer', 'expected'],
    ['no issuer', { iss: undefined }, 'ProviderTokenIssuer', 'no issuer'],
    ['a list of issuers', { iss: [issuerUrl] }, 'ProviderTokenIssuer', 'no issuer'],
    ['another audience', { aud: 'mars' }, 'ProviderTokenAudience', 'its aud is mars, expected sts.amazonaws.com'],
    ['other audiences', { aud: ['mars', 'venus'] }, 'ProviderTokenAudience', 'mars, venus'],
    ['an audience within another', { aud: `${audience}.cn` }, 'ProviderTokenAudience', 'its aud'],
    ['audiences in one text', { aud: `mars ${audience}` }, 'ProviderTokenAudience', 'its aud'],
    ['a nested audience', { aud: [[audience]] }, 'ProviderTokenAudience', 'none'],
    ['no audience', { aud: undefined }, 'ProviderTokenAudience', 'none'],
    ['an empty list of audiences', { aud: [] }, 'ProviderTokenAudience', 'none'],
    ['another azp, though aud is right', { azp: 'spa' }, 'ProviderTokenAudience', 'its azp is spa'],
    ['an azp that is no text', { azp: [audience] }, 'ProviderTokenAudience', 'its azp is none'],
    ['an azp of null', { azp: null }, 'ProviderTokenAudience', 'its azp is none'],
    ['an exp long past', { exp: seconds - 301 }, 'ProviderTokenExpired', '2026-01-01T11:54:59.000Z'],
    ['no exp', { exp: undefined }, 'ProviderTokenMalformed', 'no exp'],
    ['an exp that is a text', { exp: String(seconds + 300) }, 'ProviderTokenMalformed', 'no exp'],
    ['an exp beyond all time', { exp: 1e300 }, 'ProviderTokenMalformed', 'no exp'],
    ['an nbf in the future', { nbf: seconds + 301 }, 'ProviderTokenNotYetValid', 'its nbf'],
    ['an iat in the future', { iat: seconds + 301 }, 'ProviderTokenNotYetValid', 'its iat'],
    ['an nbf that is no time', { nbf: 'now' }, 'ProviderTokenMalformed', 'its nbf is no time'],
    ['no subject', { sub: undefined }, 'ProviderTokenMalformed', 'no sub'],
    ['an empty subject', { sub: '' }, 'ProviderTokenMalformed', 'no sub'],
  ]
  it.each(cases)('refuses a token with %s', async (_name, change, code, words) => {
    const claims = JSON.stringify({ ...goodClaims, ...change })
    const failure = await refusal(await signText(JSON.stringify({ alg: 'RS256', kid: 'k1' }), claims))
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(words)
  })

  it('refuses a token in which a name stands twice, in claims and header', async () => {
    const header = JSON.stringify({ alg: 'RS256', kid: 'k1' })
    const claims = JSON.stringify(goodClaims)
    const twice = `${claims.slice(0, -1)},"aud":"mars"}`
    const escaped = `${claims.slice(0, -1)},"\\u0061ud":"mars"}`
    for (const text of [twice, escaped]) {
      expect((await refusal(await signText(header, text))).code).toBe('ProviderTokenMalformed')
    }
    const headerTwice = `${header.slice(0, -1)},"alg":"none"}`
    expect((await refusal(await signText(headerTwice, claims))).code).toBe('ProviderTokenOpaque')
    // The same name in another object is another name.
    await take(await sign({ ...goodClaims, realm: { aud: 'x', sub: ['{"aud":1}'] } }))
  })

  it.each(['[]', '"text"', 'null', '{', ''])('refuses a token whose claims are %s', async (claims) => {
    const token = await signText(JSON.stringify({ alg: 'RS256', kid: 'k1' }), claims)
    const { code } = await refusal(token)
    expect(code).toBe(claims === '' ? 'ProviderTokenOpaque' : 'ProviderTokenMalformed')
  })
})

describe('what is no signed JSON Web Token', () => {
  it.each<[string, string]>([
    ['an opaque access token', 'c4n4ry-0paque-c4n4ry'],
    ['two parts', 'eyJhbGciOiJSUzI1NiJ9.e30'],
    ['four parts', 'a.b.c.d'],
    ['an encrypted one', 'eyJhbGciOiJSU0EtT0FFUCJ9.a2V5.aXY.dGV4dA.dGFn'],
    ['a header that is none', 'bm9uc2Vuc2U.e30.c2ln'],
    ['other characters', 'ey J.e30.c2ln'],
  ])('refuses %s', async (_name, token) => {
    const failure = await failureOf(take(token), [token])
    expect(failure).toMatchObject({ code: 'ProviderTokenOpaque', retry: 'slow' })
  })

  it('refuses a token that is longer than STS takes, by one character', async () => {
    const bare = await sign({ ...goodClaims, groups: '' })
    const fill = Math.floor(((20_000 - bare.length) * 3) / 4)
    const filled = await sign({ ...goodClaims, groups: 'g'.repeat(fill) })
    expect(filled.length).toBeLessThanOrEqual(20_000)
    await take(filled)
    const failure = await refusal(await sign({ ...goodClaims, groups: 'g'.repeat(fill + 4) }))
    expect(failure.code).toBe('ProviderTokenTooLarge')
    expect((await failureOf(take('x'.repeat(200_000)))).code).toBe('ProviderTokenTooLarge')
  })
})

describe('the clock', () => {
  it("that counts is the issuer's: the pod's may be wrong by any time", async () => {
    const ahead = noon + 86_400_000
    const date = new Date(noon).toUTCString()
    const idp = createIdp(() => ahead)
    const parts = partsOf(idp, { now: () => ahead })
    for (const [url, reply] of idp.replies) {
      idp.replies.set(url, async () => ({ headers: { date }, ...(await reply()) }))
    }
    const give = async (claims: object): Promise<void> => {
      const body = { access_token: await sign(claims), token_type: 'Bearer' }
      idp.replies.set(`${issuerUrl}/token`, () => ({ body, headers: { date, 'content-type': 'application/json' } }))
    }
    await give(goodClaims)
    const source = clientCredentials(clientProvider(), parts)
    expect((await source(never)).subject).toBe('client-1')
    await give({ ...goodClaims, exp: seconds - 301 })
    expect((await failureOf(source(never))).code).toBe('ProviderTokenExpired')
  })
})
