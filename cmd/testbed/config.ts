import { failOn, type Problem } from '../../src/errors/index.ts'
import type { TrustPolicyDocument } from '../../src/testbed/index.ts'
import { type Mapping, readMapping } from './mapping.ts'

/** Whom a role trusts: a service account of any of the providers; `*` stands for anything. */
type Trusted = { readonly namespace: string; readonly serviceAccount: string; readonly audience: string }

/** As whom the STS answers: by a certificate that is there, or for these names by an authority that it makes at its start. */
type Identity = { readonly certFile: string; readonly keyFile: string } | { readonly hosts: readonly string[] }

const partitions = ['aws', 'aws-cn', 'aws-us-gov'] as const

/** What the file of the testbed process says, checked. */
export type TestbedConfig = {
  readonly accountId: string
  readonly partition: (typeof partitions)[number]
  readonly host: string
  readonly port: number
  readonly controlPort: number
  readonly identity: Identity
  readonly providers: readonly {
    readonly url: string
    readonly clientIds: readonly string[]
    readonly caFile: string | undefined
    readonly tokenFile: string | undefined
  }[]
  readonly roles: readonly {
    readonly name: string
    readonly path: string
    /** Seconds. */
    readonly maxSessionDuration: number
    readonly trust: readonly Trusted[]
    /** A whole document in place of `trust`. */
    readonly trustPolicy: TrustPolicyDocument | undefined
  }[]
}

const port = (fallback: number) => ({ least: 1, most: 65_535, fallback })

/** Throws Failure with every problem of the file's form; whether an account can be so, the STS says. */
export function readTestbedConfig(content: unknown): TestbedConfig {
  const problems: Problem[] = []
  const file = readMapping(content ?? {}, '', problems)
  const config: TestbedConfig = {
    accountId: file.text('accountId'),
    partition: readPartition(file),
    host: file.text('host', '0.0.0.0'),
    port: file.integer('port', port(8443)),
    controlPort: file.integer('controlPort', port(8081)),
    identity: readIdentity(file),
    providers: file.mappings('providers').map(readProvider),
    roles: file.mappings('roles').map(readRole),
  }
  file.close()
  failOn(problems)
  return config
}

function readPartition(file: Mapping): TestbedConfig['partition'] {
  const text = file.text('partition', 'aws')
  const known = partitions.find((name) => name === text)
  if (known === undefined) file.refuse('partition', `it must be one of ${partitions.join(', ')}`)
  return known ?? 'aws'
}

function readIdentity(file: Mapping): Identity {
  if (!file.has('hosts')) return { certFile: file.text('certFile'), keyFile: file.text('keyFile') }
  const hosts = file.texts('hosts')
  if (hosts.length === 0) file.refuse('hosts', 'it must name at least one host')
  if (file.has('certFile') || file.has('keyFile')) file.refuse('hosts', 'give either hosts or certFile and keyFile')
  return { hosts }
}

function readProvider(provider: Mapping): TestbedConfig['providers'][number] {
  const file = (key: string): string | undefined => (provider.has(key) ? provider.text(key) : undefined)
  const read = {
    url: provider.text('url'),
    clientIds: provider.texts('clientIds'),
    caFile: file('caFile'),
    tokenFile: file('tokenFile'),
  }
  provider.close()
  return read
}

function readRole(role: Mapping): TestbedConfig['roles'][number] {
  const read = {
    name: role.text('name'),
    path: role.text('path', '/'),
    maxSessionDuration: role.integer('maxSessionDuration', { least: 3600, most: 43_200, fallback: 3600 }),
    trust: role.has('trust') ? role.mappings('trust').map(readTrusted) : [],
    trustPolicy: readPolicy(role),
  }
  if (role.has('trust') === role.has('trustPolicy')) role.refuse('trust', 'give either trust or trustPolicy')
  role.close()
  return read
}

/** Its statements are checked, as IAM would, when the STS starts. */
function readPolicy(role: Mapping): TrustPolicyDocument | undefined {
  const policy = role.raw('trustPolicy')
  if (policy === undefined) return undefined
  const isMapping = typeof policy === 'object' && policy !== null && !Array.isArray(policy)
  if (!isMapping) role.refuse('trustPolicy', 'it must be an IAM policy document')
  return policy as TrustPolicyDocument
}

function readTrusted(trusted: Mapping): Trusted {
  const read = {
    namespace: trusted.text('namespace'),
    serviceAccount: trusted.text('serviceAccount'),
    audience: trusted.text('audience', 'sts.amazonaws.com'),
  }
  trusted.close()
  return read
}
