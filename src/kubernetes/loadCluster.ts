import { authenticationOf } from './authenticate.ts'
import { findConfiguration, type Places } from './configuration.ts'
import { openReply } from './connect.ts'
import { keepConnections } from './keptConnections.ts'
import type { Clock, Cluster } from './types.ts'

export type ClusterOptions = Places & {
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Lanyard's own, for the API server's audit log. */
  readonly version: string
}

/** A cluster by a kubeconfig, whose plugin may ask somebody to log in. */
export type OwnCluster = Cluster & {
  /** The command of the plugin, if there is one. */
  readonly plugin: string | undefined
  /** Finds out who asks, before anything is asked. Throws as `Authentication.prove` does. */
  readonly authenticate: (signal: AbortSignal) => Promise<void>
}

/**
 * The cluster that the process runs in, or that its kubeconfig names. Nothing is sent yet.
 * @throws Failure ClusterConfigurationMissing.
 */
export function loadCluster({ clock, random, version, ...places }: ClusterOptions): OwnCluster {
  const config = findConfiguration(places)
  const controller = new AbortController()
  const authentication = authenticationOf(config, clock, controller.signal)
  const way = { config, userAgent: `lanyard/${version}`, authentication, kept: keepConnections() }
  return {
    plugin: authentication.plugin,
    authenticate: async (signal) => void (await authentication.prove(signal)),
    open: (request, signal) => openReply(way, request, signal),
    clock,
    random,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    closed: controller.signal,
    close: () => {
      controller.abort()
      way.kept.destroy()
    },
  }
}
