import type { STSClient } from '@aws-sdk/client-sts'
import { Failure } from '../errors/index.ts'

/** A region goes into a host name, so it must be a label of one. */
export function checkRegion(region: string): string {
  if (/^[a-z0-9-]{1,63}$/.test(region)) return region
  throw unusable('region', `${JSON.stringify(region)} is no AWS region`)
}

/** An https URL without credentials, query and fragment, and without a slash at its end. */
function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol !== 'https:')
    throw unusable('STS endpoint', 'it is no https URL, and a token is sent by https only')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw unusable('STS endpoint', 'it has more than a host, a port and a path')
  }
  return url.href.replace(/\/+$/, '')
}

export type EndpointOptions = {
  readonly region: string
  /** An https URL; else the region's own endpoint. */
  readonly endpoint?: string | undefined
  /** The region's endpoint with cryptography as FIPS 140 has it. */
  readonly fips?: boolean | undefined
  /** The region's endpoint that has IPv6 too. */
  readonly dualStack?: boolean | undefined
}

/** Where STS is: as it is said, else what the SDK's own rules give, which know each partition. */
export function chooseEndpoint(client: STSClient, options: EndpointOptions): string {
  const { region, endpoint, fips = false, dualStack = false } = options
  if (endpoint !== undefined) {
    if (fips || dualStack)
      throw unusable('STS endpoint', 'it is given as a URL, and FIPS and dual stack choose among the endpoints of AWS')
    return checkEndpoint(endpoint)
  }
  try {
    const parameters = { Region: region, UseDualStack: dualStack, UseFIPS: fips, UseGlobalEndpoint: false }
    return checkEndpoint(client.config.endpointProvider(parameters).url.href)
  } catch {
    const kind = [...(fips ? ['FIPS'] : []), ...(dualStack ? ['dual stack'] : [])].join(' and ')
    throw unusable('STS endpoint', `the region ${region} has none with ${kind}`)
  }
}

const unusable = (field: string, message: string): Failure => new Failure({ code: 'SettingInvalid', field, message })
