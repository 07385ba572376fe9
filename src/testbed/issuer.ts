import { randomUUID } from 'node:crypto'
import type { RequestListener, ServerResponse } from 'node:http'
import type { JWTPayload } from 'jose'
import { SignJWT } from 'jose'
import type { CertificateAuthority } from './certificates.ts'
import { listenHttps } from './httpsServer.ts'
import type { KeyRing } from './issuerKeys.ts'
import { createKeyRing } from './issuerKeys.ts'
import type { ServiceAccountTokenRequest, TokenRequest } from './tokenRequests.ts'
import { toTokenRequest } from './tokenRequests.ts'

/** What {@link startIssuer} needs. */
export type IssuerOptions = {
  /** Signs the issuer's TLS certificate. */
  ca: CertificateAuthority
  /** The clock, epoch milliseconds. */
  now: () => number
  /** @default '127.0.0.1' */
  host?: string
  /** 0 takes a free one. @default 0 */
  port?: number
  /** Publish a certificate (`x5c`) with every key, for servers that read nothing else. @default false */
  x5c?: boolean
}

/** A running OpenID Connect issuer. */
export type Issuer = {
  /** The issuer identifier (`iss`), which is the base of its addresses too. */
  url: string
  /** Where the keys are. */
  jwksUri: string
  /** Id of the key that signs now; changes with `rotate`. */
  keyId(): string
  /** SHA-1 of that key's certificate as hexadecimal capitals; undefined without `x5c`. */
  thumbprint(): string | undefined
  /** A signed JWT (RS256) with iss, sub, aud, iat, nbf, exp and jti. */
  issueToken(request: TokenRequest): Promise<string>
  /** A token as kubelet projects it into a pod. */
  serviceAccountToken(request: ServiceAccountTokenRequest): Promise<string>
  /** Signs with a new key from now on; the earlier ones stay published until `retire`. Answers the new key's id. */
  rotate(): Promise<string>
  /** Publishes the current key only. */
  retire(): void
  /** Stops listening and destroys open connections. */
  stop(): Promise<void>
}

const discoveryPath = '/.well-known/openid-configuration'
const jwksPath = '/openid/v1/jwks'

/** What kube-apiserver answers for `--service-account-issuer` (Kubernetes, "Service account issuer discovery"). */
function discoveryDocument(url: string): object {
  return {
    issuer: url,
    jwks_uri: `${url}${jwksPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

function reply(response: ServerResponse, contentType: string, content: object): void {
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'public, max-age=3600' })
  response.end(JSON.stringify(content))
}

function createListener(keys: KeyRing, url: () => string): RequestListener {
  return (request, response) => {
    const path = request.url?.split('?')[0]
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    if (path === discoveryPath) return reply(response, 'application/json', discoveryDocument(url()))
    if (path === jwksPath) return reply(response, 'application/jwk-set+json', { keys: keys.published() })
    response.writeHead(404).end()
  }
}

/**
 * Starts an OpenID Connect issuer over https, as a cluster's service-account issuer is: a discovery document
 * (OpenID Connect Discovery 1.0, section 4) and a JWKS (RFC 7517).
 * @throws the listen error of node:net, e.g. EADDRINUSE.
 */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const { ca, now, host = '127.0.0.1', port = 0, x5c = false } = options
  const keys = await createKeyRing(x5c ? now : undefined)
  const listener = createListener(keys, () => url)
  const { url, stop } = await listenHttps({ ca, host, port }, listener)

  async function issueToken(request: TokenRequest): Promise<string> {
    const key = request.signWithUnpublishedKey ? await keys.unpublished() : keys.current()
    const iat = Math.floor(now() / 1000)
    const payload: JWTPayload = {
      aud: request.audience,
      exp: iat + request.expiresIn,
      iat,
      iss: url,
      jti: randomUUID(),
      nbf: iat,
      sub: request.sub,
      ...request.claims,
    }
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'RS256', kid: key.kid, ...request.header })
      .sign(key.privateKey)
  }

  return {
    url,
    jwksUri: `${url}${jwksPath}`,
    keyId: () => keys.current().kid,
    thumbprint: () => keys.current().thumbprint,
    issueToken,
    serviceAccountToken: (request) => issueToken(toTokenRequest(request)),
    rotate: keys.rotate,
    retire: keys.retire,
    stop,
  }
}
