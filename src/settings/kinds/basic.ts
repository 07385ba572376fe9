import { bad, good, type Kind, listOf, type Parsed, quote, textKind } from './kind.ts'

/** Strict, so that `inject: "no"` is said rather than guessed. */
export const flag: Kind<boolean> = {
  form: '"true" or "false"',
  example: 'true',
  parse: (text) => (text === 'true' || text === 'false' ? good(text === 'true') : bad(`is ${quote(text)}`)),
  schema: 'boolean',
}

export function integer(min: number, max: number): Kind<number> {
  const parse = (text: string): Parsed<number> => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? good(value) : bad(`is ${quote(text)}`)
  }
  return { form: `a whole number from ${min} to ${max}`, example: String(min), parse, schema: 'integer' }
}

/** The sidecar has no capability, so it cannot have a port below 1024. */
export const unprivilegedPort: Kind<number> = {
  ...integer(1024, 65_535),
  form: 'a port from 1024 to 65535',
  example: '9797',
}
export const port: Kind<number> = { ...integer(1, 65_535), form: 'a port from 1 to 65535', example: '10250' }

const DURATION = /^(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?$/
const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 }

/** A duration as Go and Kubernetes spell it, in whole seconds: `1h`, `90m`, `1h30m`, `900s`. The value is in seconds. */
export function duration(min: string, max: string): Kind<number> {
  const [least, most] = [secondsOf(min) ?? 0, secondsOf(max) ?? 0]
  const parse = (text: string): Parsed<number> => {
    const seconds = secondsOf(text)
    if (seconds === undefined) {
      return bad(/^\d{1,9}$/.test(text) ? `is ${quote(text)}, without a unit (${text}s?)` : `is ${quote(text)}`)
    }
    return seconds >= least && seconds <= most ? good(seconds) : bad(`is ${quote(text)}`)
  }
  return {
    form: `a duration from ${min} to ${max}, like "1h30m"`,
    example: min,
    parse,
    schema: 'string',
    pattern: DURATION,
  }
}

function secondsOf(text: string): number | undefined {
  if (!DURATION.test(text) || text === '') return undefined
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)([hms])/g)) seconds += Number(amount) * (UNITS[unit ?? ''] ?? 0)
  return seconds
}

const HTTPS_URL =
  /^https:\/\/([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(\/[A-Za-z0-9._~/-]*)?$/

/** A host that an https URL can name; no user, query or fragment, which a credential exchange never needs. */
export const httpsUrl: Kind<string> = {
  form: 'an https URL without user, query and fragment',
  example: 'https://sts.eu-west-1.amazonaws.com',
  pattern: HTTPS_URL,
  parse: (text) => {
    const match = text.length <= 2048 ? HTTPS_URL.exec(text) : null
    const isUrl = match !== null && port.parse(match[3] ?? '443').ok && URL.canParse(text)
    return isUrl ? good(text) : bad(`is ${quote(text)}`)
  },
}

export const filePath: Kind<string> = textKind('the path of a file', '/etc/lanyard/tls/tls.crt', /^[^\0]+$/, [1, 4096])
export const directoryPath: Kind<string> = { ...filePath, form: 'the path of a directory', example: '/var/run/lanyard' }

/** An http URL of a proxy, without user and password: a secret would stand in every pod. */
export const proxyUrl: Kind<string> = textKind(
  'the http or https URL of a proxy without user and password',
  'http://proxy.example.com:3128',
  /^https?:\/\/(?:[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\/?$/,
  [8, 512],
)
/** As in NO_PROXY: host names, suffixes with a leading dot, addresses. */
export const noProxy: Kind<readonly string[]> = listOf(
  textKind('a host', '.svc.cluster.local', /^[A-Za-z0-9*.:[\]-]+$/, [1, 253]),
  'hosts, or suffixes that begin with a dot',
)

export const pem: Kind<string> = textKind(
  'PEM certificates of at most 32 kB',
  '-----BEGIN CERTIFICATE----- ... -----END CERTIFICATE-----',
  /^\s*-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\s*$/,
  [1, 32_768],
)
