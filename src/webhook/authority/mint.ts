import { createPrivateKey, randomBytes, type webcrypto } from 'node:crypto'
// The X.509 library's dependency injector does not load without it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { Failure } from '../../errors/index.ts'
import type { CertificatePair } from '../tls.ts'
import { NAME_CONSTRAINTS, nameConstraints, namesOf } from './constraints.ts'
import type { Authority, Instant, ServiceName, Validity } from './types.ts'
import { BACK_DATED, wholeSeconds } from './validity.ts'

/** Makes authorities and serving certificates. */
export type Mint = {
  /** An authority for the names of the service; gives both PEM. */
  authority(validity: Validity): Promise<{ readonly cert: string; readonly key: string }>
  /** A serving certificate with a new key, which exists nowhere else; it begins when its authority does. */
  leaf(authority: Authority, expires: Instant): Promise<CertificatePair>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** ECDSA P-256 and the extensions of RFC 5280, section 4.2, as strict verifiers want them. */
export function createMint(name: ServiceName): Mint {
  const names = namesOf(name)
  return {
    async authority(validity) {
      const keys = await newKeys()
      const certificate = await selfSigned(keys, names, validity)
      return { cert: pemOf(certificate), key: await pemOfKey(keys.privateKey) }
    },
    async leaf(authority, expires) {
      const keys = await newKeys()
      // Not from now on: where this clock is ahead, an API server would take it for one of the future.
      const certificate = await signed(authority, keys.publicKey, names, { created: authority.created, expires })
      return { cert: pemOf(certificate), key: await pemOfKey(keys.privateKey) }
    },
  }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

/** Positive and at most 20 octets (RFC 5280, section 4.1.2.2). */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`

async function selfSigned(
  keys: webcrypto.CryptoKeyPair,
  names: readonly string[],
  validity: Validity,
): Promise<x509.X509Certificate> {
  const usage = x509.KeyUsageFlags
  const serial = serialNumber()
  return x509.X509CertificateGenerator.createSelfSigned({
    // Each has a name of its own, so that no verifier takes one for the other.
    name: [{ CN: [`Lanyard webhook authority ${serial.slice(2, 14)}`] }],
    keys,
    serialNumber: serial,
    signingAlgorithm: algorithm,
    ...datesOf(validity),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true),
      new x509.Extension(NAME_CONSTRAINTS, true, nameConstraints(names)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
}

async function signed(
  authority: Authority,
  publicKey: webcrypto.CryptoKey,
  names: readonly string[],
  validity: Validity,
): Promise<x509.X509Certificate> {
  const root = new x509.X509Certificate(authority.cert)
  return x509.X509CertificateGenerator.create({
    subject: [{ CN: ['Lanyard webhook'] }],
    issuer: root.subjectName,
    publicKey,
    signingKey: await signingKeyOf(authority),
    serialNumber: serialNumber(),
    signingAlgorithm: algorithm,
    ...datesOf(validity),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
    ],
  })
}

async function signingKeyOf({ id, key }: Authority): Promise<webcrypto.CryptoKey> {
  if (key === undefined) throw new Failure({ code: 'Internal', message: `the authority ${id} has no key to sign with` })
  const der = createPrivateKey(key).export({ format: 'der', type: 'pkcs8' })
  return crypto.subtle.importKey('pkcs8', Uint8Array.from(der), algorithm, false, ['sign'])
}

const datesOf = ({ created, expires }: Validity): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(wholeSeconds(created) - BACK_DATED),
  notAfter: new Date(wholeSeconds(expires)),
})

const pemOf = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`

const pemOfKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
