import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { expect } from 'vitest'
import { Failure } from '../../../../src/errors/index.ts'
import type { IdentityToken, Outbound, OutboundAnswer, OutboundRequest } from '../../../../src/federation/index.ts'
import type {
  ClientCredentialsProvider,
  OAuthParts,
  TokenExchangeProvider,
} from '../../../../src/federation/oauth/index.ts'
import { podIdentityProvider } from '../../../../src/settings/identityProviders.ts'

/** 2026-01-01T12:00:00Z */
export const noon = Date.UTC(2026, 0, 1, 12)
export const seconds = noon / 1000
export const never = new AbortController().signal

export const issuerUrl = 'https://login.example.com/realm'
export const tokenEndpoint = `${issuerUrl}/token`
export const jwksUri = `${issuerUrl}/jwks`
export const audience = 'sts.amazonaws.com'

/** The pod's own token and the client's secret: any part of them in a message is a leak. */
export const podToken = 'eyJhbGciOiJSUzI1NiJ9.cG9kLXRva2VuLWNhbmFyeQ.cG9kLXNpZ25hdHVyZS1jYW5hcnk'
export const secret = 's3cret+c4nary/ä=&%:'

export type KeyPair = { readonly privateKey: CryptoKey; readonly jwk: JWK }

export async function newKey(algorithm = 'RS256', kid = 'k1'): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: algorithm } }
}

export const issuerKey = await newKey()
export const attackersKey = await newKey()

export const goodClaims = {
  iss: issuerUrl,
  sub: 'client-1',
  aud: audience,
  iat: seconds - 1,
  nbf: seconds - 1,
  exp: seconds + 300,
}

type Header = Readonly<Record<string, unknown>>

/** A signed token; a header that is undefined is left out. */
export function sign(claims: object = goodClaims, header: Header = {}, key: KeyPair = issuerKey): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key.privateKey)
}

/** Any three parts. */
export const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

type Reply = Partial<Omit<OutboundAnswer, 'body'>> & { readonly body?: unknown }

/** An identity provider that a test can make say anything; an object as a body is sent as JSON. */
export type Idp = {
  readonly outbound: Outbound
  /** In their order: method and address. */
  readonly requests: OutboundRequest[]
  readonly asked: () => readonly string[]
  /** By address. */
  readonly replies: Map<string, () => Reply | Promise<Reply>>
  /** What the token endpoint gives from now on as an access token. */
  readonly give: (token: unknown) => void
}

export function createIdp(now: () => number = () => noon): Idp {
  const requests: OutboundRequest[] = []
  const replies: Idp['replies'] = new Map()
  const discovery = { issuer: issuerUrl, token_endpoint: tokenEndpoint, jwks_uri: jwksUri }
  const set = (url: string, body: unknown): void => void replies.set(url, () => ({ body }))
  set(`${issuerUrl}/.well-known/openid-configuration`, discovery)
  set(jwksUri, { keys: [issuerKey.jwk] })
  return {
    requests,
    asked: () => requests.map(({ method, url }) => `${method} ${url.slice('https://login.example.com'.length)}`),
    replies,
    give: (token) => set(tokenEndpoint, { access_token: token, token_type: 'Bearer', expires_in: 300 }),
    outbound: async (request) => {
      requests.push(request)
      const {
        status = 200,
        headers = {},
        body = '',
        localTime = now(),
      } = (await replies.get(request.url)?.()) ?? {
        status: 404,
      }
      const isText = typeof body === 'string'
      const type: Record<string, string> = isText ? {} : { 'content-type': 'application/json;charset=UTF-8' }
      return { status, headers: { ...type, ...headers }, body: isText ? body : JSON.stringify(body), localTime }
    },
  }
}

/** As a sidecar is told of one, by way of the settings' own reading. */
function provider<T>(record: Record<string, string>): T {
  const read = podIdentityProvider.parse(JSON.stringify(record))
  if (!read.ok) throw new Error(JSON.stringify(read))
  return read.value as T
}

const asked = { issuer: issuerUrl, stsAudience: audience }

export const clientProvider = (change: Record<string, string> = {}): ClientCredentialsProvider =>
  provider({ kind: 'oidc-client-credentials', ...asked, ...change })
export const exchangeProvider = (change: Record<string, string> = {}): TokenExchangeProvider =>
  provider({ kind: 'token-exchange', ...asked, ...change })

const identity: IdentityToken = {
  raw: podToken,
  issuer: 'https://cluster.example.com',
  subject: 'system:serviceaccount:shop:web',
  audiences: [issuerUrl],
  expires: noon + 3_600_000,
}

export const partsOf = (idp: Idp, change: Partial<OAuthParts> = {}): OAuthParts => ({
  subject: async () => identity,
  readSecret: async () => secret,
  newId: () => 'id-1',
  outbound: idp.outbound,
  now: () => noon,
  ...change,
})

/** Every run of twelve characters of these is a leak; the parts of a token that say who it is about are not secret. */
function secretsIn(shown: string, secrets: readonly string[]): string[] {
  const parts = secrets.flatMap((text) =>
    Array.from({ length: Math.max(0, text.length - 11) }, (_, at) => text.slice(at, at + 12)),
  )
  return parts.filter((part) => shown.includes(part))
}

/** What a promise is rejected with, after a look for secrets in it; fails when it is no Failure. */
export async function failureOf(promise: Promise<unknown>, secrets: readonly string[] = []): Promise<Failure> {
  const thrown = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw thrown
  const shown = [thrown.message, thrown.stack, JSON.stringify(thrown), String(thrown.cause)].join('\n')
  const all = [...podToken.split('.'), secret, ...secrets.flatMap((each) => each.split('.'))]
  expect(secretsIn(shown, all)).toEqual([])
  return thrown
}
