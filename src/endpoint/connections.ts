import type { Socket } from 'node:net'
import type { Milliseconds } from '../credentials/types.ts'
import { GuardedSocket, type Stage } from './guardedSocket.ts'
import type { IsLocal } from './sockets.ts'

type Caps = {
  readonly localConnections: number
  readonly remoteConnections: number
  readonly connectionsPerAddress: number
}

/**
 * Who goes first where there is no room. Whoever waits for our answer stays; those that were served go after those that were
 * refused or ask for nothing, since a client of IMDS asks only once, and must not do so on a connection that just went.
 */
const order: readonly Stage[] = ['over', 'refused', 'receiving', 'served', 'unread', 'fresh']

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
    const admitted = new GuardedSocket(socket, now)
    all.add(admitted)
    admitted.once('close', () => all.delete(admitted))
    return admitted
  }
}

/** Of those that `order` puts first, the one that has stood so for the longest time. */
function leastMissed(connections: Iterable<GuardedSocket>): GuardedSocket | undefined {
  let found: { readonly connection: GuardedSocket; readonly rank: number } | undefined
  for (const connection of connections) {
    const rank = order.indexOf(connection.stage)
    if (rank < 0) continue
    const before = found === undefined || rank < found.rank
    if (before || (rank === found?.rank && connection.since < found.connection.since)) found = { connection, rank }
  }
  return found?.connection
}
