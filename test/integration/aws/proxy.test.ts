import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { call, connectBy, failureOf, implementations, type Raw, startRaw, successXml } from './support.ts'
import { openTunnel, type Tunnel } from './tunnel.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const startProxy = (status?: number): Promise<Tunnel> => openTunnel((end) => ends.push(end), status)

async function startServer(): Promise<Raw> {
  const raw = await startRaw((response) => response.end(successXml()))
  ends.push(() => raw.stop())
  return raw
}

describe.each(implementations)('by %s and a proxy', (_, open) => {
  const connect = connectBy(open)

  it('the call goes through its tunnel, and STS is verified behind it', async () => {
    const [proxy, raw] = [await startProxy(), await startServer()]
    expect((await call(connect(raw.url, { proxy: proxy.url }))).accessKeyId).toBe('ASIAEXAMPLE')
    expect(proxy.asked).toEqual([new URL(raw.url).host])
    expect((await failureOf(call(connect(raw.url, { proxy: proxy.url, ca: undefined })))).code).toBe('StsUntrusted')
  })

  it('an answer may end with the connection', async () => {
    const proxy = await startProxy()
    const raw = await startRaw((_, socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${successXml()}`))
    ends.push(() => raw.stop())
    for (const more of [{ proxy: proxy.url }, {}])
      expect((await call(connect(raw.url, more))).accessKeyId).toBe('ASIAEXAMPLE')
  })

  it.each([['127.0.0.1'], ['.example.com', '127.0.0.1'], ['*'], ['127.0.0.0-127.0.0.9']])(
    'but not where that is excepted: %s',
    async (...noProxy) => {
      const [proxy, raw] = [await startProxy(), await startServer()]
      expect((await call(connect(raw.url, { proxy: proxy.url, noProxy }))).accessKeyId).toBe('ASIAEXAMPLE')
      expect(proxy.asked).toEqual([])
    },
  )

  it('StsUnreachable: it makes no connection', async () => {
    const [proxy, raw] = [await startProxy(403), await startServer()]
    const failure = await failureOf(call(connect(raw.url, { proxy: proxy.url })))
    expect(failure.code).toBe('StsUnreachable')
    expect(failure.message).toContain('the proxy')
    expect(raw.seen).toEqual([])
  })

  it('StsUnreachable: nobody is there', async () => {
    const { url } = await startServer()
    const failure = await failureOf(call(connect(url, { proxy: 'http://127.0.0.1:1' })))
    expect(failure.code).toBe('StsUnreachable')
  })

  it('StsTimeout: it does not answer', async () => {
    const silent = createServer().on('connect', (_, socket) => void ends.push(() => socket.destroy()))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    ends.push(() => silent.close())
    const proxy = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const failure = await failureOf(call(connect('https://127.0.0.1:1', { proxy, totalTimeout: 500 })))
    expect(failure.code).toBe('StsTimeout')
  })
})
