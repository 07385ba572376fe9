import type { IncomingMessage } from 'node:http'
import { GuardedSocket } from './guardedSocket.ts'

/** The guard lets no more of it pass than was asked for, so that it needs no other bound. */
export function readBody(incoming: IncomingMessage, bytes: number): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>()
  const parts: Buffer[] = []
  incoming.on('data', (part: Buffer) => void parts.push(part))
  incoming.once('end', () => resolve(Buffer.concat(parts)))
  // Behind the end this comes too late to matter.
  incoming.once('close', () => resolve(undefined))
  incoming.on('error', () => resolve(undefined))
  const { socket } = incoming
  if (socket instanceof GuardedSocket) socket.letThrough(bytes)
  return promise
}
