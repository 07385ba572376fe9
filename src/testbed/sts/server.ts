import { randomUUID } from 'node:crypto'
import { TestbedError } from '../errors.ts'
import type { ServerIdentity } from '../httpsServer.ts'
import { listenHttps } from '../httpsServer.ts'
import type { Dialect, DialectName } from './dialects.ts'
import { findDialect } from './dialects.ts'
import type { FaultControls } from './faults.ts'
import { createFaultPlan } from './faults.ts'
import { createHandler } from './handle.ts'
import type { Owner } from './identifiers.ts'
import { knowRole } from './identifiers.ts'
import type { RequestRecord } from './requestLog.ts'
import { createRequestLog } from './requestLog.ts'
import { knowSamlProvider } from './saml/metadata.ts'
import { createSessionStore } from './sessions.ts'
import type { TrustPolicyDocument } from './trustDocument.ts'
import { checkTrustPolicy } from './trustDocument.ts'
import type {
  Account,
  IdentityProvider,
  KnownRole,
  KnownSamlProvider,
  LoginProvider,
  Role,
  SamlProvider,
} from './types.ts'

/** What {@link startSts} needs. */
export type StsOptions = ServerIdentity & {
  /** The clock, epoch milliseconds. */
  now: () => number
  /** Twelve digits. */
  accountId: string
  providers: readonly IdentityProvider[]
  /** @default [] */
  samlProviders?: readonly SamlProvider[]
  /** Where opaque access tokens are asked about. @default [] */
  logins?: readonly LoginProvider[]
  roles: readonly Role[]
  /** As which server it speaks, or how it differs from AWS. @default 'aws' */
  dialect?: DialectName | Partial<Dialect>
  /** @default 'aws' */
  partition?: 'aws' | 'aws-cn' | 'aws-us-gov'
  /** @default '127.0.0.1' */
  host?: string
  /** 0 takes a free one. @default 0 */
  port?: number
  /** Told of every request once it is answered or left hanging. */
  onRequest?: (record: RequestRecord) => void
}

/** A running STS. */
export type Sts = {
  /** The endpoint, e.g. `https://127.0.0.1:34567`. */
  url: string
  faults: FaultControls
  /** The newest 1,000 requests, oldest first. */
  requests: readonly RequestRecord[]
  /** The next request that comes, once it is answered or left hanging: what a test awaits instead of sleeping. */
  nextRequest(): Promise<RequestRecord>
  /** The ARN of a role by its name. @throws TestbedError when there is none. */
  roleArn(name: string): string
  /** The ARN of a SAML provider by its name. @throws TestbedError when there is none. */
  samlProviderArn(name: string): string
  /** Replaces a role's trust policy from the next request on. @throws TestbedError as `startSts` does. */
  setTrustPolicy(role: string, document: TrustPolicyDocument): void
  /** Stops listening and destroys open connections, those that hang by a fault too. */
  stop(): Promise<void>
}

type RoleTable = { roles: Map<string, KnownRole>; find(name: string): KnownRole }

function createRoleTable(owner: Owner, roles: readonly Role[]): RoleTable {
  const known = new Map<string, KnownRole>()
  const byName = new Map<string, KnownRole>()
  for (const role of roles) {
    if (byName.has(role.name))
      throw new TestbedError(`role ${role.name}: is there twice; names are unique in an account`)
    checkTrustPolicy(role.name, role.trustPolicy)
    const entry = knowRole(owner, role)
    known.set(entry.arn, entry)
    byName.set(role.name, entry)
  }
  return {
    roles: known,
    find: (name) => {
      const role = byName.get(name)
      if (role === undefined) throw new TestbedError(`role ${name}: is not one of ${[...byName.keys()].join(', ')}`)
      return role
    },
  }
}

