import process from 'node:process'
import { catchAllPatterns } from '../../src/injection/index.ts'
import type { WebhookMetrics } from '../../src/metrics/index.ts'
import { type ConfigOf, rolesAlike } from '../../src/settings/index.ts'
import type { Log } from '../../src/terminal/log.ts'
import { VERSION } from '../../src/version.ts'
import type { Lookup } from '../../src/webhook/index.ts'
import { systemClock } from '../systemClock.ts'

type Parts = { readonly log: Log; readonly metrics: WebhookMetrics }

/** What ServiceAccounts and namespaces say. */
export type OpenSources = {
  /** Absent where the operator does not have them read. */
  readonly lookup?: Lookup
  /** Resolves when all of them were read once. */
  readonly ready: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Begins to read ServiceAccounts and namespaces, where the operator has them read. Throws Failure ClusterConfigurationMissing. */
export async function openSources(config: ConfigOf<'webhook'>, { log, metrics }: Parts): Promise<OpenSources> {
  if (!config['sources.enabled']) return { ready: async () => {}, stop: async () => {} }
  // Only then: it brings the Kubernetes client with it.
  const { loadCluster, sourceLookup } = await import('../../src/kubernetes/index.ts')
  const places = { env: process.env, home: process.env['HOME'] }
  const cluster = loadCluster({ ...places, clock: systemClock, random: Math.random, version: VERSION })
  const sources = sourceLookup(cluster, { log, onSync: metrics.watchSynced })
  const stop = async (): Promise<void> => {
    await sources.stop()
    cluster.close()
  }
  return { lookup: sources.lookup, ready: sources.ready, stop }
}

/** Says what of the configuration permits more, or less, than was perhaps meant. */
export function warnOfPermission(config: ConfigOf<'webhook'>, log: Log): void {
  for (const pattern of catchAllPatterns(config['permission.defaultRoles'] ?? [])) {
    log.warn('permission.defaultRoles permits every role of an account, or below any path', { pattern })
  }
  if (config['permission.defaultRoles']?.length === 0) {
    log.warn('permission.defaultRoles is empty: without lanyard.dev/permitted-roles no namespace may use any role')
  }
  for (const role of rolesAlike(config.userRoles)) {
    log.warn('a role of userRoles is the same for all users: no sessionPolicy with {user} narrows it', { role })
  }
  if (!config['sources.enabled']) {
    log.warn('sources.enabled is false: lanyard.dev/permitted-roles of namespaces is not read')
  }
  const [isRequired, isLocked] = [config['permission.mode'] === 'required', config['defaults.lockSessionName']]
  if (config['compatibility.eks'] && (isRequired || isLocked)) {
    const because = isRequired ? 'permission.mode is required' : 'defaults.lockSessionName is true'
    log.warn("every pod of EKS's annotations is denied, since its app would hold the raw token", { because })
  }
}
