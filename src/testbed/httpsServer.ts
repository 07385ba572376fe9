import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import type { CertificateAuthority } from './certificates.ts'

/** Where to listen and as whom. */
type ListenOptions = { ca: CertificateAuthority; host: string; port: number }

/** A listening https server. */
type RunningServer = {
  /** Its base, without a trailing slash, e.g. `https://127.0.0.1:34567`. */
  url: string
  /** Stops listening and destroys every connection, so that no hanging request can keep it open. */
  stop(): Promise<void>
}

/** @throws the listen error of node:net, e.g. EADDRINUSE. */
export async function listenHttps(options: ListenOptions, handle: RequestListener): Promise<RunningServer> {
  const { ca, host, port } = options
  // Whoever asks by the name gets the right certificate too.
  const hosts = host === '127.0.0.1' ? [host, 'localhost', '::1'] : [host]
  const server = createServer({ ...(await ca.issue(hosts)), minVersion: 'TLSv1.2' }, handle)
  // A client must not find that a connection which it keeps was closed at the moment it uses it again.
  server.keepAliveTimeout = 120_000
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `https://${isIPv6(host) ? `[${host}]` : host}:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