function knowProviders(providers: readonly IdentityProvider[]): Map<string, IdentityProvider> {
  for (const { url, clientIds, ca, bearer } of providers) {
    if (!url.startsWith('https://')) throw new TestbedError(`provider ${url}: the url must begin with https://`)
    if (clientIds.length === 0) throw new TestbedError(`provider ${url}: clientIds is empty; name an audience`)
    if (bearer !== undefined && ca === undefined) {
      throw new TestbedError(`provider ${url}: a bearer is sent to nobody but who a ca vouches for; give one`)
    }
  }
  return new Map(providers.map((provider) => [provider.url, provider]))
}

function byKey<T>(what: string, entries: readonly (readonly [key: string, value: T])[]): Map<string, T> {
  const map = new Map(entries)
  if (map.size === entries.length) return map
  throw new TestbedError(`${what}: one is there twice`)
}

function knowSamlProviders(owner: Owner, providers: readonly SamlProvider[]): Map<string, KnownSamlProvider> {
  const known = providers.map((provider) => knowSamlProvider(owner, provider))
  return byKey(
    'samlProviders',
    known.map((provider) => [provider.arn, provider]),
  )
}

function knowLogins(logins: readonly LoginProvider[]): Map<string, LoginProvider> {
  for (const { providerId, tokenInfoUrl } of logins) {
    if (providerId !== 'www.amazon.com' && providerId !== 'graph.facebook.com')
      throw new TestbedError(`login ${providerId}: is not one of www.amazon.com, graph.facebook.com`)
    if (!URL.canParse(tokenInfoUrl) || !tokenInfoUrl.startsWith('https://'))
      throw new TestbedError(`login ${providerId}: tokenInfoUrl must be an address that begins with https://`)
  }
  return byKey(
    'logins',
    logins.map((login) => [login.providerId, login]),
  )
}

/** @throws TestbedError for what no AWS account could be. */
function openAccount(options: StsOptions): { account: Account; table: RoleTable } {
  const { accountId, partition = 'aws', samlProviders = [], logins = [] } = options
  if (!/^\d{12}$/.test(accountId)) throw new TestbedError(`accountId: ${accountId} is not twelve digits`)
  const owner = { accountId, partition, dialect: findDialect(options.dialect) }
  const table = createRoleTable(owner, options.roles)
  const account = {
    ...owner,
    providers: knowProviders(options.providers),
    samlProviders: knowSamlProviders(owner, samlProviders),
    logins: knowLogins(logins),
    roles: table.roles,
  }
  return { account, table }
}

function findSamlArn({ samlProviders }: Account, wanted: string): string {
  const found = [...samlProviders.values()].find(({ name }) => name === wanted)
  if (found === undefined) throw new TestbedError(`samlProvider ${wanted}: is not there`)
  return found.arn
}

/**
 * Starts an STS of one account over https. It verifies what AWS verifies and answers in AWS's words; it knows
 * AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity and GetCallerIdentity (AWS STS API Reference, version
 * 2011-06-15).
 * @throws TestbedError for options that no AWS account could have; the listen error of node:net, e.g. EADDRINUSE.
 */
export async function startSts(options: StsOptions): Promise<Sts> {
  const { now, host = '127.0.0.1', port = 0, onRequest } = options
  const { account, table } = openAccount(options)
  const faults = createFaultPlan()
  const log = createRequestLog({ ...(onRequest !== undefined && { onRequest }) })
  const handle = createHandler({ account, sessions: createSessionStore(), now, faults, log, createId: randomUUID })
  const { url, stop } = await listenHttps({ ...options, host, port }, handle)
  return {
    url,
    faults: { set: faults.set, next: faults.next, clear: faults.clear, list: faults.list },
    requests: log.records,
    nextRequest: log.next,
    roleArn: (name) => table.find(name).arn,
    samlProviderArn: (name) => findSamlArn(account, name),
    setTrustPolicy: (name, document) => {
      const role = table.find(name)
      checkTrustPolicy(name, document)
      table.roles.set(role.arn, { ...role, trustPolicy: document })
    },
    stop,
  }
}
