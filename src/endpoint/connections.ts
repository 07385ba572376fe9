import type { Socket } from 'node:net'
import { Connection, type ConnectionOptions } from './connection.ts'
import type { Stage } from './patience.ts'
import type { IsLocal } from './sockets.ts'

export type Caps = {
  readonly localConnections: number
  readonly remoteConnections: number
  /** Of the remote ones. */
  readonly connectionsPerAddress: number
}

export type Connections = {
  /** Nothing for a newcomer that is turned away. */
  admit(socket: Socket): Connection | undefined
  all(): Iterable<Connection>
}

/**
 * Lets connections in. The pod's own are capped apart from everybody else's, and those of one address apart from those of
 * others. Where the places run out, the newcomer takes the place of the connection that is missed least: nobody can keep
 * others out by holding connections.
 */
export function admitWithin(caps: Caps, isLocal: IsLocal, options: ConnectionOptions): Connections {
  const places = { local: new Set<Connection>(), remote: new Set<Connection>() }

  const admit = (socket: Socket): Connection | undefined => {
    const peer = isLocal(socket.remoteAddress) ? 'local' : 'remote'
    const all = places[peer]
    const evict = (among: Iterable<Connection>): boolean => {
      const spared = leastMissed(among)
      if (spared === undefined) return false
      all.delete(spared)
      spared.destroy()
      return true
    }
    const { remoteAddress } = socket
    const siblings = peer === 'local' ? [] : [...all].filter((other) => other.remoteAddress === remoteAddress)
    const crowded = peer === 'remote' && siblings.length >= caps.connectionsPerAddress
    const full = (): boolean => all.size >= (peer === 'local' ? caps.localConnections : caps.remoteConnections)
    if ((crowded && !evict(siblings)) || (full() && !evict(all))) {
      socket.destroy()
      return undefined
    }
    const admitted = new Connection(socket, options)
    all.add(admitted)
    admitted.onClose(() => all.delete(admitted))
    return admitted
  }

  return { admit, all: () => [...places.local, ...places.remote] }
}
type Crowd = { readonly count: number; readonly first: Connection }

/** Whoever waits for our answer stays; else the connection whose stage is missed least. */
function leastMissed(connections: Iterable<Connection>): Connection | undefined {
  const crowds = new Map<Stage, Crowd>()
  for (const connection of connections) {
    const { stage } = connection
    const { count, first } = crowds.get(stage) ?? { count: 0, first: connection }
    crowds.set(stage, { count: count + 1, first: goesBefore(connection, first, stage) ? connection : first })
  }
  const stage = orderOf(crowds).find((name) => crowds.has(name))
  return stage === undefined ? undefined : crowds.get(stage)?.first
}

/**
 * Those that ask for nothing, or were refused, go first. A client of IMDS asks only once: it must neither come in vain nor
 * lose the connection that it is about to ask on again, so that of newcomers and those that were served the more numerous go.
 */
function orderOf(crowds: ReadonlyMap<Stage, Crowd>): readonly Stage[] {
  const count = (stage: Stage): number => crowds.get(stage)?.count ?? 0
  const kept: readonly Stage[] = count('served') >= count('fresh') ? ['served', 'fresh'] : ['fresh', 'served']
  return ['over', 'refused', 'receiving', ...kept, 'unread', 'queued']
}

/** The one that has stood so for the longest time; but of those that are queued the busiest, whose last answer is the latest. */
const goesBefore = (one: Connection, other: Connection, stage: Stage): boolean =>
  stage === 'queued' ? one.since > other.since : one.since < other.since
