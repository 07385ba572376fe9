import { failOn, type Problem } from '../../src/errors/index.ts'
import type { DialectName, TrustPolicyDocument } from '../../src/testbed/index.ts'
import { type Mapping, readMapping } from './mapping.ts'
import { type LoginName, readLoginName, readPolicy, readTrusted, type Trusted } from './trust.ts'

/** As whom the STS answers: by a certificate that is there, or for these names by an authority that it makes at its start. */
type Identity = { readonly certFile: string; readonly keyFile: string } | { readonly hosts: readonly string[] }

const dialectNames = ['aws', 'ceph', 'minio', 'seaweedfs'] as const satisfies readonly DialectName[]
const partitions = ['aws', 'aws-cn', 'aws-us-gov'] as const

/** What the file of the testbed process says, checked. */
export type TestbedConfig = {
  readonly accountId: string
  readonly partition: (typeof partitions)[number]
  readonly dialect: DialectName
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
  readonly samlProviders: readonly {
    readonly name: string
    /** Either the file or the text. */
    readonly metadataFile: string | undefined
    readonly metadata: string | undefined
  }[]
  /** The logins that it stands in for. */
  readonly logins: readonly {
    readonly name: LoginName
    readonly port: number
    readonly clientId: string | undefined
    readonly appId: string | undefined
  }[]
  readonly roles: readonly {
    readonly name: string
    readonly path: string
    /** Seconds. */
    readonly maxSessionDuration: number
    /** ARNs of roles that its sessions may assume. */
    readonly mayAssume: readonly string[]
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
    partition: readOneOf(file, 'partition', partitions),
    dialect: readOneOf(file, 'dialect', dialectNames),
    host: file.text('host', '0.0.0.0'),
    port: file.integer('port', port(8443)),
    controlPort: file.integer('controlPort', port(8081)),
    identity: readIdentity(file),
    providers: optionalMappings(file, 'providers').map(readProvider),
    samlProviders: optionalMappings(file, 'samlProviders').map(readSamlProvider),
    logins: optionalMappings(file, 'logins').map(readLogin),
    roles: file.mappings('roles').map(readRole),
  }
  if (config.logins.length > 0 && !file.has('hosts'))
    file.refuse('logins', 'their certificates come from an authority of its own: give hosts')
  if (new Set(config.logins.map(({ name }) => name)).size < config.logins.length)
    file.refuse('logins', 'each provider may be there once')
  file.close()
  failOn(problems)
  return config
}

function optionalMappings(file: Mapping, key: string): readonly Mapping[] {
  return file.has(key) ? file.mappings(key) : []
}

/** The first of them is the default. */
function readOneOf<T extends string>(file: Mapping, key: string, names: readonly [T, ...T[]]): T {
  const text = file.text(key, names[0])
  const known = names.find((name) => name === text)
  if (known === undefined) file.refuse(key, `it must be one of ${names.join(', ')}`)
  return known ?? names[0]
}

function readIdentity(file: Mapping): Identity {
  if (!file.has('hosts')) return { certFile: file.text('certFile'), keyFile: file.text('keyFile') }
  const hosts = file.texts('hosts')
  if (hosts.length === 0) file.refuse('hosts', 'it must name at least one host')
  if (file.has('certFile') || file.has('keyFile')) file.refuse('hosts', 'give either hosts or certFile and keyFile')
  return { hosts }
}

function optionalText(mapping: Mapping, key: string): string | undefined {
  return mapping.has(key) ? mapping.text(key) : undefined
}

function readSamlProvider(provider: Mapping): TestbedConfig['samlProviders'][number] {
  const read = {
    name: provider.text('name'),
    metadataFile: optionalText(provider, 'metadataFile'),
    metadata: optionalText(provider, 'metadata'),
  }
  if ((read.metadataFile === undefined) === (read.metadata === undefined))
    provider.refuse('metadata', 'give either metadata or metadataFile')
  provider.close()
  return read
}

function readLogin(login: Mapping): TestbedConfig['logins'][number] {
  const read = {
    name: readLoginName(login, 'provider'),
    port: login.integer('port', { least: 1, most: 65_535 }),
    clientId: optionalText(login, 'clientId'),
    appId: optionalText(login, 'appId'),
  }
  login.close()
  return read
}

function readProvider(provider: Mapping): TestbedConfig['providers'][number] {
  const read = {
    url: provider.text('url'),
    clientIds: provider.texts('clientIds'),
    caFile: optionalText(provider, 'caFile'),
    tokenFile: optionalText(provider, 'tokenFile'),
  }
  provider.close()
  return read
}

function readRole(role: Mapping): TestbedConfig['roles'][number] {
  const read = {
    name: role.text('name'),
    path: role.text('path', '/'),
    maxSessionDuration: role.integer('maxSessionDuration', { least: 3600, most: 43_200, fallback: 3600 }),
    mayAssume: role.has('mayAssume') ? role.texts('mayAssume') : ['*'],
    trust: role.has('trust') ? role.mappings('trust').map(readTrusted) : [],
    trustPolicy: readPolicy(role),
  }
  if (role.has('trust') === role.has('trustPolicy')) role.refuse('trust', 'give either trust or trustPolicy')
  role.close()
  return read
}
