import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
// The X.509 library's dependency injector does not load without it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { NAME_CONSTRAINTS, nameConstraints } from './constraints.ts'
import type { Authority, Instant } from './types.ts'
import { BACK_DATED } from './validity.ts'

/** What is known of an authority from its certificate alone. */
type Certified = Pick<Authority, 'id' | 'cert' | 'created' | 'expires'> & { readonly certificate: X509Certificate }

/** An authority as it is kept, in PEM; `until` in ISO 8601. */
export type Kept = {
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly until: string | undefined
}

const onePem = /^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/
const MOST_CHARACTERS = 8_192

/**
 * The authority that is kept there, or what is wrong with it. Whoever may write the Secret wrote it: it must be a P-256
 * authority that signed itself, for the names of our service and no others, with the key that belongs to it.
 */
export function parseAuthority(kept: Kept, names: readonly string[]): Authority | string {
  const certified = parseCertificate(kept.cert, names)
  if (typeof certified === 'string') return certified
  const { certificate, ...known } = certified
  if (kept.key === undefined) return parseRetired(known, kept.until)
  const key = attempt(() => privateKey(kept.key ?? ''))
  if (key === undefined) return 'its key is no PKCS #8 PEM'
  if (!certificate.checkPrivateKey(key)) return 'its key does not belong to its certificate'
  return { ...known, key: String(key.export({ format: 'pem', type: 'pkcs8' })), until: undefined }
}

function parseRetired(known: Omit<Certified, 'certificate'>, text: string | undefined): Authority | string {
  const until = Date.parse(text ?? '')
  return Number.isNaN(until) ? 'it has neither a key nor an end' : { ...known, key: undefined, until }
}

function parseCertificate(pem: string | undefined, names: readonly string[]): Certified | string {
  if (pem === undefined || pem.length > MOST_CHARACTERS || !onePem.test(pem)) return 'its certificate is no PEM'
  return attempt(() => judged(pem, names)) ?? 'its certificate does not parse'
}

/** OpenSSL judges the signature, the library the extensions: each shows what the other hides. */
function judged(pem: string, names: readonly string[]): Certified | string {
  const certificate = new X509Certificate(pem)
  const { publicKey } = certificate
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return 'its certificate is not of ECDSA P-256'
  const signedItself = certificate.checkIssued(certificate) && certificate.verify(publicKey)
  const extensions = new x509.X509Certificate(pem)
  if (!signedItself || !mayCertify(extensions)) return 'its certificate is not one of an authority'
  if (!isFor(names, extensions)) return 'its certificate is not for the names of this webhook'
  const [notBefore, expires] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  if (!(notBefore < expires)) return 'its certificate is never valid'
  const id = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  return { id, cert: certificate.toString(), created: notBefore + BACK_DATED, expires, certificate }
}

function mayCertify(certificate: x509.X509Certificate): boolean {
  const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0
  const isAuthority = certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true
  return isAuthority && (usages & x509.KeyUsageFlags.keyCertSign) !== 0
}

function isFor(names: readonly string[], certificate: x509.X509Certificate): boolean {
  const extension = certificate.getExtension(NAME_CONSTRAINTS)
  return extension?.critical === true && Buffer.from(extension.value).equals(nameConstraints(names))
}

/** OpenSSL would ask the terminal for a passphrase if none were given. */
const privateKey = (pem: string): KeyObject => createPrivateKey({ key: pem, passphrase: '' })

/** The messages of the parsers are left out: what they quote is not ours to judge. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}

/** How a retired authority's end is kept. */
export const formatUntil = (until: Instant): string => new Date(until).toISOString()
