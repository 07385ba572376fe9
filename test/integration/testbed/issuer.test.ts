import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Issuer,
  startIssuer,
} from '../../../src/testbed/index.ts'
import { audience, call, createClock } from './support.ts'

const clock = createClock()
let ca: CertificateAuthority
let issuer: Issuer
beforeAll(async () => {
  ca = await createCertificateAuthority({ name: 'testbed', now: clock.now })
  issuer = await startIssuer({ ca, now: clock.now })
})
afterAll(() => issuer.stop())

async function fetchKeys(): Promise<{ kid: string; alg: string; use: string; d?: string }[]> {
  const { text } = await call(issuer.jwksUri, ca.pem)
  return JSON.parse(text).keys
}

async function verify(token: string): Promise<unknown> {
  const keys = createLocalJWKSet({ keys: (await fetchKeys()).map((key) => ({ kty: 'RSA', ...key })) })
  return jwtVerify(token, keys, { issuer: issuer.url, audience, currentDate: new Date(clock.now()) })
}

const request = { sub: 'someone', audience, expiresIn: 600 }

describe('issuer', () => {
  it('publishes discovery and keys with the right content types', async () => {
    const discovery = await call(`${issuer.url}/.well-known/openid-configuration`, ca.pem)
    expect(discovery.headers['content-type']).toBe('application/json')
    expect(JSON.parse(discovery.text)).toEqual({
      issuer: issuer.url,
      jwks_uri: `${issuer.url}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    })
    const jwks = await call(issuer.jwksUri, ca.pem)
    expect(jwks.headers['content-type']).toBe('application/jwk-set+json')
    const [key, ...others] = await fetchKeys()
    expect(key).toMatchObject({ kid: issuer.keyId(), alg: 'RS256', use: 'sig' })
    expect(key).not.toHaveProperty('d')
    expect(others).toEqual([])
  })

  it('knows no other path and no other method', async () => {
    expect((await call(`${issuer.url}/`, ca.pem)).status).toBe(404)
    expect((await call(issuer.jwksUri, ca.pem, { method: 'POST' })).status).toBe(405)
    expect((await call(`${issuer.jwksUri}?x=1`, ca.pem, { method: 'HEAD' })).status).toBe(200)
  })

  it('is trusted by its authority alone', async () => {
    const other = await createCertificateAuthority({ name: 'other', now: clock.now })
    await expect(call(issuer.jwksUri, other.pem)).rejects.toThrow(/certificate/)
  })

  it('issues tokens that verify, dated by its clock', async () => {
    const token = await issuer.issueToken({ ...request, claims: { groups: ['a'] } })
    await verify(token)
    const at = Math.floor(clock.now() / 1000)
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: issuer.keyId() })
    expect(decodeJwt(token)).toEqual({
      iss: issuer.url,
      sub: 'someone',
      aud: audience,
      iat: at,
      nbf: at,
      exp: at + 600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      groups: ['a'],
    })
  })

  it('issues the tokens of service accounts', async () => {
    const about = { namespace: 'shop', serviceAccount: 'web', pod: 'web-0', audience, expiresIn: 600 }
    const token = await issuer.serviceAccountToken(about)
    await verify(token)
    expect(decodeJwt(token)).toMatchObject({
      sub: 'system:serviceaccount:shop:web',
      aud: [audience],
      'kubernetes.io': { namespace: 'shop', pod: { name: 'web-0' }, serviceaccount: { name: 'web' } },
    })
  })

  it('lies in claims and header where it is told to', async () => {
    const token = await issuer.issueToken({ ...request, claims: { aud: undefined }, header: { kid: 'x', typ: 'JWT' } })
    expect(decodeJwt(token)).not.toHaveProperty('aud')
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: 'x', typ: 'JWT' })
  })

  it('signs with a key that nobody finds, when asked to', async () => {
    await expect(verify(await issuer.issueToken({ ...request, signWithUnpublishedKey: true }))).rejects.toThrow(
      'no applicable key found',
    )
  })

  it('rotates: both keys until the old one is retired', async () => {
    const old = await issuer.issueToken(request)
    const oldKey = issuer.keyId()
    const newKey = await issuer.rotate()
    expect(issuer.keyId()).toBe(newKey)
    expect((await fetchKeys()).map((key) => key.kid)).toEqual([newKey, oldKey])
    await verify(old)
    const fresh = await issuer.issueToken(request)
    expect(decodeProtectedHeader(fresh).kid).toBe(newKey)
    issuer.retire()
    await verify(fresh)
    await expect(verify(old)).rejects.toThrow('no applicable key found')
  })

  it('says when its port is taken', async () => {
    const port = Number(new URL(issuer.url).port)
    await expect(startIssuer({ ca, now: clock.now, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('listens on an IPv6 address, and answers to the name of the loopback', async () => {
    const second = await startIssuer({ ca, now: clock.now, host: '::1' })
    expect(second.url).toMatch(/^https:\/\/\[::1\]:\d+$/)
    expect((await call(second.jwksUri, ca.pem)).status).toBe(200)
    await second.stop()
    const { port } = new URL(issuer.url)
    const named = await call(`https://127.0.0.1:${port}/openid/v1/jwks`, ca.pem)
    expect(named.status).toBe(200)
  })
})
