import { randomBytes } from 'node:crypto'
// The X.509 library's dependency injector does not load without it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import type { CryptoKey } from 'jose'

type Certified = {
  /** The certificate as JWKS have it: base64 of its DER (RFC 7517, section 4.7). */
  x5c: string
  /** SHA-1 of its DER as hexadecimal capitals: how servers that trust a signing certificate name it. */
  thumbprint: string
}

const tenYears = 10 * 365 * 24 * 3600 * 1000

/**
 * A self-signed certificate for the key by which an issuer signs tokens: Ceph RGW takes its keys from `x5c` alone.
 * @param keys RSA with RSASSA-PKCS1-v1_5, or ECDSA.
 * @param now The clock, epoch milliseconds.
 */
export async function certifySigningKey(
  keys: { privateKey: CryptoKey; publicKey: CryptoKey },
  now: number,
): Promise<Certified> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['token signing'] }],
    keys,
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    signingAlgorithm: { name: keys.privateKey.algorithm.name, hash: 'SHA-256' },
    notBefore: new Date(now - tenYears),
    notAfter: new Date(now + tenYears),
  })
  return {
    x5c: Buffer.from(certificate.rawData).toString('base64'),
    thumbprint: Buffer.from(await certificate.getThumbprint('SHA-1'))
      .toString('hex')
      .toUpperCase(),
  }
}
