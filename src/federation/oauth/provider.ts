import type { PodIdentityProvider } from '../../settings/index.ts'

/** The identity providers that are OAuth 2.0 servers, as a pod's sidecar is told of them. */
export type ClientCredentialsProvider = Extract<PodIdentityProvider, { kind: 'oidc-client-credentials' }>
export type TokenExchangeProvider = Extract<PodIdentityProvider, { kind: 'token-exchange' }>
export type FileProvider = Extract<PodIdentityProvider, { kind: 'file' }>
export type OAuthProvider = ClientCredentialsProvider | TokenExchangeProvider
