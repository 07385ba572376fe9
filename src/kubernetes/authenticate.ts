import { type ChildProcess, spawn } from 'node:child_process'
import type { RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { User } from '@kubernetes/client-node/dist/config_types.js'
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import { Failure } from '../errors/index.ts'
import { startDeadline, unlessAborted } from './deadline.ts'
import type { Clock, Milliseconds } from './types.ts'

export type Authentication = {
  /**
   * What a request needs so that the API server knows us.
   * @throws Failure ClusterConfigurationMissing; what the signal aborted with, if it does before.
   */
  readonly prove: (signal: AbortSignal) => Promise<RequestOptions>
  /** Kubectl's plugin for it, if there is one. */
  readonly plugin: string | undefined
}

/** By the library: it reads the pod's token anew once a minute, and runs kubectl's plugins, which end with `closed`. */
export function authenticationOf(config: KubeConfig, clock: Clock, closed: AbortSignal): Authentication {
  const plugin = pluginOf(config.getCurrentUser())
  const find = plugin === undefined ? () => optionsOf(config) : loginBy(plugin, config, clock, closed)
  let asked: Promise<RequestOptions> | undefined
  const ask = (): Promise<RequestOptions> => {
    const answer = find()
    const forget = (): void => {
      if (asked === answer) asked = undefined
    }
    answer.then(forget, forget)
    return answer
  }
  const prove = async (signal: AbortSignal): Promise<RequestOptions> => {
    signal.throwIfAborted()
    // A plugin that takes its time, or asks somebody to log in, does so once for all who wait, and for those who come later:
    // a request has less time than it, and would else begin it anew each time.
    asked ??= ask()
    const options = await unlessAborted(asked, signal)
    if (options !== undefined) return options
    throw plugin === undefined ? signal.reason : slow(plugin)
  }
  return { prove, plugin }
}

/** The command of one that is run, or the name of one of the library's own, such as `oidc`; a token's file is read at once. */
function pluginOf(user: User | null): string | undefined {
  const { name, config } = user?.authProvider ?? {}
  const command: unknown = (user?.exec ?? config?.exec)?.command
  if (typeof command === 'string') return command.slice(0, 80)
  return typeof name !== 'string' || name === 'tokenFile' ? undefined : name.slice(0, 80)
}

/** Time to log in, in a browser most often. */
const LOGIN_WITHIN: Milliseconds = 120_000

function loginBy(plugin: string, config: KubeConfig, clock: Clock, closed: AbortSignal) {
  const plugins = watchPlugins(config)
  return async (): Promise<RequestOptions> => {
    const deadline = startDeadline(clock, LOGIN_WITHIN, closed)
    try {
      const options = await unlessAborted(optionsOf(config, plugin), deadline.signal)
      if (options !== undefined) return options
      plugins.end()
      throw slow(plugin)
    } finally {
      deadline.end()
    }
  }
}

/** Of a plugin its command alone is told: its arguments and variables may hold secrets. */
const slow = (plugin: string): Failure =>
  new Failure({
    code: 'ClusterConfigurationMissing',
    field: 'KUBECONFIG',
    message: `the plugin ${JSON.stringify(plugin)}, which is to prove who you are, has not answered in time`,
    fix: 'Run kubectl version and see what it waits for: most often that somebody logs in',
  })

const ASK_KUBECTL = 'Run kubectl version: it says more of what is wrong, and renews a login that has ended'

async function optionsOf(config: KubeConfig, plugin?: string): Promise<RequestOptions> {
  const options: RequestOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (thrown) {
    // A plugin's message is whatever it wrote, so only the system's word is taken.
    const reason = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : ''
    const what = plugin === undefined ? 'the token, certificate or plugin' : `the plugin ${JSON.stringify(plugin)}`
    const message = `${what} that proves who Lanyard is cannot be used${reason}`
    throw new Failure({
      code: 'ClusterConfigurationMissing',
      message,
      ...(plugin !== undefined && { fix: ASK_KUBECTL }),
    })
  }
  // Where nothing is said, NODE_TLS_REJECT_UNAUTHORIZED would decide.
  return { ...options, rejectUnauthorized: options.rejectUnauthorized ?? true }
}

/**
 * The library waits for its plugins for ever, and has no handle on them but the function that starts them. At the `end` nothing
 * waits for them any more, the end of the process neither.
 */
function watchPlugins(config: KubeConfig): { readonly end: () => void } {
  const running = new Set<ChildProcess>()
  const start = (...args: Parameters<typeof spawn>): ChildProcess => {
    const child = spawn(...args)
    running.add(child)
    return child.on('close', () => running.delete(child))
  }
  // TypeScript lets private members be reached in brackets alone.
  for (const each of config['authenticators']) if (each instanceof ExecAuth) Object.assign(each, { execFn: start })
  return { end: () => running.forEach(endNow) }
}

/** Whatever it does with other signals. What it has started may keep its streams open. */
function endNow(child: ChildProcess): void {
  child.kill('SIGKILL')
  child.unref()
  for (const stream of child.stdio) stream?.destroy()
}
