import { createHash, createVerify, type KeyObject } from 'node:crypto'
import type { HashAlgorithm, SignatureAlgorithm, SignedXml } from 'xml-crypto'

/** RFC 9231, section 2: a signature's name, its hash, and the kind of key that it may be checked with. */
type Signing = { readonly hash: string; readonly key: 'rsa' | 'ec' }

const RSA = 'http://www.w3.org/2001/04/xmldsig-more#rsa-'
const ECDSA = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-'
const HASHES = ['sha256', 'sha384', 'sha512'] as const

/** What signatures may be made by: no SHA-1, no HMAC, whose key would be what everybody knows. */
const SIGNINGS: ReadonlyMap<string, Signing> = new Map<string, Signing>([
  ...HASHES.map((hash) => [`${RSA}${hash}`, { hash, key: 'rsa' }] as const),
  ...HASHES.map((hash) => [`${ECDSA}${hash}`, { hash, key: 'ec' }] as const),
])

const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
])

const LEAST_RSA_BITS = 2048

export const isSigning = (name: string | undefined): name is string => name !== undefined && SIGNINGS.has(name)
export const isDigest = (name: string | undefined): name is string => name !== undefined && DIGESTS.has(name)

/** Whether a key is of the kind that this algorithm is for, and not too short. */
export function fits(key: KeyObject, name: string): boolean {
  if (key.asymmetricKeyType !== SIGNINGS.get(name)?.key) return false
  return key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS
}

/** Leaves a verifier what is pinned here and nothing else. */
export function pin(verifier: SignedXml): void {
  verifier.SignatureAlgorithms = Object.fromEntries(
    [...SIGNINGS].map(([name, how]) => [name, signatureClass(name, how)]),
  )
  verifier.HashAlgorithms = Object.fromEntries([...DIGESTS].map(([name, hash]) => [name, hashClass(name, hash)]))
}

/** The library asks an instance, and never for a signature of ours. */
function signatureClass(name: string, { hash }: Signing): new () => SignatureAlgorithm {
  return class {
    getAlgorithmName = (): string => name
    getSignature = (): never => {
      throw new Error('nothing is signed here')
    }
    verifySignature = (material: string, key: unknown, value: string): boolean =>
      // XML Signature has the two numbers of ECDSA side by side (section 6.4.3), not as DER.
      createVerify(hash)
        .update(material)
        .verify({ key: key as KeyObject, dsaEncoding: 'ieee-p1363' }, value, 'base64')
  }
}

function hashClass(name: string, hash: string): new () => HashAlgorithm {
  return class {
    getAlgorithmName = (): string => name
    getHash = (xml: string): string => createHash(hash).update(xml, 'utf8').digest('base64')
  }
}
