import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCertificateAuthority, TestbedError } from '../../../src/testbed/index.ts'

const now = (): number => Date.UTC(2026, 0, 15)

describe('createCertificateAuthority', () => {
  it('issues server certificates for names and addresses', async () => {
    const ca = await createCertificateAuthority({ name: 'the, authority', now })
    const { cert, key } = await ca.issue(['sts.example.test', '127.0.0.1', '::1'])
    const leaf = new X509Certificate(cert)
    const root = new X509Certificate(ca.pem)
    expect(leaf.subject).toBe('CN=sts.example.test')
    expect(leaf.subjectAltName).toBe('DNS:sts.example.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
    expect(leaf.checkHost('sts.example.test')).toBe('sts.example.test')
    expect(leaf.checkHost('other.example.test')).toBeUndefined()
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(leaf.ca).toBe(false)
    expect(root.ca).toBe(true)
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  })

  it('is valid for years around the clock that it is given', async () => {
    const ca = await createCertificateAuthority({ name: 'ca', now })
    const { cert } = await ca.issue(['localhost'])
    for (const pem of [ca.pem, cert]) {
      const certificate = new X509Certificate(pem)
      expect(certificate.validFromDate.getUTCFullYear()).toBe(2016)
      expect(certificate.validToDate.getUTCFullYear()).toBe(2036)
    }
  })

  it('gives every certificate its own key and serial number', async () => {
    const ca = await createCertificateAuthority({ name: 'ca', now })
    const [first, second] = await Promise.all([ca.issue(['a.test']), ca.issue(['a.test'])])
    expect(first.key).not.toBe(second.key)
    expect(new X509Certificate(first.cert).serialNumber).not.toBe(new X509Certificate(second.cert).serialNumber)
  })

  it('refuses a certificate for nobody', async () => {
    const ca = await createCertificateAuthority({ name: 'ca', now })
    await expect(ca.issue([])).rejects.toThrow(TestbedError)
  })
})
