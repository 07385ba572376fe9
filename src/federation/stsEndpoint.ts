import { Failure } from '../errors/index.ts'

export type EndpointOptions = {
  readonly region: string
  /** An https URL; else the region's own endpoint. */
  readonly endpoint?: string | undefined
  /** The region's endpoint with cryptography as FIPS 140 has it. */
  readonly fips?: boolean | undefined
  /** The region's endpoint that has IPv6 too. */
  readonly dualStack?: boolean | undefined
}

/** Which of a region's endpoints. */
export type EndpointKind = { readonly region: string; readonly fips: boolean; readonly dualStack: boolean }

/** A region goes into a host name, so it must be a label of one. Throws Failure SettingInvalid. */
export function checkRegion(region: string): string {
  if (/^[a-z0-9-]{1,63}$/.test(region)) return region
  throw unusable('region', `${JSON.stringify(region)} is no AWS region`)
}

/**
 * Where STS is, without a slash at its end: as it is said, else what `rule` knows of the region, which throws or answers
 * nothing where there is no such endpoint. Throws Failure SettingInvalid.
 */
export function chooseEndpoint(rule: (kind: EndpointKind) => string | undefined, options: EndpointOptions): string {
  const { endpoint, fips = false, dualStack = false } = options
  const region = checkRegion(options.region)
  if (endpoint !== undefined) {
    if (fips || dualStack)
      throw unusable('STS endpoint', 'it is given as a URL, and FIPS and dual stack choose among the endpoints of AWS')
    return checkEndpoint(endpoint)
  }
  const found = attempt(() => rule({ region, fips, dualStack }))
  if (found !== undefined) return checkEndpoint(found)
  const kind = [...(fips ? ['FIPS'] : []), ...(dualStack ? ['dual stack'] : [])].join(' and ')
  throw unusable('STS endpoint', `the region ${region} has none with ${kind}`)
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
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

const unusable = (field: string, message: string): Failure => new Failure({ code: 'SettingInvalid', field, message })
