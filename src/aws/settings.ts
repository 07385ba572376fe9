import { X509Certificate } from 'node:crypto'
import type { STSClient } from '@aws-sdk/client-sts'
import { Failure } from '../errors/index.ts'

/** A region goes into a host name, so it must be a label of one. */
export function checkRegion(region: string): string {
  if (/^[a-z0-9-]{1,63}$/.test(region)) return region
  throw unusable('region', `${JSON.stringify(region)} is no AWS region`)
}

/** An https URL without credentials, query and fragment, and without a slash at its end. */
export function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol !== 'https:')
    throw unusable('STS endpoint', 'it is no https URL, and a token is sent by https only')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw unusable('STS endpoint', 'it has more than a host, a port and a path')
  }
  return url.href.replace(/\/+$/, '')
}

/** What the SDK's own rules give: it knows the suffix of each partition. */
export function regionalEndpoint(client: STSClient, region: string): string {
  const parameters = { Region: region, UseDualStack: false, UseFIPS: false, UseGlobalEndpoint: false }
  return checkEndpoint(client.config.endpointProvider(parameters).url.href)
}

/** Node takes anything for `ca` and trusts nobody then, so it is looked at first. */
export function checkAuthorities(pem: string): string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > 0 && blocks.every(isCertificate)) return pem
  throw unusable('STS certificate authority', 'it is not made of PEM certificates')
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

const unusable = (field: string, message: string): Failure => new Failure({ code: 'SettingInvalid', field, message })
