import { describe, expect, it } from 'vitest'
import type { Code, Retry } from '../../../../src/errors/index.ts'
import { clientCredentials, tokenExchange } from '../../../../src/federation/oauth/index.ts'
import {
  clientProvider,
  createIdp,
  exchangeProvider,
  failureOf,
  issuerUrl,
  never,
  noon,
  partsOf,
  podToken,
  secret,
  sign,
  tokenEndpoint,
} from './support.ts'

const json = { 'content-type': 'application/json' }
type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }

async function answered(reply: Reply, change: Record<string, string> = {}) {
  const idp = createIdp()
  idp.replies.set(tokenEndpoint, () => reply)
  return failureOf(clientCredentials(clientProvider(change), partsOf(idp))(never))
}

describe('an error of the token endpoint', () => {
  const cases: readonly [string, number, Code, Retry][] = [
    ['invalid_client', 401, 'ProviderClientRejected', 'rereadToken'],
    ['invalid_grant', 400, 'ProviderSubjectRejected', 'rereadToken'],
    ['unauthorized_client', 400, 'ProviderClientNotAllowed', 'slow'],
    ['access_denied', 403, 'ProviderClientNotAllowed', 'slow'],
    ['invalid_scope', 400, 'ProviderScopeRejected', 'slow'],
    ['invalid_target', 400, 'ProviderScopeRejected', 'slow'],
    ['invalid_resource', 400, 'ProviderScopeRejected', 'slow'],
    ['unsupported_grant_type', 400, 'ProviderGrantUnsupported', 'slow'],
    ['invalid_request', 400, 'ProviderRequestRejected', 'slow'],
    ['something_new', 400, 'ProviderRequestRejected', 'slow'],
    ['slow_down', 400, 'ProviderThrottled', 'backoff'],
    ['temporarily_unavailable', 400, 'ProviderUnavailable', 'backoff'],
    ['server_error', 400, 'ProviderUnavailable', 'backoff'],
    ['invalid_client', 429, 'ProviderThrottled', 'backoff'],
    ['invalid_client', 503, 'ProviderUnavailable', 'backoff'],
  ]
  it.each(cases)('%s with HTTP %i is %s, retried by %s', async (error, status, code, retry) => {
    const failure = await answered({ status, body: { error, error_description: 'AADSTS1: as it\nis' } })
    expect(failure).toMatchObject({ code, retry })
    expect(failure.message).toContain(`HTTP ${status} with ${error}: AADSTS1: as it is`)
    expect(failure.message).toContain(tokenEndpoint)
  })

  it('shows nothing of what was sent, where the server quotes it', async () => {
    const [header, claims, signature] = podToken.split('.')
    for (const quoted of [podToken, `${header} and ${claims}`, `${signature}`]) {
      const body = { error: 'invalid_client', error_description: `bad assertion ${quoted}` }
      expect((await answered({ status: 401, body })).message).toContain('[redacted]')
      expect((await answered({ status: 401, body: { error: quoted } })).message).toContain('[redacted]')
    }
    const basic = { clientAuthentication: 'client-secret-basic', clientId: 'c', secretName: 's', secretKey: 'k' }
    for (const how of ['client-secret-basic', 'client-secret-post']) {
      const body = { error: 'invalid_client', error_description: `wrong secret ${secret}` }
      const failure = await answered({ status: 401, body }, { ...basic, clientAuthentication: how })
      expect(failure.message).toContain('[redacted]')
    }
    const idp = createIdp()
    idp.replies.set(tokenEndpoint, () => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: podToken },
    }))
    const failure = await failureOf(tokenExchange(exchangeProvider(), partsOf(idp))(never))
    expect(failure.message).toContain('[redacted]')
  })

  it('has its description left out where it is no text', async () => {
    const failure = await answered({ status: 400, body: { error: 'invalid_scope', error_description: { a: 1 } } })
    expect(failure.message).toContain('with invalid_scope.')
  })
})

