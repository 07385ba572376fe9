import { accessSync, constants } from 'node:fs'
import { isIPv6 } from 'node:net'
import { delimiter, join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { Failure } from '../errors/index.ts'

/** Where a configuration may be found. */
export type Places = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where kubelet mounts a pod's API token and the authority of the API server. */
  readonly accountFolder?: string | undefined
  /** The user's own folder, for `.kube/config`. */
  readonly home?: string | undefined
  /** Of the kubeconfig, in place of its current one; a pod's own configuration is then not looked for. */
  readonly context?: string | undefined
}

const usualFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * A pod's own configuration, else the kubeconfig that KUBECONFIG or the home folder has.
 * @throws Failure ClusterConfigurationMissing.
 */
export function findConfiguration({ env, accountFolder = usualFolder, home, context }: Places): KubeConfig {
  const host = context === undefined ? env['KUBERNETES_SERVICE_HOST'] : undefined
  const files = { token: join(accountFolder, 'token'), ca: join(accountFolder, 'ca.crt') }
  const lacking = [files.token, files.ca].filter((file) => !isReadable(file))
  const config =
    host && lacking.length === 0
      ? ofPod({ host, port: env['KUBERNETES_SERVICE_PORT'] || '443', ...files })
      : ofFiles(kubeconfigs(env, home), whyNoPod(host, context, lacking))
  return checked(inContext(config, context))
}

function whyNoPod(host: string | undefined, context: string | undefined, lacking: readonly string[]): string {
  if (context !== undefined) return 'a context is named'
  return host ? `the pod lacks ${lacking.join(' and ')}` : 'KUBERNETES_SERVICE_HOST is not set'
}

function inContext(config: KubeConfig, context: string | undefined): KubeConfig {
  if (context === undefined) return config
  if (config.getContextObject(context) === null)
    throw missing(`the kubeconfig has no such context${others(config)}`, context)
  config.setCurrentContext(context)
  return config
}

const FEW = 5

function others(config: KubeConfig): string {
  const names = config.getContexts().map(({ name }) => JSON.stringify(name.slice(0, 80)))
  if (names.length === 0) return ', and no other'
  return `; it has ${names.slice(0, FEW).join(', ')}${names.length > FEW ? ` and ${names.length - FEW} more` : ''}`
}

type PodFiles = { readonly host: string; readonly port: string; readonly token: string; readonly ca: string }

/** Always https: unlike the library's own, which sends the token in the clear to some ports. */
function ofPod({ host, port, token, ca }: PodFiles): KubeConfig {
  const config = new KubeConfig()
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
  config.loadFromOptions({
    clusters: [{ name: 'cluster', server, caFile: ca, skipTLSVerify: false }],
    users: [{ name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile: token } } }],
    contexts: [{ name: 'pod', cluster: 'cluster', user: 'pod' }],
    currentContext: 'pod',
  })
  return config
}

function kubeconfigs(env: Places['env'], home: string | undefined): readonly string[] {
  const named = env['KUBECONFIG']
  if (named) return named.split(delimiter).filter((file) => file !== '')
  return home === undefined ? [] : [join(home, '.kube', 'config')]
}

/** As kubectl merges them: files that are not there are skipped, the first one decides. */
function ofFiles(files: readonly string[], whyNoPod: string): KubeConfig {
  const [first, ...others] = files.filter(isReadable).map(ofFile)
  if (first === undefined) {
    const tried = files.length === 0 ? 'no kubeconfig is named' : `${files.join(' and ')} cannot be read`
    throw missing(`${whyNoPod}, and ${tried}`)
  }
  try {
    for (const other of others) first.mergeConfig(other, true)
  } catch {
    throw missing('the files of KUBECONFIG contradict one another', 'KUBECONFIG')
  }
  return first
}

function ofFile(file: string): KubeConfig {
  const config = new KubeConfig()
  try {
    config.loadFromFile(file)
  } catch {
    // The parser's message quotes the file, keys and all.
    throw missing('it is no kubeconfig', file)
  }
  return config
}

function checked(config: KubeConfig): KubeConfig {
  const cluster = config.getCurrentCluster()
  if (cluster === null || config.getCurrentUser() === null)
    throw missing('the current context names no cluster and user')
  if (!URL.canParse(cluster.server) || new URL(cluster.server).protocol !== 'https:') {
    throw missing('the server of the current context is no https URL')
  }
  return config
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

const missing = (message: string, field?: string): Failure =>
  new Failure({ code: 'ClusterConfigurationMissing', message, ...(field === undefined ? {} : { field }) })
