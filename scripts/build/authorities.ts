import { createHash, X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { type Element, elementsOf } from './der.ts'

/**
 * Writes the public authorities that Node knows, each into a file by the hash of its name, as OpenSSL looks them up: a
 * program that is told of the folder (SSL_CERT_DIR, with --use-openssl-ca) reads the one that it needs, in place of all of
 * them.
 */
export function writeAuthorities(folder: string, authorities: readonly string[] = rootCertificates): void {
  mkdirSync(folder, { recursive: true })
  const counts = new Map<string, number>()
  for (const pem of authorities) {
    const hash = subjectHash(new X509Certificate(pem).raw)
    const count = counts.get(hash) ?? 0
    counts.set(hash, count + 1)
    writeFileSync(join(folder, `${hash}.${count}`), `${pem.trim()}\n`)
  }
}

/** What `openssl x509 -subject_hash` says: of SHA-1 of the canonical name, the first four bytes, the last of them first. */
export function subjectHash(certificate: Uint8Array): string {
  const [tbs] = elementsOf(elementsOf(certificate)[0]?.content)
  // Version, serial number, signature, issuer, validity, subject: RFC 5280, section 4.1; roots have a version.
  const subject = elementsOf(tbs?.content)[5]
  if (subject === undefined) throw new Error('a certificate without a subject')
  const canonical = Buffer.concat(elementsOf(subject.content).map(canonicalSet))
  return createHash('sha1').update(canonical).digest().readUInt32LE(0).toString(16).padStart(8, '0')
}

const SEQUENCE = 0x30
const SET = 0x31
const UTF8 = 0x0c

function canonicalSet(set: Element): Buffer {
  const attributes = elementsOf(set.content).map((attribute) => {
    const [type, value] = elementsOf(attribute.content)
    if (type === undefined || value === undefined) throw new Error('a name without a type or a value')
    return encode(SEQUENCE, Buffer.concat([encode(type.tag, type.content), canonicalValue(value)]))
  })
  return encode(SET, Buffer.concat(attributes.sort(Buffer.compare)))
}

/** How the string types are read that OpenSSL makes one of: UTF8, Printable, T61, IA5, Visible; BMP is not met in roots. */
const STRINGS: Readonly<Record<number, BufferEncoding>> = {
  [UTF8]: 'utf8',
  19: 'latin1',
  20: 'latin1',
  22: 'latin1',
  26: 'latin1',
}

/** In lower case, without white space around it, and with one blank in place of more. */
function canonicalValue({ tag, content }: Element): Buffer {
  const encoding = STRINGS[tag]
  if (encoding === undefined) return encode(tag, content)
  const text = Buffer.from(content).toString(encoding)
  const plain = text.replace(/^[ \t-\r]+|[ \t-\r]+$/g, '').replace(/[ \t-\r]+/g, ' ')
  return encode(UTF8, Buffer.from(plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase())))
}

function encode(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
