/**
 * Strict doubles of what lies outside Lanyard, for tests and demonstrations: a certificate authority, an OpenID
 * Connect issuer as a Kubernetes cluster has one, the logins of Amazon and Facebook, and an STS that really verifies
 * what it is sent.
 *
 * None of it belongs into production: keys live in memory only and nobody has reviewed who may ask for a token.
 *
 * @example
 * const now = Date.now
 * const ca = await createCertificateAuthority({ name: 'test', now })
 * const issuer = await startIssuer({ ca, now })
 * const document = trustPolicy({ issuer: issuer.url, accountId, namespace: 'shop', serviceAccount: 'web' })
 * const sts = await startSts({
 *   ca, now, accountId,
 *   providers: [{ url: issuer.url, clientIds: ['sts.amazonaws.com'], ca: ca.pem }],
 *   roles: [{ name: 'web', trustPolicy: document }],
 * })
 */
export type { CertificateAuthority, CertificateAuthorityOptions, IssuedCertificate } from './certificates.ts'
export { createCertificateAuthority } from './certificates.ts'
export { TestbedError } from './errors.ts'
export type { ServerIdentity } from './httpsServer.ts'
export type { Issuer, IssuerOptions } from './issuer.ts'
export { startIssuer } from './issuer.ts'
export type { AmazonLogin, AmazonLoginOptions, AmazonUser } from './logins/amazon.ts'
export { startAmazonLogin } from './logins/amazon.ts'
export type { FacebookLogin, FacebookLoginOptions, FacebookUser } from './logins/facebook.ts'
export { startFacebookLogin } from './logins/facebook.ts'
export type { LoginRecord } from './logins/server.ts'
export { certifySigningKey } from './signingCertificate.ts'
export type { Dialect, DialectName } from './sts/dialects.ts'
export type { Fault, FaultControls, FaultList, Lie } from './sts/faults.ts'
export type { RequestFacts } from './sts/requestFacts.ts'
export type { RequestRecord } from './sts/requestLog.ts'
export type { Sts, StsOptions } from './sts/server.ts'
export { startSts } from './sts/server.ts'
export type { TrustPolicyDocument, TrustStatement } from './sts/trustDocument.ts'
export { trustPolicy } from './sts/trustDocument.ts'
export type { IdentityProvider, LoginProvider, Role, SamlProvider } from './sts/types.ts'
export type { ServiceAccountTokenRequest, TokenRequest } from './tokenRequests.ts'
