import process from 'node:process'
import { Failure } from '../errors/index.ts'

/** By what calls leave, as the operator says it. */
export type ProxyOptions = {
  /** An http or https URL. */
  readonly proxy?: string | undefined
  /** Hosts that are asked without it, as in NO_PROXY. */
  readonly noProxy?: readonly string[] | undefined
}

/** What `node:https` Agents take as `proxyEnv`: in both spellings, so that neither is looked for elsewhere. */
export type ProxyEnv = Readonly<Record<'https_proxy' | 'HTTPS_PROXY' | 'no_proxy' | 'NO_PROXY', string>>

/**
 * Undefined without a proxy: the agent then connects straight, whatever variables its process has. Throws Failure
 * SettingInvalid where Node is too old to know of proxies: it would go past one without a word (Node.js API, http.Agent,
 * option proxyEnv: added in 24.5.0).
 */
export function proxyEnvOf(
  { proxy, noProxy = [] }: ProxyOptions,
  node: string = process.versions.node,
): ProxyEnv | undefined {
  if (proxy === undefined) return undefined
  if (!knowsProxies(node)) {
    const message = `Node ${node} cannot use a proxy; 24.5 and later can`
    throw new Failure({ code: 'SettingInvalid', field: 'outbound.proxy', message })
  }
  // Node compares with the bare address.
  const without = noProxy.map((host) => host.replace(/^\[(.*)\]$/, '$1')).join(',')
  return { https_proxy: proxy, HTTPS_PROXY: proxy, no_proxy: without, NO_PROXY: without }
}

function knowsProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5)
}
