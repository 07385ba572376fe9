import { describe, expect, it } from 'vitest'
import type { Code } from '../../../../src/errors/index.ts'
import { clientCredentials } from '../../../../src/federation/oauth/index.ts'
import {
  attackersKey,
  clientProvider,
  createIdp,
  failureOf,
  goodClaims,
  issuerKey,
  issuerUrl,
  jwksUri,
  never,
  newKey,
  noon,
  partsOf,
  sign,
  tokenEndpoint,
} from './support.ts'

const discoveryUrl = `${issuerUrl}/.well-known/openid-configuration`
const document = { issuer: issuerUrl, token_endpoint: tokenEndpoint, jwks_uri: jwksUri }

async function idpThatGives(token: Promise<string> = sign()) {
  const idp = createIdp()
  idp.give(await token)
  return idp
}

describe('discovery', () => {
  it('is asked for the token endpoint and the keys, which are on their way together', async () => {
    const idp = await idpThatGives()
    await clientCredentials(clientProvider(), partsOf(idp))(never)
    expect(idp.asked()).toEqual(['GET /realm/.well-known/openid-configuration', 'GET /realm/jwks', 'POST /realm/token'])
  })

  it('is not asked where the operator says both', async () => {
    const idp = await idpThatGives()
    await clientCredentials(clientProvider({ tokenEndpoint, jwksUri }), partsOf(idp))(never)
    expect(idp.asked()).toEqual(['GET /realm/jwks', 'POST /realm/token'])
  })

  it('is asked below an issuer that ends with a slash, and the slash must be in the document and the token', async () => {
    const issuer = `${issuerUrl}/`
    const idp = await idpThatGives(sign({ ...goodClaims, iss: issuer }))
    const source = clientCredentials(clientProvider({ issuer }), partsOf(idp))
    expect((await failureOf(source(never))).code).toBe('ProviderDiscoveryInvalid')
    idp.replies.set(discoveryUrl, () => ({ body: { ...document, issuer } }))
    expect((await source(never)).issuer).toBe(issuer)
  })

  it.each([
    [issuerUrl, 'https://login.example.com/.well-known/oauth-authorization-server/realm'],
    ['https://login.example.com', 'https://login.example.com/.well-known/oauth-authorization-server'],
  ])('asks by RFC 8414 where there is none of OpenID Connect: %s', async (issuer, url) => {
    const idp = await idpThatGives(sign({ ...goodClaims, iss: issuer }))
    idp.replies.delete(discoveryUrl)
    idp.replies.set(url, () => ({ body: { ...document, issuer } }))
    expect((await clientCredentials(clientProvider({ issuer }), partsOf(idp))(never)).issuer).toBe(issuer)
  })

  it('is taken from elsewhere where it names the issuer of access tokens, as that of AD FS', async () => {
    const issuer = 'https://adfs.example.com/adfs/services/trust'
    const elsewhere = 'https://adfs.example.com/adfs/.well-known/openid-configuration'
    const idp = await idpThatGives(sign({ ...goodClaims, iss: issuer }))
    const own = { ...document, issuer: 'https://adfs.example.com/adfs', access_token_issuer: issuer }
    idp.replies.set(elsewhere, () => ({ body: own }))
    const open = () => clientCredentials(clientProvider({ issuer, discoveryUrl: elsewhere }), partsOf(idp))
    expect((await open()(never)).issuer).toBe(issuer)
    idp.replies.delete(elsewhere)
    expect((await failureOf(open()(never))).message).toContain(elsewhere)
  })

  const bad: readonly [string, unknown, Code, string][] = [
    ['of another issuer', { ...document, issuer: 'https://attacker.example' }, 'ProviderDiscoveryInvalid', 'attacker'],
    ['of the issuer with a slash', { ...document, issuer: `${issuerUrl}/` }, 'ProviderDiscoveryInvalid', 'expected'],
    ['of no issuer', { token_endpoint: tokenEndpoint }, 'ProviderDiscoveryInvalid', 'no issuer'],
    ['without a token endpoint', { issuer: issuerUrl }, 'ProviderDiscoveryInvalid', 'token_endpoint'],
    [
      'with a token endpoint on http',
      { ...document, token_endpoint: 'http://login.example.com/token' },
      'ProviderAddressInvalid',
      'token_endpoint',
    ],
    [
      'with a token endpoint that is no URL',
      { ...document, token_endpoint: 'https://' },
      'ProviderAddressInvalid',
      'token_endpoint',
    ],
    ['with keys on http', { ...document, jwks_uri: 'http://x/jwks' }, 'ProviderAddressInvalid', 'jwks_uri'],
    ['without keys', { ...document, jwks_uri: 1 }, 'ProviderDiscoveryInvalid', 'jwks_uri'],
    ['that is a list', [document], 'ProviderAnswerInvalid', 'no JSON object'],
  ]
  it.each(bad)('refuses a discovery document %s', async (_name, body, code, words) => {
    const idp = await idpThatGives()
    idp.replies.set(discoveryUrl, () => ({
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }))
    const failure = await failureOf(clientCredentials(clientProvider(), partsOf(idp))(never))
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(words)
  })
})

