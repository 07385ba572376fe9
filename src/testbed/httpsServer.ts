import type { RequestListener } from 'node:http'
import type { Server } from 'node:https'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import type { CertificateAuthority, IssuedCertificate } from './certificates.ts'
import { TestbedError } from './errors.ts'

/** As whom a server answers. */
export type ServerIdentity =
  | {
      /** Issues a certificate for the address that the server listens on. */
      ca: CertificateAuthority
      certificate?: never
    }
  | {
      /** A certificate that is there already, e.g. for the name by which clients reach the server. */
      certificate: IssuedCertificate
      ca?: never
    }

/** Where to listen and as whom. */
type ListenOptions = ServerIdentity & { host: string; port: number }

/** A listening https server. */
type RunningServer = {
  /** Its base, without a trailing slash, e.g. `https://127.0.0.1:34567`. */
  url: string
  /** Stops listening and destroys every connection, so that no hanging request can keep it open. */
  stop(): Promise<void>
}

/** Whoever asks by the name of the loopback gets the right certificate too. */
async function identify({ ca, certificate, host }: ListenOptions): Promise<IssuedCertificate> {
  return ca === undefined ? certificate : ca.issue(host === '127.0.0.1' ? [host, 'localhost', '::1'] : [host])
}

/** @throws TestbedError when a given certificate and its key cannot be served, without showing the key. */
function createTlsServer(pair: IssuedCertificate, handle: RequestListener): Server {
  try {
    return createServer({ ...pair, minVersion: 'TLSv1.2' }, handle)
  } catch {
    throw new TestbedError(
      'certificate: give PEM of a certificate (or a chain) and of the private key that belongs to it',
    )
  }
}

/** @throws TestbedError, see above; the listen error of node:net, e.g. EADDRINUSE. */
export async function listenHttps(options: ListenOptions, handle: RequestListener): Promise<RunningServer> {
  const { host, port } = options
  const server = createTlsServer(await identify(options), handle)
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
