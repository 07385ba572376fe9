import { Agent } from 'node:https'
import type { Milliseconds } from './types.ts'

/** After that, whatever stands between may have forgotten the connection. */
const idleFor: Milliseconds = 15_000
/** As many as are asked by at a time. */
const mostIdle = 32

/** Keeps connections open for the next request, for as long as one is likely to come soon. */
export const keepConnections = (): Agent =>
  new Agent({ keepAlive: true, timeout: idleFor, maxFreeSockets: mostIdle, scheduling: 'lifo' })

/** Closes those that nobody uses. */
export function closeIdle({ freeSockets }: Agent): void {
  for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy()
}
