import { Agent, type AgentOptions as NodeAgentOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { checkAuthorities, type ProxyOptions, proxyEnvOf } from '../federation/index.ts'

export type AgentOptions = ProxyOptions & {
  /** PEM; in place of the public authorities. */
  readonly ca?: string | undefined
}

/**
 * Makes agents for one exchange each: between two of them lies half an hour. Throws Failure SettingInvalid for an authority
 * that is none, and for a proxy where this Node would go past it.
 */
export function prepareAgents({ ca, proxy, noProxy }: AgentOptions): () => Agent {
  const proxyEnv = proxyEnvOf({ proxy, noProxy })
  const options: NodeAgentOptions = {
    keepAlive: false,
    minVersion: 'TLSv1.2',
    // Else NODE_TLS_REJECT_UNAUTHORIZED decides.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: checkAuthorities(ca, 'ca of the identity provider') }),
    ...(proxyEnv !== undefined && { proxyEnv }),
  }
  return () => new OwningAgent(options)
}

/** As long as a proxy makes no connection, Node's own agent does not know of the socket, and would leave it open. */
class OwningAgent extends Agent {
  readonly #opened: Duplex[] = []

  override createConnection(...given: Parameters<Agent['createConnection']>): Duplex | null | undefined {
    const socket = super.createConnection(...given)
    if (socket) this.#opened.push(socket)
    return socket
  }

  override destroy(): void {
    super.destroy()
    for (const socket of this.#opened) socket.destroy()
  }
}
