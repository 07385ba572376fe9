import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { subjectHash, writeAuthorities } from '../../../scripts/build/authorities.ts'
import { elementsOf } from '../../../scripts/build/der.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lanyard-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
const root = (name: string): string => {
  const found = rootCertificates.find((pem) => new X509Certificate(pem).subject.split('\n').includes(`CN=${name}`))
  if (found === undefined) throw new Error(`Node no longer knows ${name}`)
  return found
}

test.each([
  ['Amazon Root CA 1', 'ce5e74ef'],
  ['ISRG Root X1', '4042bcee'],
  ['DigiCert Global Root G2', '607986c7'],
])('%s has the hash that OpenSSL says', (name, hash) => {
  expect(subjectHash(new X509Certificate(root(name)).raw)).toBe(hash)
})

test('each of the authorities has a file, and those of one name are counted', () => {
  const path = folder()
  writeAuthorities(path, [root('ISRG Root X1'), root('Amazon Root CA 1'), root('ISRG Root X1')])
  expect(readdirSync(path).sort()).toEqual(['4042bcee.0', '4042bcee.1', 'ce5e74ef.0'])
  expect(readFileSync(join(path, 'ce5e74ef.0'), 'utf8')).toBe(`${root('Amazon Root CA 1').trim()}\n`)
  writeAuthorities(join(path, 'all'))
  expect(readdirSync(join(path, 'all'))).toHaveLength(rootCertificates.length)
})

test('DER that is cut off, and a certificate without a subject, are refused', () => {
  expect(() => elementsOf(Uint8Array.of(0x30, 5, 1))).toThrow('DER that is cut off')
  expect(() => subjectHash(Uint8Array.of(0x30, 2, 0x30, 0))).toThrow('a certificate without a subject')
})
