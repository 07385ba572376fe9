import { isIPv4, isIPv6, type Socket } from 'node:net'
import { WayError } from './wayError.ts'

const HEAD_END = '\r\n\r\n'
const MOST_OF_HEAD = 16_384

/** Has a proxy connect the socket to an address (RFC 9110, section 9.3.6). Throws WayError where it does not. */
export function openTunnel(socket: Socket, to: { readonly host: string; readonly port: number }): Promise<void> {
  const authority = `${isIPv6(to.host) ? `[${to.host}]` : to.host}:${to.port}`
  return new Promise((resolve, reject) => {
    let head = ''
    const read = (bytes: Buffer): void => {
      head += bytes.toString('latin1')
      if (!head.includes(HEAD_END) && head.length <= MOST_OF_HEAD) return
      socket.removeListener('data', read)
      // Behind it nobody may have said anything yet: STS speaks once it is spoken to.
      if (/^HTTP\/1\.[01] 2\d\d[ \r]/.test(head) && head.endsWith(HEAD_END)) resolve()
      else reject(new WayError('ERR_PROXY_TUNNEL'))
    }
    socket.on('data', read)
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}${HEAD_END}`)
  })
}

/**
 * Whether an address is asked without the proxy, as Node reads NO_PROXY (Node.js API, http.Agent, option proxyEnv): `*`, a
 * host, a host with a port, a suffix that begins with a dot or with `*.`, or a range of IPv4 addresses such as
 * `10.0.0.1-10.0.0.9`; addresses are compared as they are written.
 */
export function isExcepted(host: string, port: number, noProxy: readonly string[]): boolean {
  const name = host.toLowerCase()
  return noProxy.some((written) => {
    const entry = written.toLowerCase()
    if (entry === '*') return true
    const suffix = /^\*?(\..+)$/.exec(entry)?.[1]
    if (suffix !== undefined) return name === suffix.slice(1) || name.endsWith(suffix)
    if (isInRange(name, entry)) return true
    return [name, `${name}:${port}`, `[${name}]`, `[${name}]:${port}`].includes(entry)
  })
}

function isInRange(address: string, entry: string): boolean {
  const [first = '', last = '', ...others] = entry.split('-')
  if (others.length > 0 || ![address, first, last].every(isIPv4)) return false
  return numberOf(first) <= numberOf(address) && numberOf(address) <= numberOf(last)
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
