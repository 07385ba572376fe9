import { generateKeyPairSync } from 'node:crypto'
import { exportPKCS8, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../../src/errors/index.ts'
import { clientCredentials, type OAuthParts, tokenExchange } from '../../../../src/federation/oauth/index.ts'
import {
  attackersKey,
  audience,
  clientProvider,
  createIdp,
  exchangeProvider,
  failureOf,
  issuerUrl,
  never,
  newKey,
  noon,
  partsOf,
  podToken,
  seconds,
  secret,
  sign,
} from './support.ts'

const secretive = { clientId: 'client+1:x', secretName: 'corporate', secretKey: 'secret' }

/** What the token endpoint is sent: headers and form. */
async function sent(change: Record<string, string> = {}, parts: Partial<OAuthParts> = {}) {
  const idp = createIdp()
  idp.give(await sign())
  const isExchange = change['kind'] === 'token-exchange'
  const source = isExchange
    ? tokenExchange(exchangeProvider(change), partsOf(idp, parts))
    : clientCredentials(clientProvider(change), partsOf(idp, parts))
  await source(never)
  const request = idp.requests.find(({ method }) => method === 'POST')
  return { headers: request?.headers ?? {}, form: Object.fromEntries(new URLSearchParams(request?.body ?? '')) }
}

const assertion = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }

describe('client credentials', () => {
  it("show by the pod's own token who the client is", async () => {
    const { headers, form } = await sent()
    expect(form).toEqual({ grant_type: 'client_credentials', ...assertion, client_assertion: podToken })
    expect(headers).toEqual({ accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' })
  })

  it('name the client and what is asked for', async () => {
    const asked = { scope: 'api://sts/.default openid', audience: 'aud', resource: 'https://sts.amazonaws.com' }
    const { form } = await sent({ clientId: 'client-1', ...asked })
    expect(form).toMatchObject({ client_id: 'client-1', client_assertion: podToken, ...asked })
  })

  it('show it by a signed assertion', async () => {
    const { privateKey } = await newKey('ES256')
    const pair = await newKey('ES256')
    const key = await exportPKCS8(pair.privateKey)
    const how = { clientAuthentication: 'private-key-jwt', ...secretive, algorithm: 'ES256', keyId: 'key-1' }
    const { form } = await sent(how, { readSecret: async () => `${key}\n` })
    const { client_assertion: jwt = '', ...rest } = form
    expect(rest).toEqual({ grant_type: 'client_credentials', client_id: 'client+1:x', ...assertion })
    const options = { currentDate: new Date(noon), audience: issuerUrl }
    const { payload, protectedHeader } = await jwtVerify(jwt, pair.jwk, options)
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'key-1' })
    expect(payload).toEqual({
      iss: 'client+1:x',
      sub: 'client+1:x',
      aud: issuerUrl,
      jti: 'id-1',
      iat: seconds,
      exp: seconds + 60,
    })
    await expect(jwtVerify(jwt, privateKey, options)).rejects.toThrow()
    const other = await sent({ ...how, assertionAudience: `${issuerUrl}/token` }, { readSecret: async () => key })
    const audiences = { ...options, audience: `${issuerUrl}/token` }
    await jwtVerify(other.form['client_assertion'] ?? '', pair.jwk, audiences)
  })

  it("are signed by the identity provider's clock, once it is known", async () => {
    const key = await exportPKCS8(attackersKey.privateKey)
    const idp = createIdp()
    idp.give(await sign())
    for (const [url, reply] of idp.replies) {
      const headers = { date: new Date(noon).toUTCString(), 'content-type': 'application/json' }
      idp.replies.set(url, async () => ({ ...(await reply()), headers, localTime: noon - 3_600_000 }))
    }
    const how = { clientAuthentication: 'private-key-jwt', ...secretive }
    const parts = partsOf(idp, { now: () => noon - 3_600_000, readSecret: async () => key })
    const source = clientCredentials(clientProvider(how), parts)
    await source(never)
    await source(never)
    const [, second] = idp.requests.filter(({ method }) => method === 'POST')
    const jwt = new URLSearchParams(second?.body).get('client_assertion') ?? ''
    const { payload } = await jwtVerify(jwt, attackersKey.jwk, { currentDate: new Date(noon) })
    expect(payload.iat).toBe(seconds)
  })

  it('show it by a secret in the header, each half as in a form', async () => {
    const how = { clientAuthentication: 'client-secret-basic', ...secretive }
    const { headers, form } = await sent(how, { readSecret: async () => `${secret}\r\n` })
    expect(form).toEqual({ grant_type: 'client_credentials' })
    const basic = Buffer.from((headers['authorization'] ?? '').slice('Basic '.length), 'base64').toString('utf8')
    expect(basic).toBe('client%2B1%3Ax:s3cret%2Bc4nary%2F%C3%A4%3D%26%25%3A')
    const [, password] = basic.split(':').map((half) => new URLSearchParams(`x=${half}`).get('x'))
    expect(password).toBe(secret)
  })

  it('show it by a secret in the form', async () => {
    const { headers, form } = await sent({ clientAuthentication: 'client-secret-post', ...secretive })
    expect(form).toEqual({ grant_type: 'client_credentials', client_id: 'client+1:x', client_secret: secret })
    expect(headers['authorization']).toBeUndefined()
  })

  it('take the id_token where that is asked for', async () => {
    const idp = createIdp()
    const token = await sign()
    idp.replies.set(`${issuerUrl}/token`, () => ({
      body: { access_token: 'opaque', id_token: token, token_type: 'Bearer' },
    }))
    expect((await clientCredentials(clientProvider({ token: 'id_token' }), partsOf(idp))(never)).raw).toBe(token)
  })

  it('are fetched anew each time, with the secret that is there now', async () => {
    const idp = createIdp()
    idp.give(await sign())
    const secrets = ['first-secret', 'second-secret']
    const how = { clientAuthentication: 'client-secret-post', ...secretive }
    const parts = partsOf(idp, { readSecret: async () => secrets.shift() ?? '' })
    const source = clientCredentials(clientProvider(how), parts)
    await source(never)
    await source(never)
    const posts = idp.requests.filter(({ method }) => method === 'POST')
    expect(posts.map(({ body }) => new URLSearchParams(body).get('client_secret'))).toEqual([
      'first-secret',
      'second-secret',
    ])
  })
})

