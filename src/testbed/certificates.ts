import type { webcrypto } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
// The X.509 library's dependency injector does not load without it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { TestbedError } from './errors.ts'

/** What {@link createCertificateAuthority} needs. */
export type CertificateAuthorityOptions = {
  /** Common name of the authority. */
  name: string
  /** The clock, epoch milliseconds. */
  now: () => number
}

/** A server certificate with its key, both PEM, as `node:https` takes them. */
export type IssuedCertificate = { cert: string; key: string }

/** A private certificate authority that lives in memory. */
export type CertificateAuthority = {
  /** The authority's own certificate, PEM: what a client has to trust. */
  pem: string
  /**
   * Issues a server certificate (ECDSA P-256, its own key).
   * @param hosts DNS names or IP addresses, at least one; the first is the common name too.
   * @throws TestbedError when `hosts` is empty.
   */
  issue(hosts: readonly string[]): Promise<IssuedCertificate>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const tenYears = 10 * 365 * 24 * 3600 * 1000

/** TLS stacks check against the machine's clock, which a virtual `now` may be years away from: hence both ways. */
function validity(now: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - tenYears), notAfter: new Date(now + tenYears) }
}

/** Positive and at most 20 octets (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`
}

type Signer = { root: x509.X509Certificate; keys: webcrypto.CryptoKeyPair; now: () => number }

async function createRoot(keys: webcrypto.CryptoKeyPair, { name, now }: CertificateAuthorityOptions) {
  const usage = x509.KeyUsageFlags
  return x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    serialNumber: serialNumber(),
    signingAlgorithm: algorithm,
    ...validity(now()),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
}

async function issueLeaf(
  signer: Signer,
  publicKey: webcrypto.CryptoKey,
  names: [string, ...string[]],
): Promise<x509.X509Certificate> {
  const { root, keys, now } = signer
  const alternatives = names.map((name) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name }))
  return x509.X509CertificateGenerator.create({
    subject: [{ CN: [names[0]] }],
    issuer: root.subjectName,
    publicKey,
    signingKey: keys.privateKey,
    serialNumber: serialNumber(),
    signingAlgorithm: algorithm,
    ...validity(now()),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
}

/**
 * Creates a certificate authority for tests and demonstrations: its key never leaves the process, nothing is
 * revoked, and certificates are valid ten years around `now`. Extensions follow RFC 5280, section 4.2, strictly
 * enough for clients that check them all.
 */
export async function createCertificateAuthority(options: CertificateAuthorityOptions): Promise<CertificateAuthority> {
  const keys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const root = await createRoot(keys, options)
  const signer: Signer = { root, keys, now: options.now }

  async function issue(hosts: readonly string[]): Promise<IssuedCertificate> {
    const [first, ...others] = hosts
    if (first === undefined) throw new TestbedError('hosts: is empty; name at least one DNS name or IP address')
    const leaf = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await issueLeaf(signer, leaf.publicKey, [first, ...others])
    const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', leaf.privateKey), 'PRIVATE KEY')
    return { cert: `${certificate.toString('pem')}\n`, key: `${key}\n` }
  }

  return { pem: `${root.toString('pem')}\n`, issue }
}
