import process from 'node:process'
import { Failure } from '../src/errors/index.ts'
import { type ProxyOptions, proxyEnvOf } from '../src/federation/index.ts'

/**
 * By what the caller's machine goes out: the variables that curl and the AWS CLI read. A sidecar does not (its operator's
 * `outbound.proxy` is for it), but who runs a command on a laptop expects it. Of NO_PROXY it knows names, which stand for what
 * is below them too, addresses and `*`, but no ranges like 10.0.0.0/8. Throws Failure SettingInvalid for a proxy that would
 * be passed by without a word.
 */
export function proxyOf(env: NodeJS.ProcessEnv, node: string = process.versions.node): ProxyOptions {
  const name = env['https_proxy'] ? 'https_proxy' : 'HTTPS_PROXY'
  const said = env[name]
  if (!said) return {}
  // As curl has it: a proxy without a scheme is an http one.
  const proxy = /^[a-z][a-z0-9+.-]*:\/\//i.test(said) ? said : `http://${said}`
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined
  // It may hold a password.
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw invalid(name, 'it is no http or https URL', 'Write it like http://proxy.example.com:3128')
  const options = { proxy, noProxy: withoutProxy(env['no_proxy'] || env['NO_PROXY'] || '') }
  checkNode(options, name, node)
  return options
}

/** Node takes a name for that alone. */
const withoutProxy = (text: string): readonly string[] =>
  text
    .split(/[\s,]+/)
    .filter((host) => host !== '')
    .flatMap((host) => (/^[a-z0-9]/i.test(host) && !/^[\d.:]+$/.test(host) ? [host, `.${host}`] : [host]))

function checkNode(options: ProxyOptions, name: string, node: string): void {
  try {
    proxyEnvOf(options, node)
  } catch {
    throw invalid(name, `Node ${node} cannot use a proxy`, 'Run it by Node 24.5 or later, or unset the variable')
  }
}

const invalid = (field: string, message: string, fix: string): Failure =>
  new Failure({ code: 'SettingInvalid', field, message, fix })