describe('an answer of the token endpoint that makes no sense', () => {
  const page = { body: '<!doctype html><title>Sign in</title>', headers: { 'content-type': 'text/html' } }
  const cases: readonly [string, Reply, Code][] = [
    ['a page instead of a token', page, 'ProviderAnswerInvalid'],
    ['a page with HTTP 403', { ...page, status: 403 }, 'ProviderAnswerInvalid'],
    ['a page with HTTP 502', { ...page, status: 502 }, 'ProviderUnavailable'],
    ['a page with HTTP 429', { ...page, status: 429 }, 'ProviderThrottled'],
    ['an error without a name', { status: 400, body: {} }, 'ProviderAnswerInvalid'],
    ['an error whose name is none', { status: 400, body: { error: 1 } }, 'ProviderAnswerInvalid'],
    ['an error without a name and HTTP 500', { status: 500, body: {} }, 'ProviderUnavailable'],
    ['success that is another', { status: 201, body: {} }, 'ProviderAnswerInvalid'],
    ['truncated JSON', { headers: json, body: '{"access_token":"ey' }, 'ProviderAnswerInvalid'],
    [
      'a name that stands twice',
      { headers: json, body: '{"access_token":"a","access_token":"b"}' },
      'ProviderAnswerInvalid',
    ],
    ['a list', { headers: json, body: '[]' }, 'ProviderAnswerInvalid'],
    ['no content type', { body: '{"access_token":"a"}' }, 'ProviderAnswerInvalid'],
    [
      'another content type',
      { headers: { 'content-type': 'text/plain' }, body: '{"access_token":"a"}' },
      'ProviderAnswerInvalid',
    ],
    ['nothing', { headers: json }, 'ProviderAnswerInvalid'],
    ['a token of another type', { body: { access_token: 'a', token_type: 'DPoP' } }, 'ProviderAnswerInvalid'],
    ['a token type that is none', { body: { access_token: 'a', token_type: 1 } }, 'ProviderAnswerInvalid'],
    ['no token', { body: { token_type: 'Bearer' } }, 'ProviderTokenMissing'],
    ['an empty token', { body: { access_token: '' } }, 'ProviderTokenMissing'],
    ['a token that is no text', { body: { access_token: { jwt: 'a' } } }, 'ProviderTokenMissing'],
  ]
  it.each(cases)('is refused: %s', async (_name, reply, code) => {
    const failure = await answered(reply)
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(tokenEndpoint)
  })

  it('is refused where the other token was asked for', async () => {
    const body = { access_token: await sign(), token_type: 'Bearer' }
    expect((await answered({ body }, { token: 'id_token' })).message).toContain('has no id_token')
  })

  it('is refused at discovery and keys as well', async () => {
    for (const url of [`${issuerUrl}/.well-known/openid-configuration`, `${issuerUrl}/jwks`]) {
      const idp = createIdp()
      idp.give(await sign())
      for (const [reply, code] of [
        [page, 'ProviderAnswerInvalid'],
        [{ status: 403, body: {} }, 'ProviderAnswerInvalid'],
        [{ status: 500 }, 'ProviderUnavailable'],
      ] as const) {
        idp.replies.set(url, () => reply)
        const failure = await failureOf(clientCredentials(clientProvider(), partsOf(idp))(never))
        expect(failure.code).toBe(code)
        expect(failure.message).toContain(url)
      }
    }
  })
})

describe('Retry-After', () => {
  it.each<[string, number]>([
    ['60', 60_000],
    [new Date(noon + 90_000).toUTCString(), 90_000],
    ['86400', 300_000],
  ])('%s: the token endpoint is left alone for %i ms', async (header, wait) => {
    const idp = createIdp()
    let now = noon
    idp.replies.set(tokenEndpoint, () => ({
      status: 429,
      headers: { 'retry-after': header },
      body: { error: 'slow_down' },
      localTime: now,
    }))
    const source = clientCredentials(clientProvider(), partsOf(idp, { now: () => now }))
    const asked = (): number => idp.requests.filter(({ method }) => method === 'POST').length
    const first = await failureOf(source(never))
    expect(first.code).toBe('ProviderThrottled')
    now += wait - 1
    expect(await failureOf(source(never))).toBe(first)
    expect(asked()).toBe(1)
    now += 1
    await failureOf(source(never))
    expect(asked()).toBe(2)
    // A clock that is set back must not make it wait for ever.
    now -= 86_400_000
    await failureOf(source(never))
    expect(asked()).toBe(3)
  })

  it.each(['0', '-1', 'soon', '1e9', new Date(noon - 1000).toUTCString()])('%s says nothing', async (header) => {
    const idp = createIdp()
    idp.replies.set(tokenEndpoint, () => ({ status: 503, headers: { 'retry-after': header } }))
    const source = clientCredentials(clientProvider(), partsOf(idp))
    await failureOf(source(never))
    await failureOf(source(never))
    expect(idp.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
  })
})
