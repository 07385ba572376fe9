import { X509Certificate } from 'node:crypto'
import { Failure } from '../errors/index.ts'

/**
 * PEM certificates as Node takes them for `ca`: Node takes anything, and trusts nobody then, so they are looked at first.
 * Throws Failure SettingInvalid for `field`.
 */
export function checkAuthorities(pem: string, field: string): string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > 0 && blocks.every(isCertificate)) return pem
  throw new Failure({ code: 'SettingInvalid', field, message: 'it is not made of PEM certificates' })
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
