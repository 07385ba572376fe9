import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import { listenHttps } from '../../src/testbed/httpsServer.ts'
import type { CertificateAuthority } from '../../src/testbed/index.ts'
import { withCertificate } from '../servers/x5c.ts'

/** What it gives, as the user chooses on its page. */
export const GIFTS = {
  genuine: 'A genuine token',
  forged: 'A forged token',
  expired: 'An expired token',
  foreign: "Another app's token",
  none: 'Cancel',
} as const
type Gift = keyof typeof GIFTS

export type CrookedProvider = {
  readonly url: string
  /** Of the certificate of its signing key. */
  readonly thumbprint: string
  /** The token that it gave last: what an attacker would hold, with the nonce that was asked for. */
  readonly last: () => { readonly token: string; readonly nonce: string }
  readonly stop: () => Promise<void>
}

const ALGORITHM = 'RS256'
export const CROOKED_USER = 'crooked-user'

async function newKey() {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  return withCertificate({ ...(await exportJWK(privateKey)), alg: ALGORITHM, kid: 'the-only-key', use: 'sig' })
}

type Begun = { readonly clientId: string; readonly nonce: string; readonly challenge: string; readonly gift: Gift }

/** A sign-in provider that has gone bad: it speaks OpenID Connect as it should, and gives tokens as the user likes. */
export async function startCrookedProvider(ca: CertificateAuthority): Promise<CrookedProvider> {
  const [own, foreign] = await Promise.all([newKey(), newKey()])
  const { kty, n, e, alg, kid, use, x5c } = own.jwk
  const begun = new Map<string, Begun>()
  let last = { token: '', nonce: '' }

  const sign = async ({ clientId, nonce, gift }: Begun): Promise<string> => {
    const key = await importJWK((gift === 'forged' ? foreign : own).jwk, ALGORITHM)
    const now = Math.floor(Date.now() / 1_000) - (gift === 'expired' ? 7_200 : 0)
    const aud = gift === 'foreign' ? 'another-app' : clientId
    const claims = { iss: url, sub: CROOKED_USER, aud, nonce, iat: now, exp: now + 3_600, name: 'Crooked user' }
    return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid: 'the-only-key' }).sign(key)
  }
  const choose = (query: URLSearchParams): string => {
    const code = randomBytes(16).toString('hex')
    begun.set(code, {
      clientId: query.get('client_id') ?? '',
      nonce: query.get('nonce') ?? '',
      challenge: query.get('code_challenge') ?? '',
      gift: query.get('gift') as Gift,
    })
    const back = new URL(query.get('redirect_uri') ?? '')
    if (query.get('gift') === 'none') back.searchParams.set('error', 'access_denied')
    else back.searchParams.set('code', code)
    back.searchParams.set('state', query.get('state') ?? '')
    return back.href
  }
  const redeem = async (request: IncomingMessage): Promise<object | undefined> => {
    const form = new URLSearchParams(await text(request))
    const login = begun.get(form.get('code') ?? '')
    begun.delete(form.get('code') ?? '')
    const hash = createHash('sha256').update(form.get('code_verifier') ?? '')
    if (login === undefined || hash.digest('base64url') !== login.challenge) return undefined
    last = { token: await sign(login), nonce: login.nonce }
    return { access_token: 'unused', token_type: 'Bearer', expires_in: 60, id_token: last.token }
  }
  const routes: Readonly<Record<string, Route>> = {
    '/.well-known/openid-configuration': (_request, response) => json(response, documentOf(url)),
    '/jwks': (_request, response) => json(response, { keys: [{ kty, n, e, alg, kid, use, x5c }] }),
    '/authorize': (_request, response, query) => page(response, query),
    '/choose': (_request, response, query) => void response.writeHead(303, { location: choose(query) }).end(),
    '/token': async (request, response) => {
      const tokens = await redeem(request)
      json(response, tokens ?? { error: 'invalid_grant' }, tokens === undefined ? 400 : 200)
    },
  }
  const handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const route = routes[pathname]
    if (route === undefined) return void response.writeHead(404).end()
    await route(request, response, searchParams)
  }
  const { url, stop } = await listenHttps({ ca, host: '127.0.0.1', port: 0 }, (request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  return { url, thumbprint: own.thumbprint, last: () => last, stop }
}

type Route = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void | Promise<void>

const documentOf = (url: string): object => ({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  jwks_uri: `${url}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [ALGORITHM],
})

function json(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function page(response: ServerResponse, query: URLSearchParams): void {
  const links = Object.entries(GIFTS).map(([gift, title]) => {
    const chosen = new URLSearchParams([...query, ['gift', gift]])
    return `<li><a href="/choose?${chosen.toString().replaceAll('&', '&amp;')}">${title}</a></li>`
  })
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
  response.end(`<!doctype html><html lang="en"><title>Crooked login</title><ul>${links.join('')}</ul></html>`)
}
