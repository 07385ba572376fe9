import type { IncomingMessage } from 'node:http'
import type { CertificateAuthority, IssuedCertificate } from '../certificates.ts'
import { listenHttps } from '../httpsServer.ts'

/** What the login servers have in common. */
export type LoginServerOptions = {
  /** Signs the server's TLS certificate. */
  ca: CertificateAuthority
  /** A certificate that is there already, e.g. for a name; without it one for the host is issued. */
  certificate?: IssuedCertificate
  /** The clock, epoch milliseconds. */
  now: () => number
  /** @default '127.0.0.1' */
  host?: string
  /** 0 takes a free one. @default 0 */
  port?: number
}

/** A request, without what no answer looks at. */
export type LoginRequest = { path: string; query: URLSearchParams; headers: IncomingMessage['headers'] }
export type LoginReply = { status: number; content: object }
/** By path. */
export type LoginRoutes = (request: LoginRequest) => LoginReply

/** A request that came, without its token. */
export type LoginRecord = { path: string; status: number }

/** A running server. */
export type LoginServer = {
  url: string
  /** The newest 1,000 requests, oldest first. */
  requests: readonly LoginRecord[]
  stop(): Promise<void>
}

/** Answers GET with JSON. @throws the listen error of node:net, e.g. EADDRINUSE. */
export async function startLoginServer(options: LoginServerOptions, routes: LoginRoutes): Promise<LoginServer> {
  const { ca, certificate, host = '127.0.0.1', port = 0 } = options
  const requests: LoginRecord[] = []
  const identity = certificate === undefined ? { ca } : { certificate }
  const { url, stop } = await listenHttps({ ...identity, host, port }, (request, response) => {
    const [path = '', ...rest] = (request.url ?? '/').split('?')
    const query = new URLSearchParams(rest.join('?'))
    const isRead = request.method === 'GET'
    const { status, content } = isRead
      ? routes({ path, query, headers: request.headers })
      : { status: 405, content: { error: 'invalid_request', error_description: 'Only GET is supported' } }
    requests.push({ path, status })
    if (requests.length > 1000) requests.shift()
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' })
    response.end(JSON.stringify(content))
  })
  return { url, requests, stop }
}

/** The token of an `Authorization: bearer` header, its scheme in any case. */
export function bearerOf({ headers }: LoginRequest): string | undefined {
  return /^bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
}
