import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect as openSocket } from 'node:net'

export type Tunnel = { readonly url: string; readonly asked: readonly string[] }

type OnEnd = (end: () => unknown) => void

/**
 * A proxy that tunnels to where it is asked to (RFC 9110, CONNECT), or answers with that status; `onEnd` takes what closes it,
 * and `places` says which HOST:PORT is elsewhere.
 */
export async function openTunnel(
  onEnd: OnEnd,
  status = 200,
  places: Readonly<Record<string, string>> = {},
): Promise<Tunnel> {
  const asked: string[] = []
  const server = createServer((_, response) => response.writeHead(400).end())
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    socket.on('error', () => {})
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
      return
    }
    const [host = '', port] = (places[request.url ?? ''] ?? request.url ?? '').split(':')
    const there = openSocket(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      there.pipe(socket).pipe(there)
    })
    there.on('error', () => socket.destroy())
    onEnd(() => [there, socket].map((each) => each.destroy()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onEnd(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
