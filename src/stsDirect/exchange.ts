import type { Socket } from 'node:net'
import type { Milliseconds } from '../credentials/types.ts'
import { openConnection, type Watch, type Way } from './connection.ts'
import type { HttpAnswer, HttpReader } from './httpAnswer.ts'
import { WayError } from './wayError.ts'

type Timing = {
  /** Until the connection stands, proxy and TLS included. */
  readonly connectTimeout: Milliseconds
  readonly signal: AbortSignal
}

/**
 * One request on a connection of its own, which is gone when this is over. Throws the reader's Failure, and errors whose
 * `code` says what happened on the way.
 */
export async function exchange(request: string, reader: HttpReader, way: Way, timing: Timing): Promise<HttpAnswer> {
  const { connectTimeout, signal } = timing
  if (signal.aborted) throw new WayError('ABORT_ERR')
  const broken = Promise.withResolvers<never>()
  const fail = (code: string) => (): void => broken.reject(new WayError(code))
  const sockets: Socket[] = []
  const watch: Watch = (socket) => {
    sockets.push(socket)
    return socket.on('error', broken.reject).on('close', fail('ECONNRESET'))
  }
  const timeout = setTimeout(fail('TimeoutError'), connectTimeout)
  const abort = fail('ABORT_ERR')
  signal.addEventListener('abort', abort)
  const converse = async (): Promise<HttpAnswer> => {
    const socket = await openConnection(way, watch)
    clearTimeout(timeout)
    return await ask(socket, request, reader)
  }
  try {
    return await Promise.race([broken.promise, converse()])
  } finally {
    clearTimeout(timeout)
    signal.removeEventListener('abort', abort)
    for (const socket of sockets) socket.destroy()
  }
}

function ask(socket: Socket, request: string, { take, end }: HttpReader): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const look = (read: () => HttpAnswer | undefined, isLast: boolean): void => {
      try {
        const answer = read()
        if (answer !== undefined) resolve(answer)
        else if (isLast) reject(new WayError('ECONNRESET'))
      } catch (thrown) {
        reject(thrown)
      }
    }
    socket.on('data', (bytes: Buffer) => look(() => take(bytes), false))
    socket.on('end', () => look(end, true))
    socket.write(request)
  })
}
