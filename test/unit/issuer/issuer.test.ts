import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import {
  algorithmsOf,
  compareKeys,
  discoveryUrl,
  issuerFindings,
  issuerName,
  jwksUrl,
  type PublicKey,
  readDiscovery,
  readKeys,
  readPublished,
  writeDiscovery,
  writeKeys,
} from '../../../src/issuer/index.ts'

const codesOf = (issuer: string, options?: { mustBePublic?: boolean }): readonly string[] =>
  issuerFindings(issuer, options).map(({ verdict, code, message }) => `${verdict} ${code}: ${message}`)

describe('the address of an issuer', () => {
  test.each([
    'https://oidc.example.com',
    'https://oidc.example.com/clusters/shop',
    'https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE',
    'https://s3.eu-west-1.amazonaws.com/bucket',
    'https://8.8.8.8/x',
    'https://[2001:db8::1]',
  ])('%s can be one', (issuer) => {
    expect(codesOf(issuer)).toEqual([])
  })

  test.each([
    ['http://oidc.example.com', 'IssuerInvalid: it begins with http://'],
    ['ftp://oidc.example.com', 'IssuerInvalid: it begins with ftp://'],
    ['https://oidc.example.com:8443', 'IssuerInvalid: it names a port'],
    ['https://oidc.example.com:443/x', 'IssuerInvalid: it names a port'],
    ['https://me:secret@oidc.example.com', 'IssuerInvalid: it names a user'],
    ['https://oidc.example.com?a=b', 'IssuerInvalid: it has a query'],
    ['https://oidc.example.com#a', 'IssuerInvalid: it has a query or a fragment'],
    ['https://OIDC.example.com', 'IssuerInvalid: it is not written as a URL is: https://oidc.example.com/ is'],
    ['https://oidc.example.com/a/../b', 'IssuerInvalid: it is not written as a URL is: https://oidc.example.com/b is'],
    ['oidc.example.com', 'IssuerInvalid: it is no URL'],
    ['', 'IssuerInvalid: it is no URL'],
  ])('%s breaks the rules of IAM', (issuer, problem) => {
    const findings = codesOf(issuer)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toContain(`fail ${problem}`)
    expect(findings.join()).not.toContain('secret')
  })

  test.each([
    'https://kubernetes.default.svc.cluster.local',
    'https://kubernetes.default.svc',
    'https://kubernetes.default',
    'https://localhost/x',
    'https://master',
    'https://a.internal',
    'https://a.cluster.local.',
    'https://127.0.0.1',
    'https://10.0.0.1',
    'https://172.31.0.1',
    'https://192.168.1.1',
    'https://169.254.1.1',
    'https://198.19.0.1',
    'https://192.0.0.8',
    'https://224.0.0.1',
    'https://255.255.255.255',
    'https://100.64.0.1',
    'https://[::1]',
    'https://[fd00::1]',
    'https://[fe80::1]',
    'https://[::ffff:a00:1]',
  ])('%s is for nobody outside', (issuer) => {
    expect(codesOf(issuer)[0]).toContain('fail IssuerNotPublic: ')
    expect(codesOf(issuer, { mustBePublic: false })).toEqual([])
  })

  test('may end in a slash, which then belongs to it', () => {
    expect(codesOf('https://oidc.example.com/x/')).toEqual([
      expect.stringContaining('warn IssuerMismatch: it ends in a slash'),
    ])
    expect(codesOf('https://oidc.example.com/')).toEqual([expect.stringContaining('warn IssuerMismatch')])
    expect(discoveryUrl('https://a.example/x/')).toBe('https://a.example/x/.well-known/openid-configuration')
    expect(discoveryUrl('https://a.example')).toBe('https://a.example/.well-known/openid-configuration')
    expect(jwksUrl('https://a.example/')).toBe('https://a.example/openid/v1/jwks')
    expect(issuerName('https://a.example/x/')).toBe('a.example/x/')
  })
})

const failureOf = (fn: () => unknown): string => {
  try {
    fn()
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message
    throw thrown
  }
  return 'nothing thrown'
}

