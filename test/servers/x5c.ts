import { importJWK, type JWK } from 'jose'
import { certifySigningKey } from '../../src/testbed/index.ts'

/**
 * A private signing key (RSA or EC P-256) with a certificate in its `x5c`, as an identity provider is to publish it for
 * Ceph RGW, and the certificate's thumbprint, as `registerOidcProvider` takes it.
 */
export async function withCertificate(jwk: JWK): Promise<{ readonly jwk: JWK; readonly thumbprint: string }> {
  const alg = jwk.alg ?? (jwk.kty === 'EC' ? 'ES256' : 'RS256')
  const { kty, crv, x, y, n, e } = jwk
  const open = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as JWK
  const [privateKey, publicKey] = await Promise.all([
    importJWK(jwk, alg),
    importJWK({ ...open, ext: true }, alg, { extractable: true }),
  ])
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array) throw new Error('it is no signing key')
  const { x5c, thumbprint } = await certifySigningKey({ privateKey, publicKey }, Date.now())
  return { jwk: { ...jwk, x5c: [x5c] }, thumbprint }
}
