import type { ProxyOptions } from '../../src/federation/index.ts'

/**
 * By what the caller's machine goes out: the variables that curl and the AWS CLI read. A sidecar does not (its operator's
 * `outbound.proxy` is for it), but who runs a command on a laptop expects it.
 */
export function proxyOf(env: NodeJS.ProcessEnv): ProxyOptions {
  const said = env['https_proxy'] || env['HTTPS_PROXY']
  if (!said) return {}
  const without = env['no_proxy'] || env['NO_PROXY'] || ''
  const noProxy = without
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
  // As curl has it: a proxy without a scheme is an http one.
  return { proxy: /^[a-z][a-z0-9+.-]*:\/\//i.test(said) ? said : `http://${said}`, noProxy }
}
