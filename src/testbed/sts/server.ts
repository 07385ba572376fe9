import { randomUUID } from 'node:crypto'
import { TestbedError } from '../errors.ts'
import type { ServerIdentity } from '../httpsServer.ts'
import { listenHttps } from '../httpsServer.ts'
import type { FaultControls } from './faults.ts'
import { createFaultPlan } from './faults.ts'
import { createHandler } from './handle.ts'
import { knowRole } from './identifiers.ts'
import type { RequestRecord } from './requestLog.ts'
import { createRequestLog } from './requestLog.ts'
import { createSessionStore } from './sessions.ts'
import type { TrustPolicyDocument } from './trustDocument.ts'
import { checkTrustPolicy } from './trustDocument.ts'
import type { Account, IdentityProvider, KnownRole, Role } from './types.ts'

/** What {@link startSts} needs. */
export type StsOptions = ServerIdentity & {
  /** The clock, epoch milliseconds. */
  now: () => number
  /** Twelve digits. */
  accountId: string
  providers: readonly IdentityProvider[]
  roles: readonly Role[]
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
  /** Replaces a role's trust policy from the next request on. @throws TestbedError as `startSts` does. */
  setTrustPolicy(role: string, document: TrustPolicyDocument): void
  /** Stops listening and destroys open connections, those that hang by a fault too. */
  stop(): Promise<void>
}

type RoleTable = { roles: Map<string, KnownRole>; find(name: string): KnownRole }

function createRoleTable(owner: { accountId: string; partition: string }, roles: readonly Role[]): RoleTable {
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

/**
 * Starts an STS of one account over https. It verifies what AWS verifies and answers in AWS's words; it knows
 * AssumeRoleWithWebIdentity and GetCallerIdentity (AWS STS API Reference, version 2011-06-15).
 * @throws TestbedError for options that no AWS account could have; the listen error of node:net, e.g. EADDRINUSE.
 */
export async function startSts(options: StsOptions): Promise<Sts> {
  const { now, accountId, partition = 'aws', host = '127.0.0.1', port = 0, onRequest } = options
  if (!/^\d{12}$/.test(accountId)) throw new TestbedError(`accountId: ${accountId} is not twelve digits`)
  const table = createRoleTable({ accountId, partition }, options.roles)
  const providers = knowProviders(options.providers)
  const account: Account = { accountId, partition, providers, roles: table.roles }
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
    setTrustPolicy: (name, document) => {
      const role = table.find(name)
      checkTrustPolicy(name, document)
      table.roles.set(role.arn, { ...role, trustPolicy: document })
    },
    stop,
  }
}
