import { request as send } from 'node:http'
import { listenHttps } from '../../src/testbed/httpsServer.ts'
import type { CertificateAuthority } from '../../src/testbed/index.ts'

/** TLS before the app, as an ingress does it, under a name of its own: to its providers the app is another site. */
export type Front = {
  readonly url: string
  /** Where the app listens: a port of the loopback. */
  lead(port: number): void
  readonly stop: () => Promise<void>
}

/** The browser is told that these are on the loopback. */
export const HOSTS = ['files.example.test', 'other.example.test'] as const

export async function startFront(ca: CertificateAuthority, host: (typeof HOSTS)[number]): Promise<Front> {
  let port = 0
  const certificate = await ca.issue([host])
  const server = await listenHttps({ certificate, host: '127.0.0.1', port: 0 }, (request, response) => {
    const { method = 'GET', url: path = '/', headers } = request
    const onward = send({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  return {
    url: `https://${host}:${new URL(server.url).port}`,
    lead: (to) => {
      port = to
    },
    stop: server.stop,
  }
}
