import { X509Certificate } from 'node:crypto'
import { Failure, failOn, type Problem } from '../../src/errors/index.ts'
import {
  type ConfigOf,
  flagOf,
  nearest,
  readConfig,
  settingsOf,
  variableOf,
  type WebhookKey,
} from '../../src/settings/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'
import { parseYaml, readText } from '../configFile.ts'

export { readText } from '../configFile.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The flags of `lanyard webhook`: the file, and one per setting. */
export const webhookFlags: readonly Flag[] = [
  { name: 'config', value: 'FILE', doc: 'YAML file with the settings; a variable wins over it, and a flag over both.' },
  ...settingsOf('webhook').map(([key, { doc, kind, default: fallback, required }]): Flag => {
    const otherwise = required ? 'required' : fallback === undefined ? 'none by default' : `default ${fallback}`
    return { name: flagOf(key), value: 'VALUE', doc, note: `(${kind.form}; ${otherwise}; ${variableOf(key)})` }
  }),
]

/** The webhook's configuration from flags, variables and file. Throws Failure with every problem. */
export function readSettings({ texts }: GivenFlags, env: Env): ConfigOf<'webhook'> {
  const path = texts['config'] ?? env['LANYARD_CONFIG']
  const field = texts['config'] === undefined ? 'LANYARD_CONFIG' : '--config'
  const file = path === undefined ? undefined : parseYaml(readText(path, field), path)
  const { values, problems } = readConfig('webhook', { flags: texts, env, file })
  failOn([...problems, ...contradictions(values, problems), ...tlsProblems(values)])
  return values
}

/** What is fine one by one, but not together, whoever decides by it. */
export const contradictions = (
  values: Partial<ConfigOf<'webhook'>>,
  problems: readonly Problem[],
): readonly Problem[] => [
  ...samePorts(values),
  ...sourceProblems(values),
  ...endpointProblems(values),
  ...(isAbout('userProviders', problems) ? [] : unknownProviders(values)),
]

/** Of that setting nothing is known then, wherever it was said: not that something is missing there. */
const isAbout = (key: WebhookKey, problems: readonly Problem[]): boolean =>
  problems.some(({ field = '' }) =>
    [key, variableOf(key), `--${flagOf(key)}`].some((name) => field === name || field.startsWith(`${name}.`)),
  )

const PORT_PAIRS = [
  ['webhook.port', 'webhook.metricsPort'],
  ['defaults.credentialsPort', 'defaults.metricsPort'],
  ['userCredentials.port', 'userCredentials.metricsPort'],
] as const

/** Each process has two; the sidecars' would have every pod denied for what is the operator's. */
function samePorts(values: Partial<ConfigOf<'webhook'>>): Problem[] {
  return PORT_PAIRS.filter(([one, other]) => values[one] !== undefined && values[one] === values[other]).map(
    ([one, other]) => {
      const message = `${one} and ${other} are both ${values[one]}`
      return { code: 'SettingInvalid', field: other, message, fix: 'Give each a port of its own' }
    },
  )
}

/** Files, both of them; or the built-in authority, which has to know where it is kept. */
function tlsProblems(values: Partial<ConfigOf<'webhook'>>): Problem[] {
  const [certFile, keyFile] = [values['tls.certFile'], values['tls.keyFile']]
  const lacks = (field: string, message: string, fix: string): Problem[] => [
    { code: 'SettingMissing', field, message, fix },
  ]
  if (certFile === undefined && keyFile === undefined) {
    if (values['tls.namespace'] !== undefined) return authorityProblems(values)
    const message = 'the built-in authority needs it: give it as LANYARD_TLS_NAMESPACE or as --tls-namespace'
    return lacks('tls.namespace', message, 'Or serve a certificate of your own: set tls.certFile and tls.keyFile')
  }
  const fix = 'Give both files, or neither for the built-in authority'
  if (keyFile === undefined) return lacks('tls.keyFile', 'tls.certFile is given without it', fix)
  return certFile === undefined ? lacks('tls.certFile', 'tls.keyFile is given without it', fix) : []
}

/** A successor is trusted for half a lifetime before it signs: the settling must be over long before. */
function authorityProblems(values: Partial<ConfigOf<'webhook'>>): Problem[] {
  const [lifetime, settle] = [values['tls.caLifetime'], values['tls.settle']]
  if (lifetime === undefined || settle === undefined || settle * 8 <= lifetime) return []
  const message = `it is ${settle} s, more than an eighth of tls.caLifetime (${lifetime} s)`
  return [{ code: 'SettingInvalid', field: 'tls.settle', message, fix: 'Shorten it, or lengthen tls.caLifetime' }]
}

const NEEDS_SOURCES = [
  ['permission.mode', 'required', 'the permitted roles are on namespaces'],
  ['compatibility.eks', true, "EKS's annotations are on ServiceAccounts"],
] as const

/** What ServiceAccounts and namespaces have to be read for. */
function sourceProblems(values: Partial<ConfigOf<'webhook'>>): Problem[] {
  if (values['sources.enabled'] !== false) return []
  return NEEDS_SOURCES.filter(([key, value]) => values[key] === value).map(([key, value, why]) => {
    const message = `it is ${value}, but sources.enabled is false, and ${why}`
    return { code: 'SettingInvalid', field: key, message, fix: 'Set sources.enabled to true, or change this one' }
  })
}

/** These choose among the region's endpoints: no sidecar would start with both. */
function endpointProblems(values: Partial<ConfigOf<'webhook'>>): Problem[] {
  if (values['aws.stsEndpoint'] === undefined) return []
  return (['aws.fips', 'aws.dualStack'] as const)
    .filter((key) => values[key] === true)
    .map((key) => {
      const message = 'it chooses an endpoint of the region, and aws.stsEndpoint is set'
      return { code: 'SettingInvalid', field: key, message, fix: 'Leave one of the two out' }
    })
}

/** A name that is misspelt would let nobody have the role, and no pod say why. */
function unknownProviders({ userRoles, userProviders }: Partial<ConfigOf<'webhook'>>): Problem[] {
  const known = new Set(userProviders?.keys())
  return [...(userRoles ?? [])].flatMap(([role, { providers }]) =>
    providers
      .filter((name) => !known.has(name))
      .map((name) => ({
        code: 'SettingInvalid',
        field: `userRoles.${role}.providers`,
        message: `there is no userProviders.${name}${nearest(name, known)}`,
        fix: 'Write a name of userProviders',
      })),
  )
}

const MOST_CA_BYTES = 32_768

/** The authorities that every sidecar is given. Throws Failure FileUnreadable or SettingInvalid. */
export function readStsCa(config: ConfigOf<'webhook'>): string | undefined {
  const path = config['aws.stsCaFile']
  if (path === undefined) return undefined
  const pem = readText(path, 'aws.stsCaFile').trim()
  if (pem.length <= MOST_CA_BYTES && isAuthorities(pem)) return pem
  throw new Failure({
    code: 'SettingInvalid',
    field: 'aws.stsCaFile',
    message: `${path} does not hold PEM certificates of at most 32 kB`,
    fix: 'Name a file with nothing but the authorities of the STS endpoint',
  })
}

/** Looked at here, since else every pod would be given what its sidecar cannot start with. */
function isAuthorities(pem: string): boolean {
  if (!/^-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----$/.test(pem)) return false
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0
  } catch {
    return false
  }
}
