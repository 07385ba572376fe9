import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import type { Fault } from './faults.ts'
import { type Answered, createStore, type Json, type Selects, type StoredEvent, statusOf } from './store.ts'
import { asItIs, readUrl, type Shape, shapeOf } from './urls.ts'

export const authority = await createCertificateAuthority({ name: 'cluster', now: Date.now })
const pair = await authority.issue(['127.0.0.1', 'localhost', '::1'])

/** No part of it may be seen anywhere but in the request. */
export const canary = 'eyJhbGciOiJSUzI1NiJ9.c4n4ryPayload_c4n4ryPayload.c4n4rySignature_c4n4rySignature'

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string }
export type ApiServer = Awaited<ReturnType<typeof startApiServer>>

type AtEnd = (end: () => Promise<void>) => void
type ApiServerOptions = { readonly host?: string; readonly atEnd?: AtEnd }

/**
 * What a real API server does with the few requests that Lanyard makes, as tried on 1.36: resource versions, patches under
 * an optimistic lock, lists by name and in pages, metadata alone for who asks for that, watches with bookmarks that end, and
 * versions that become too old. Until the test ends.
 */
export async function startApiServer({ host = '127.0.0.1', atEnd = onTestFinished }: ApiServerOptions = {}) {
  const seen: Seen[] = []
  const watches = new Set<OpenWatch>()
  const faults: { readonly of: RegExp; readonly act: Fault }[] = []
  const media = { shapeOf }
  const tokens = { accepted: [canary] }
  const awaited: { count: number; resolve: () => void }[] = []
  const store = createStore(() => {
    for (const watch of watches) watch.tell(store.since(watch.at()))
  })

  const startWatch = (response: ServerResponse, wanted: Wanted, from: string): void => {
    const watch = openWatch(response, wanted, Number(from))
    watches.add(watch)
    response.on('close', () => watches.delete(watch))
    watch.tell(store.since(watch.at()))
  }
  const answer = ({ headers, method, url }: IncomingMessage, response: ServerResponse, body: string): void => {
    const { pathname, selects, watched, paging } = readUrl(url)
    const shape = media.shapeOf(headers.accept)
    if (!isAccepted(headers.authorization, tokens.accepted)) send(response, statusOf(401, 'Unauthorized'))
    else if (method === 'PATCH') send(response, store.patch(pathname, body))
    else if (selects === undefined) send(response, store.read(pathname), shape)
    else if (watched === undefined) send(response, store.list(selects, paging), shape)
    else if (store.isTooOld(watched)) send(response, statusOf(410, `too old resource version: ${watched}`))
    else startWatch(response, { pathname, selects, shape }, watched)
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body })
    const at = faults.findIndex(({ of }) => of.test(url))
    const [fault] = at < 0 ? [] : faults.splice(at, 1)
    const goOn = (): void => answer(request, response, body)
    if (fault === undefined) goOn()
    else fault.act(request, response, goOn)
    for (const each of awaited) if (seen.length >= each.count) each.resolve()
  }

  const { port, sockets, connections, stop } = await listen(
    host,
    (request, response) => void handle(request, response),
    atEnd,
  )
  return {
    ...store,
    port,
    seen,
    watches,
    sockets,
    connections,
    stop,
    /** As behind a proxy that hands no Accept on. */
    ignoreAccept: () => {
      media.shapeOf = () => asItIs
    },
    accept: (...accepted: string[]) => {
      tokens.accepted = accepted
    },
    /** The next requests go wrong, in this order. */
    fail: (...next: Fault[]) => void faults.push(...next.map((act) => ({ of: /./, act }))),
    /** The next requests for such a URL. */
    failOn: (of: RegExp, ...next: Fault[]) => void faults.push(...next.map((act) => ({ of, act }))),
    /** When so many requests have come, and been answered or not, since the start. */
    asked: (count: number) =>
      new Promise<void>((resolve) => {
        if (seen.length >= count) resolve()
        else awaited.push({ count, resolve })
      }),
    /** The watch that is open, of the path if one is named. */
    watch: (path?: string) => {
      const only = [...watches].find(({ pathname }) => path === undefined || pathname === path)
      if (only === undefined) throw new Error('no watch is open')
      return only
    },
  }
}

async function listen(
  host: string,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  atEnd: AtEnd,
) {
  // Kept as long as the client likes, as API servers do.
  const server = createServer({ ...pair, keepAliveTimeout: 0 }, handle)
  const sockets = new Set<Socket>()
  let count = 0
  server.on('connection', (socket: Socket) => {
    count += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  atEnd(stop)
  return { port, sockets, connections: () => count, stop }
}

const isAccepted = (header: string | undefined, tokens: readonly string[]): boolean =>
  tokens.some((token) => header === `Bearer ${token}`)

type Wanted = { readonly pathname: string; readonly selects: Selects; readonly shape: Shape }
type OpenWatch = ReturnType<typeof openWatch>

function openWatch(response: ServerResponse, { pathname, selects, shape }: Wanted, from: number) {
  let at = from
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const write = (event: Json): void => {
    response.write(`${JSON.stringify(event)}\n`)
  }
  return {
    response,
    pathname,
    at: () => at,
    write,
    bookmark: (resourceVersion: string) => write({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } }),
    error: (code: number, message: string) => write({ type: 'ERROR', object: statusOf(code, message).body }),
    end: () => void response.end(),
    reset: () => void response.socket?.destroy(),
    tell: (events: readonly StoredEvent[]) => {
      for (const event of events) {
        at = event.version
        if (selects(event.path)) write({ type: event.type, object: shape(event.object) })
      }
    },
  }
}

function send(response: ServerResponse, { code, body }: Answered, shape = asItIs): void {
  const text = JSON.stringify(code === 200 ? shape(body as Json) : body)
  response.writeHead(code, { 'content-type': 'application/json' }).end(text)
}
