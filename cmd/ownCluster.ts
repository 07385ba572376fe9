import process from 'node:process'
import { loadCluster, type OwnCluster } from '../src/kubernetes/index.ts'
import { VERSION } from '../src/version.ts'
import { systemClock } from './systemClock.ts'

export type Kubeconfig = { readonly kubeconfig?: string | undefined; readonly context?: string | undefined }

/** Until then nobody wonders. */
const TELL_AFTER = 2_000

/**
 * The cluster of the caller's kubeconfig, by the caller's own rights, once it is known who that is: a plugin that asks
 * somebody to log in has more time than a request. Rejects with Failure ClusterConfigurationMissing.
 */
export async function openOwnCluster({ kubeconfig, context }: Kubeconfig): Promise<OwnCluster> {
  const env = kubeconfig === undefined ? process.env : { KUBECONFIG: kubeconfig }
  const places = { env, home: process.env['HOME'], context }
  const cluster = loadCluster({ ...places, clock: systemClock, random: Math.random, version: VERSION })
  if (cluster.plugin === undefined) return cluster
  const waits = `Waiting for ${JSON.stringify(cluster.plugin)}, which is to prove who you are.\n`
  const telling = setTimeout(() => process.stderr.write(waits), TELL_AFTER)
  try {
    await cluster.authenticate(cluster.closed)
    return cluster
  } catch (thrown) {
    cluster.close()
    throw thrown
  } finally {
    clearTimeout(telling)
  }
}