describe('the discovery document', () => {
  test('is read, and written so that it can be read', () => {
    const discovery = { issuer: 'https://a.example', jwksUri: 'https://a.example/openid/v1/jwks' }
    const text = writeDiscovery(discovery, ['RS256'])
    expect(readDiscovery(text, 'here')).toEqual(discovery)
    expect(JSON.parse(text)).toMatchObject({
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    })
  })

  test.each([
    ['', 'it is no JSON object'],
    ['[]', 'it is no JSON object'],
    ['null', 'it is no JSON object'],
    ['<html>', 'it is no JSON object'],
    [`{"a":"${'x'.repeat(1024 * 1024)}"}`, 'it is no JSON object'],
    ['{}', 'it has no issuer'],
    ['{"issuer":1}', 'it has no issuer'],
    ['{"issuer":"https://a.example"}', 'it has no jwks_uri'],
    ['{"issuer":"https://a.example","jwks_uri":"jwks"}', 'it has no jwks_uri'],
  ])('%.40s is none', (text, problem) => {
    expect(failureOf(() => readDiscovery(text, 'here'))).toContain(`DiscoveryInvalid: here: ${problem}`)
  })
})

const n = 'u'.repeat(342)
const rsa = { kty: 'RSA', kid: 'one', alg: 'RS256', use: 'sig', n, e: 'AQAB' }
const ec = { kty: 'EC', kid: 'two', alg: 'ES256', crv: 'P-256', x: 'abc', y: 'def' }
const jwks = (...keys: readonly unknown[]): string => JSON.stringify({ keys })

describe('the keys', () => {
  test('are read, and only their public members are written', () => {
    const keys = readKeys(jwks({ ...rsa, x5c: ['certificate'], other: 1 }, ec), 'here')
    expect(keys.map(({ kid, kty, alg }) => [kid, kty, alg])).toEqual([
      ['one', 'RSA', 'RS256'],
      ['two', 'EC', 'ES256'],
    ])
    expect(keys[0]?.thumbprint).toBe(JSON.stringify({ e: 'AQAB', kty: 'RSA', n }))
    const text = writeKeys(keys)
    expect(JSON.parse(text)).toEqual({ keys: [{ ...rsa }, { ...ec, use: 'sig' }] })
    expect(readKeys(text, 'again')).toEqual(keys)
    expect(algorithmsOf(keys)).toEqual(['ES256', 'RS256'])
    expect(algorithmsOf(readKeys(jwks({ ...rsa, alg: undefined }), 'here'))).toEqual(['RS256'])
  })

  test.each([
    ['', 'here: it is no JSON object with keys'],
    ['{}', 'here: it is no JSON object with keys'],
    [jwks(), 'here: it has no key'],
    [jwks(...Array.from({ length: 101 }, () => rsa)), 'here: it has more than 100 keys'],
    [jwks(1), 'here: keys[0]: it is no object'],
    [jwks(rsa, { ...rsa, d: 'secret' }), 'here: keys[1]: it has a private part'],
    [jwks({ kty: 'oct', kid: 'a', k: 'secret' }), 'here: keys[0]: it has a private part'],
    [jwks({ ...rsa, kid: '' }), 'here: keys[0]: it has no kid'],
    [jwks({ ...rsa, kid: 1 }), 'here: keys[0]: it has no kid'],
    [jwks({ ...rsa, kty: 'OKP' }), 'here: keys[0]: its kty is neither RSA nor EC'],
    [jwks({ ...rsa, n: 'u'.repeat(171) }), 'here: keys[0]: its RSA key has fewer than 2048 bits'],
    [jwks({ ...rsa, n: '+/=' }), 'here: keys[0]: its n is not in base64url'],
    [jwks(rsa, { ...ec, kid: 'one' }), 'here: it has the kid "one" twice'],
    [jwks({ ...rsa, use: 'enc' }), 'here: it has no key for signatures'],
    [jwks({ ...rsa, alg: 'none' }), 'here: keys[0]: its alg is none by which an RSA key signs'],
    [jwks({ ...rsa, alg: 'ES256' }), 'here: keys[0]: its alg is none by which an RSA key signs'],
    [jwks({ ...ec, alg: 1 }), 'here: keys[0]: its alg is none by which an EC key signs'],
    [jwks({ ...ec, y: undefined }), 'here: keys[0]: its y is not in base64url'],
  ])('%.60s are none', (text, problem) => {
    const message = failureOf(() => readKeys(text, 'here'))
    expect(message).toContain(`KeysInvalid: ${problem}`)
    expect(message).not.toContain('secret')
  })
})

