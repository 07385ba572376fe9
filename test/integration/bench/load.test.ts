import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Load, startLoader } from '../../bench/support/load.ts'

const REQUEST = 'GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'

/** A server, and a loader for it. */
async function serve(
  listener: RequestListener,
): Promise<(load: Partial<Load>) => ReturnType<ReturnType<typeof startLoader>>> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const load = startLoader((end) => onTestFinished(async () => void (await end())))
  const { port } = server.address() as AddressInfo
  return (more) => load({ port, request: REQUEST, expect: '"Success"', connections: 1, requests: 10, ...more })
}

const answer =
  (body: string): RequestListener =>
  (_, response) =>
    void response.setHeader('Content-Length', body.length).end(body)

describe('the loader', () => {
  test('asks exactly as often as it is told, and no connection more', async () => {
    const sockets = new Set<unknown>()
    let asked = 0
    const load = await serve((request, response) => {
      sockets.add(request.socket)
      asked += 1
      answer('{"Code":"Success"}')(request, response)
    })
    const loaded = await load({ connections: 4, requests: 103 })
    expect([loaded.requests, asked, sockets.size]).toEqual([103, 103, 4])
    expect(loaded.p50).toBeLessThanOrEqual(loaded.p99)
    expect(loaded.p99).toBeLessThanOrEqual(loaded.p999)
  })

  test('puts an answer together that comes in parts, and takes one that has another length', async () => {
    let turn = 0
    const load = await serve((_, response) => {
      turn += 1
      const body = `{"Code":"Success","pad":"${'x'.repeat(turn * 997)}"}`
      response.setHeader('Content-Length', body.length)
      response.flushHeaders()
      response.write(body.slice(0, 12))
      setImmediate(() => response.end(body.slice(12)))
    })
    expect((await load({ requests: 30 })).requests).toBe(30)
  })

  test('fails by what it was answered, and can be used again', async () => {
    let turn = 0
    const load = await serve((request, response) => {
      turn += 1
      answer(turn === 5 ? '{"Code":"Expired"}' : '{"Code":"Success"}')(request, response)
    })
    await expect(load({ connections: 2 })).rejects.toThrow('something else than an answer: HTTP/1.1 200 OK')
    expect((await load({ requests: 3 })).requests).toBe(3)
  })

  test.each<[string, RequestListener, RegExp]>([
    ['closes', (request) => void request.socket.destroy(), /the server closed a connection/],
    ['says no length', (_, response) => void response.write('{"Code":"Success"}'), /an answer without Content-Length/],
  ])('fails where the server %s', async (_, listener, message) => {
    await expect((await serve(listener))({})).rejects.toThrow(message)
  })
})