describe('a token exchange', () => {
  const grant = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: podToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  }

  it("gives the pod's own token, and nothing else", async () => {
    expect((await sent({ kind: 'token-exchange' })).form).toEqual(grant)
  })

  it('names the client, the audience, and the types', async () => {
    const types = {
      subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
      requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const { form } = await sent({ kind: 'token-exchange', clientId: 'c', audience, ...types })
    expect(form).toEqual({
      ...grant,
      client_id: 'c',
      audience,
      subject_token_type: types.subjectTokenType,
      requested_token_type: types.requestedTokenType,
    })
  })

  it('can have a client that shows who it is', async () => {
    const how = { kind: 'token-exchange', clientAuthentication: 'service-account-token' }
    expect((await sent(how)).form).toEqual({ ...grant, ...assertion, client_assertion: podToken })
    const basic = { kind: 'token-exchange', clientAuthentication: 'client-secret-basic', ...secretive }
    const { headers, form } = await sent(basic)
    expect(form).toEqual(grant)
    expect(headers['authorization']).toMatch(/^Basic /)
  })
})

describe('what the pod does not have', () => {
  const missing = new Failure({ code: 'TokenFileMissing', message: 'there is no file' })

  it("is said in the words of the pod's own token, and nobody is asked", async () => {
    const idp = createIdp()
    const parts = partsOf(idp, { subject: () => Promise.reject(missing) })
    expect(await failureOf(clientCredentials(clientProvider(), parts)(never))).toBe(missing)
    expect(await failureOf(tokenExchange(exchangeProvider(), parts)(never))).toBe(missing)
    expect(idp.requests).toEqual([])
  })

  it.each<[string, () => Promise<string>, string]>([
    ['is not there', () => Promise.reject(Object.assign(new Error(secret), { code: 'ENOENT' })), '(ENOENT)'],
    ['cannot be read', () => Promise.reject(new Error(secret)), '(unknown error)'],
    ['breaks otherwise', () => Promise.reject(secret), '(unknown error)'],
    ['is empty', async () => '\n', 'it is empty'],
  ])('is a secret that %s', async (_name, readSecret, words) => {
    const idp = createIdp()
    const how = { clientAuthentication: 'client-secret-basic', ...secretive }
    const failure = await failureOf(clientCredentials(clientProvider(how), partsOf(idp, { readSecret }))(never))
    expect(failure).toMatchObject({ code: 'ProviderSecretMissing', retry: 'rereadToken' })
    expect(failure.message).toContain(words)
    expect(idp.requests).toEqual([])
  })

  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  it.each<[string, string]>([
    ['is none', 'nonsense'],
    ['is a PEM of nothing', '-----BEGIN PRIVATE KEY-----\nbm9uc2Vuc2U=\n-----END PRIVATE KEY-----'],
    ['is in another form', other.export({ type: 'sec1', format: 'pem' }).toString()],
    ['is for another algorithm', other.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['is too short', short.toString()],
  ])('is a private key that %s', async (_name, pem) => {
    const idp = createIdp()
    const how = { clientAuthentication: 'private-key-jwt', ...secretive }
    const parts = partsOf(idp, { readSecret: async () => pem })
    const failure = await failureOf(
      clientCredentials(clientProvider(how), parts)(never),
      pem.split('\n').filter((line) => !line.startsWith('-----')),
    )
    expect(failure).toMatchObject({ code: 'ProviderSecretInvalid', retry: 'rereadToken' })
    expect(idp.requests).toEqual([])
  })
})