test('a key that is not for signatures is none of them', () => {
  expect(
    readKeys(jwks({ ...rsa, kid: 'other', use: 'enc', alg: 'RSA-OAEP' }, rsa), 'here').map(({ kid }) => kid),
  ).toEqual(['one'])
})

describe('where the keys are', () => {
  const naming = (jwksUri: string, issuer = 'https://oidc.example.com/shop') => {
    const asked: string[] = []
    const body = writeDiscovery({ issuer, jwksUri }, ['RS256'])
    const fetch = async (url: string) => {
      asked.push(url)
      return { status: 200, took: 1, body: url === jwksUri ? jwks(rsa) : body }
    }
    return readPublished(fetch, issuer).then(({ findings }) => ({ asked: asked.length, findings }))
  }

  test.each([
    ['https://10.0.0.1/keys', 'IssuerNotPublic'],
    ['https://vault.corp.internal/keys', 'IssuerNotPublic'],
    ['https://[::1]/keys', 'IssuerNotPublic'],
    ['https://[64:ff9b::a00:1]/keys', 'IssuerNotPublic'],
    ['https://[2002:a00:1::]/keys', 'IssuerNotPublic'],
    ['https://[fec0::1]/keys', 'IssuerNotPublic'],
    ['http://keys.example.com/keys', 'DiscoveryInvalid'],
  ])('%s is not asked', async (jwksUri, code) => {
    expect(await naming(jwksUri)).toEqual({
      asked: 1,
      findings: [expect.objectContaining({ verdict: 'fail', code, message: expect.stringContaining('its jwks_uri') })],
    })
  })

  test('another public host is, and a private one of a private issuer', async () => {
    expect(await naming('https://keys.example.com/keys')).toEqual({ asked: 2, findings: [] })
    expect(await naming('https://10.0.0.1/keys', 'https://issuer.corp.internal')).toEqual({ asked: 2, findings: [] })
  })
})

test('a way out that is not as it was meant is not the issuer’s fault', async () => {
  const failure = new Failure({ code: 'SettingInvalid', field: 'HTTPS_PROXY', message: 'it is no http or https URL' })
  await expect(readPublished(() => Promise.reject(failure), 'https://oidc.example.com')).rejects.toBe(failure)
  const away = new Failure({ code: 'ProviderUnreachable', message: 'it is away' })
  expect((await readPublished(() => Promise.reject(away), 'https://oidc.example.com')).findings).toMatchObject([
    { code: 'DiscoveryUnreachable' },
  ])
})

describe('published keys', () => {
  const key = (kid: string, thumbprint = kid): PublicKey => ({ kid, kty: 'RSA', thumbprint })
  const [one, two, three] = [key('one'), key('two'), key('three')]
  const compared = (live: readonly PublicKey[], published: readonly PublicKey[], kid?: string): readonly string[] =>
    compareKeys({ live, published, kid }).map(({ code, message }) => `${code}: ${message}`)

  test('that are all there are well, older ones too', () => {
    expect(compared([one, two], [two, one, three])).toEqual([])
    expect(compared([one], [one], 'one')).toEqual([])
    expect(compared([], [one], 'one')).toEqual([])
  })

  test('of which none is live are outdated', () => {
    expect(compared([two], [one])).toEqual(['KeysOutdated: none of 1 key of the cluster is published: "two"'])
    expect(compared([two, three], [one], 'two')).toEqual([
      'KeysOutdated: none of 2 keys of the cluster is published: "two", "three"',
    ])
    // The same name for another key.
    expect(compared([key('one', 'new')], [one])).toEqual([expect.stringContaining('KeysOutdated')])
  })

  test('of which one is missing', () => {
    expect(compared([one, two], [one])).toEqual(['KeyUnpublished: of 2 keys of the cluster 1 is not published: "two"'])
    expect(compared([one, two, three], [one])).toEqual([expect.stringContaining('2 are not published: "two", "three"')])
    expect(compared([], [one], 'two')).toEqual([
      'KeyUnpublished: the token is signed by the key "two", which is not published',
    ])
    expect(compared([one, two], [one], 'two')).toEqual([
      expect.stringContaining('the token is signed by the key "two"'),
    ])
  })
})
