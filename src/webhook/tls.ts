import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { Failure } from '../errors/index.ts'

/** A certificate chain (the leaf first) and the private key of the leaf, both PEM. */
export type CertificatePair = { readonly cert: string; readonly key: string }

/**
 * Where the serving certificate comes from: files, or an authority of our own. `onChange` tells of every later pair
 * until the returned function is called.
 */
export type CertificateSource = {
  current(): CertificatePair
  onChange(listener: (pair: CertificatePair) => void): () => void
}

/** The settings of TLS that every pair is served with: `setSecureContext` forgets what it is not told again. */
export const secureContextOf = (pair: CertificatePair): SecureContextOptions => ({
  cert: pair.cert,
  key: pair.key,
  minVersion: 'TLSv1.2',
})

/**
 * Checks that a pair can be served, and tells when its leaf expires (epoch milliseconds).
 * @throws Failure CertificateInvalid, which says what is wrong and never shows the key.
 */
export function checkCertificate(pair: CertificatePair): { readonly expires: number } {
  const leaf = parsed('tls.certFile', 'no PEM certificate', () => new X509Certificate(pair.cert))
  const key = parsed('tls.keyFile', 'no PEM private key without a passphrase', () => privateKey(pair.key))
  if (!leaf.checkPrivateKey(key)) throw invalid('tls.keyFile', 'the key does not belong to the certificate')
  parsed('tls.certFile', 'the chain cannot be used by TLS', () => createSecureContext(secureContextOf(pair)))
  return { expires: Date.parse(leaf.validTo) }
}

/** A certificate that never changes. */
export const fixedCertificate = (pair: CertificatePair): CertificateSource => ({
  current: () => pair,
  onChange: () => () => {},
})

/** OpenSSL would ask the terminal for a passphrase if none were given. */
const privateKey = (pem: string): KeyObject => createPrivateKey({ key: pem, passphrase: '' })

const invalid = (field: string, message: string): Failure => new Failure({ code: 'CertificateInvalid', field, message })

/** OpenSSL's own messages are left out: what they quote is not ours to judge. */
function parsed<T>(field: string, message: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw invalid(field, message)
  }
}
