import type { JWK } from 'jose'
import type { ServerIdentity } from '../../../src/testbed/index.ts'

/** Claims that the access tokens of a client carry besides or in place of the usual ones, e.g. `azp` as others write it. */
type Claims = { readonly claims?: Readonly<Record<string, unknown>> }

/** A client that asks for tokens of its own, by client credentials or by token exchange. */
export type OidcClient = Claims & {
  readonly clientId: string
} & (
    | {
        /** The token of a Kubernetes service account is its client assertion (RFC 7523, section 2.2). */
        readonly kind: 'service-account'
        /** `system:serviceaccount:NAMESPACE:NAME` */
        readonly subject: string
      }
    | {
        /** private_key_jwt: it signs its assertions by the key that belongs to one of these. */
        readonly kind: 'private-key'
        readonly keys: readonly JWK[]
      }
    | { readonly kind: 'secret-basic' | 'secret-post'; readonly secret: string }
    | {
        /** An app whose users log in: authorization code with PKCE; confidential where it has a secret. */
        readonly kind: 'web'
        readonly redirectUris: readonly string[]
        readonly postLogoutRedirectUris?: readonly string[]
        readonly secret?: string
      }
  )

/** Who can log in. */
export type OidcAccount = {
  /** The subject of the tokens. */
  readonly id: string
  readonly username: string
  readonly password: string
  readonly name?: string
  readonly email?: string
}

/** The cluster whose service accounts are vouched for: its keys are fetched for every token, nothing is cached. */
export type ServiceAccountIssuer = {
  readonly issuer: string
  /** PEM of the authority behind its https. */
  readonly ca?: string
  /** What the API server wants to see before it shows its keys. */
  readonly bearer?: () => string | Promise<string>
}

export type OidcProviderOptions = ServerIdentity & {
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes a free one. @default 0 */
  readonly port?: number
  /** The issuer identifier and base of all addresses, where it is not `https://HOST:PORT` of the socket. */
  readonly issuer?: string
  readonly clients?: readonly OidcClient[]
  readonly accounts?: readonly OidcAccount[]
  readonly serviceAccounts?: ServiceAccountIssuer
  /** What access tokens are for, by the resource that was asked for. @default { 'urn:sts': 'sts.amazonaws.com' } */
  readonly resources?: Readonly<Record<string, string>>
  /** The resource of who asks for none. @default the first of them */
  readonly defaultResource?: string
  /** Seconds that access and ID tokens live. @default 300 */
  readonly tokenLifetime?: number
  /** @default 'RS256' */
  readonly algorithm?: 'RS256' | 'ES256'
  /** A private key of that algorithm, where it is not to be a new one: servers such as Ceph RGW want an `x5c` in it. */
  readonly signingKey?: JWK
  /** Whether access tokens are opaque, as many servers' are. @default false */
  readonly opaque?: boolean
  /** What the login page calls itself. @default 'Test login' */
  readonly title?: string
}

export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
/** The client of a token exchange in which nobody but the subject token says who asks. */
export const NOBODY = 'urn:nobody'
export const TOKEN_PATH = '/token'
