import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to STS on which answers can be held back. */
export type Relay = {
  readonly port: number
  /** From now on nothing comes back. Resolves when there is something that does not. */
  hold(): Promise<void>
  /** What was held comes, and so does all that follows. */
  release(): void
  stop(): void
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  let holding: (() => void) | undefined

  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket))
  }
  const server = createServer((socket) => {
    const onward = keep(connect(target, '127.0.0.1'))
    keep(socket).pipe(onward)
    const pass = (act: () => void): void => {
      if (holding === undefined) {
        act()
        return
      }
      held.push(act)
      holding()
    }
    onward.on('data', (bytes: Buffer) => pass(() => void socket.write(bytes)))
    socket.once('close', () => onward.destroy())
    onward.once('close', () => pass(() => void socket.destroySoon()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    hold: () =>
      new Promise((resolve) => {
        holding = resolve
      }),
    release: () => {
      holding = undefined
      for (const act of held.splice(0)) act()
    },
    stop: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
