import type { IssuerFinding } from './types.ts'

/** Names that mean something inside a cluster or a network alone. */
const PRIVATE_NAME =
  /(^|\.)(localhost|local|internal|svc|cluster|lan|home\.arpa|test|invalid)$|^kubernetes\.default(\.|$)/
const PRIVATE_V4 =
  /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|198\.1[89]|192\.0\.0|22[4-9]|2[345]\d)\./

const invalid = (message: string): IssuerFinding => ({ verdict: 'fail', code: 'IssuerInvalid', message })

/**
 * What is wrong with the address itself, by what IAM and OpenID Connect Discovery 1.0, section 2, ask of an issuer; where the
 * STS is not AWS's, `mustBePublic` is false.
 */
export function issuerFindings(issuer: string, { mustBePublic = true } = {}): readonly IssuerFinding[] {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url === undefined) return [invalid('it is no URL')]
  const broken = rules.filter(({ isBroken }) => isBroken(url, issuer)).map(({ says }) => invalid(says(url)))
  const isWritten = broken.length > 0 || issuer === asWritten(url, issuer)
  const wrong = isWritten ? broken : [invalid(`it is not written as a URL is: ${url.href} is`)]
  const hidden = mustBePublic && url.hostname !== '' ? notPublic(url.hostname) : undefined
  const isPublic: readonly IssuerFinding[] =
    hidden === undefined ? [] : [{ verdict: 'fail', code: 'IssuerNotPublic', message: hidden }]
  return [...wrong, ...isPublic, ...(wrong.length === 0 && issuer.endsWith('/') ? [slash] : [])]
}

type Rule = {
  readonly isBroken: (url: URL, issuer: string) => boolean
  readonly says: (url: URL) => string
}

const rules: readonly Rule[] = [
  {
    isBroken: ({ protocol }) => protocol !== 'https:',
    says: ({ protocol }) => `it begins with ${protocol}//, not with https://`,
  },
  // Also the usual one, which a URL leaves out again.
  { isBroken: (_, issuer) => /^[a-z]+:\/\/[^/?#]*:\d*(?=[/?#]|$)/i.test(issuer), says: () => 'it names a port' },
  { isBroken: ({ username, password }) => username !== '' || password !== '', says: () => 'it names a user' },
  { isBroken: (_, issuer) => /[?#]/.test(issuer), says: () => 'it has a query or a fragment' },
]

/** A host in capitals, an umlaut, `..` and the like are one address, but not one text. */
const asWritten = (url: URL, issuer: string): string =>
  url.pathname === '/' && !issuer.endsWith('/') ? url.href.replace(/\/$/, '') : url.href

const slash: IssuerFinding = {
  verdict: 'warn',
  code: 'IssuerMismatch',
  message:
    'it ends in a slash: leave it out unless tokens have it already, since IAM, every trust policy and the discovery document must then have it as well',
}

/** Why a host cannot be reached from everywhere; undefined where it may be. */
export function notPublic(hostname: string): string | undefined {
  const name = hostname.replace(/\.$/, '')
  if (name.startsWith('[')) return isPrivateV6(name) ? `${name} is an address of a private network` : undefined
  if (/^[\d.]+$/.test(name))
    return PRIVATE_V4.test(`${name}.`) ? `${name} is an address of a private network` : undefined
  if (PRIVATE_NAME.test(name)) return `${name} is a name inside a cluster or a network`
  return name.includes('.') ? undefined : `${name} is a name without a domain`
}

/** What is not global unicast (RFC 4291, section 2.4), or is IPv4 in disguise (6to4, RFC 3056). */
const isPrivateV6 = (name: string): boolean => !/^\[[23]/.test(name) || /^\[2002:/.test(name)

/** An issuer as IAM writes it in ARNs and condition keys: without its scheme. */
export const issuerName = (issuer: string): string => issuer.replace(/^https:\/\//, '')
