import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { openTunnel } from './tunnel.ts'

/** Where a connection goes, by what, and whom it trusts. */
export type Way = {
  /** An address without brackets, or a name. */
  readonly host: string
  readonly port: number
  /** PEM, in place of the public authorities. */
  readonly ca?: string | undefined
  /** An http or https URL. */
  readonly proxy?: URL | undefined
}

/** Is shown every socket before anything can happen to it, and hands it on. */
export type Watch = <S extends Socket>(socket: S) => S

/** A connection whose peer is verified. Throws WayError for a proxy; what ends a socket, whoever watches it is told. */
export async function openConnection({ proxy, ...way }: Way, watch: Watch): Promise<TLSSocket> {
  if (proxy === undefined) return await secure(way, watch)
  const address = { host: bare(proxy.hostname), port: portOf(proxy) }
  // The authority is of STS; a proxy that has a certificate has one that the public ones vouch for.
  const socket = proxy.protocol === 'https:' ? await secure(address, watch) : await plain(address, watch)
  await openTunnel(socket, way)
  return await secure({ ...way, socket }, watch)
}

async function plain(address: { readonly host: string; readonly port: number }, watch: Watch): Promise<Socket> {
  const socket = watch(connect(address))
  await once(socket, 'connect')
  return socket
}

type Secured = Omit<Way, 'proxy'> & { readonly socket?: Socket }

async function secure({ host, port, ca, socket }: Secured, watch: Watch): Promise<TLSSocket> {
  const options = {
    host,
    // An address is no name that a server could choose a certificate by (RFC 6066, section 3).
    servername: isIP(host) === 0 ? host : '',
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    // Else NODE_TLS_REJECT_UNAUTHORIZED decides.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(socket === undefined ? { port } : { socket }),
  } as const
  const secured = watch(connectTls(options))
  await once(secured, 'secureConnect')
  return secured
}

/** `node:net` takes addresses without the brackets that they have in a URL. */
export const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

/** A URL has none where it is the usual one. */
export const portOf = ({ port, protocol }: URL): number =>
  Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port)
