import type { Server } from 'node:net'
import { Failure } from '../errors/index.ts'

/** Where a server listens, and by which setting the port was chosen. */
export type ListenAddress = { readonly host: string; readonly port: number; readonly setting: string }

/**
 * Listens, and tells the port (another one where 0 was asked for).
 * @throws Failure PortInUse or ListenFailed, which name the setting.
 */
export function listenOn(server: Server, { host, port, setting }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenFailure(error, { host, port, setting }))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function listenFailure(error: NodeJS.ErrnoException, { host, port, setting }: ListenAddress): Failure {
  const where = `port ${port} of ${host}`
  if (error.code === 'EADDRINUSE') {
    return new Failure({ code: 'PortInUse', field: setting, message: `${where} is taken by something else` })
  }
  return new Failure({ code: 'ListenFailed', field: setting, message: `${where}: ${error.code ?? 'unknown error'}` })
}