const rotated = await newKey('RS256', 'k2')

describe('keys', () => {
  it('are asked for once in ten minutes, and the discovery document once in an hour', async () => {
    const idp = await idpThatGives()
    let now = noon
    const source = clientCredentials(clientProvider(), partsOf(idp, { now: () => now }))
    const count = (url: string): number => idp.requests.filter((request) => request.url === url).length
    for (const [after, keys, discovery] of [
      [0, 1, 1],
      [599_999, 1, 1],
      [1, 2, 1],
      [3_000_000, 3, 2],
      [-7_200_000, 4, 3],
    ] as const) {
      now += after
      idp.give(await sign({ ...goodClaims, iat: now / 1000, nbf: now / 1000, exp: now / 1000 + 300 }))
      await source(never)
      expect([count(jwksUri), count(discoveryUrl)]).toEqual([keys, discovery])
    }
  })

  it('rotated at that moment are found at once', async () => {
    const idp = await idpThatGives()
    const source = clientCredentials(clientProvider(), partsOf(idp))
    await source(never)
    idp.replies.set(jwksUri, () => ({ body: { keys: [issuerKey.jwk, rotated.jwk] } }))
    idp.give(await sign(goodClaims, { kid: 'k2' }, rotated))
    await source(never)
  })

  it('rotated under the same kid are found at once', async () => {
    const idp = await idpThatGives()
    const source = clientCredentials(clientProvider(), partsOf(idp))
    await source(never)
    idp.replies.set(jwksUri, () => ({ body: { keys: [{ ...rotated.jwk, kid: 'k1' }] } }))
    idp.give(await sign(goodClaims, {}, rotated))
    await source(never)
  })

  it('that are not there are looked for once more, not again and again', async () => {
    const idp = await idpThatGives()
    const source = clientCredentials(clientProvider(), partsOf(idp))
    await source(never)
    idp.give(await sign(goodClaims, { kid: 'k3' }, attackersKey))
    idp.requests.length = 0
    expect((await failureOf(source(never))).code).toBe('ProviderTokenKeyUnknown')
    expect(idp.asked().filter((each) => each === 'GET /realm/jwks')).toHaveLength(1)
    expect((await failureOf(source(never))).code).toBe('ProviderTokenKeyUnknown')
    expect(idp.asked().filter((each) => each === 'GET /realm/jwks')).toHaveLength(3)
  })

  it('that were withdrawn are no longer trusted after ten minutes', async () => {
    const idp = await idpThatGives()
    let now = noon
    const source = clientCredentials(clientProvider(), partsOf(idp, { now: () => now }))
    await source(never)
    idp.replies.set(jwksUri, () => ({ body: { keys: [rotated.jwk] } }))
    await source(never)
    now += 600_000
    expect((await failureOf(source(never))).code).toBe('ProviderTokenKeyUnknown')
  })

  const many = Array.from({ length: 101 }, (_, at) => ({ ...issuerKey.jwk, kid: `${at}` }))
  it.each<[string, unknown]>([
    ['no list', {}],
    ['an empty list', { keys: [] }],
    ['a list of texts', { keys: ['key'] }],
    ['a list of lists', { keys: [[]] }],
    ['a list of far too many', { keys: many }],
  ])('refuses as keys %s', async (_name, body) => {
    const idp = await idpThatGives()
    idp.replies.set(jwksUri, () => ({ body }))
    const failure = await failureOf(clientCredentials(clientProvider(), partsOf(idp))(never))
    expect(failure).toMatchObject({ code: 'ProviderKeysInvalid', retry: 'slow' })
  })

  it('are not trusted longer because the issuer does not answer', async () => {
    const idp = await idpThatGives()
    let now = noon
    const source = clientCredentials(clientProvider(), partsOf(idp, { now: () => now }))
    await source(never)
    now += 600_000
    idp.replies.set(jwksUri, () => ({ status: 503, headers: { 'retry-after': '30' } }))
    const failure = await failureOf(source(never))
    expect(failure).toMatchObject({ code: 'ProviderUnavailable', retry: 'backoff' })
    expect(failure.message).toContain('HTTP 503; it asks to wait 30 s')
  })
})
