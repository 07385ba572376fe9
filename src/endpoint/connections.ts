import type { Socket } from 'node:net'
import type { Milliseconds } from '../credentials/types.ts'
import { GuardedSocket, type Stage } from './guardedSocket.ts'
import type { IsLocal } from './sockets.ts'

type Caps = {
  readonly localConnections: number
  readonly remoteConnections: number
  readonly connectionsPerAddress: number
  /** Of the longest body of a request, in bytes; none where there is none. */
  readonly mostBody?: number
}

/**
 * Lets connections in, under a guard. The pod's own are capped apart from everybody else's, and those of one address
 * apart from those of others. Where the places run out, the newcomer takes the place of the connection that is missed
 * least: nobody can keep others out by holding connections. Returns nothing for a newcomer that was turned away.
 */
export function admitWithin(
  caps: Caps,
  isLocal: IsLocal,
  now?: () => Milliseconds,
): (socket: Socket) => GuardedSocket | undefined {
  const places = { local: new Set<GuardedSocket>(), remote: new Set<GuardedSocket>() }

  return (socket) => {
    const peer = isLocal(socket.remoteAddress) ? 'local' : 'remote'
    const all = places[peer]
    const evict = (among: Iterable<GuardedSocket>): boolean => {
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
    const admitted = new GuardedSocket(socket, now, caps.mostBody)
    all.add(admitted)
    admitted.once('close', () => all.delete(admitted))
    return admitted
  }
}

type Crowd = { readonly count: number; readonly first: GuardedSocket }

/** Whoever waits for our answer stays; else the connection whose stage is missed least. */
function leastMissed(connections: Iterable<GuardedSocket>): GuardedSocket | undefined {
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
const goesBefore = (one: GuardedSocket, other: GuardedSocket, stage: Stage): boolean =>
  stage === 'queued' ? one.since > other.since : one.since < other.since
