import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import type { OutboundOptions } from '../../../src/outbound/index.ts'
import { createCertificateAuthority } from '../../../src/testbed/certificates.ts'
import { canary, never, noon, open, secretly, serve } from './support.ts'

/** How a request fails, after a look for anything of it in the failure. */
async function failureOf(
  url: string,
  change: Partial<OutboundOptions> = {},
  signal: AbortSignal = never,
): Promise<Failure> {
  const outbound = await open(change)
  const thrown = await outbound(secretly(url), signal).then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw thrown
  const shown = [thrown.message, thrown.stack, JSON.stringify(thrown), String(thrown.cause)].join('\n')
  expect(shown).not.toContain(canary)
  return thrown
}

/** A TCP server for one test, which closes what is still open. */
async function serveTcp(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

describe('an outbound request', () => {
  it('sends what it is told and gives the whole answer', async () => {
    const url = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        response.writeHead(401, { 'content-type': 'application/json', 'x-two': ['a', 'b'] })
        response.end(JSON.stringify({ method: request.method, path: request.url, headers: request.headers, body }))
      })
    })
    const answer = await (await open())(
      { method: 'POST', url: `${url}/token?a=b`, headers: { accept: 'application/json' }, body: 'grant=ünïcode' },
      never,
    )
    expect(answer).toMatchObject({ status: 401, localTime: noon })
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-two': 'a, b' })
    expect(JSON.parse(answer.body)).toEqual({
      method: 'POST',
      path: '/token?a=b',
      body: 'grant=ünïcode',
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        connection: 'close',
        'content-length': '15',
        host: url.slice('https://'.length),
        'user-agent': 'lanyard/1.2.3',
      },
    })
  })

  it('gets without a body, without a version', async () => {
    const url = await serve((request, response) => response.end(`${request.method} ${request.headers['user-agent']}`))
    const outbound = await open({ version: undefined })
    expect((await outbound({ method: 'GET', url }, never)).body).toBe('GET lanyard')
  })

  it.each(['http://127.0.0.1:1/token', 'https://user:pw@127.0.0.1:1/token', 'file:///etc/passwd', 'nonsense'])(
    'refuses the address %s before anything is sent',
    async (url) => {
      const failure = await (await open())({ method: 'GET', url }, never).catch((thrown: unknown) => thrown)
      expect(failure).toMatchObject({ code: 'ProviderAddressInvalid', retry: 'slow' })
      expect(String(failure)).not.toContain('pw')
    },
  )
})

describe('the answer of an outbound request', () => {
  const refused: readonly [string, string, RequestListener, string][] = [
    [
      'a redirect',
      'ProviderRedirects',
      (_request, response) =>
        response.writeHead(302, { location: `https://elsewhere.example.com/in?was=${canary}` }).end(),
      'redirects (HTTP 302) to https://elsewhere.example.com/in.',
    ],
    [
      'a redirect to nowhere',
      'ProviderRedirects',
      (_request, response) => response.writeHead(307).end(),
      'redirects (HTTP 307).',
    ],
    [
      'a relative redirect',
      'ProviderRedirects',
      (_request, response) => response.writeHead(301, { location: '/login' }).end(),
      '/login',
    ],
    [
      'a body that is announced too large',
      'ProviderAnswerTooLarge',
      (_request, response) => response.writeHead(200, { 'content-length': '4001' }).write('x'),
      'longer than 4000 bytes',
    ],
    [
      'a body without an end',
      'ProviderAnswerTooLarge',
      (_request, response) => {
        const more = (): void => void (response.destroyed || response.write('x'.repeat(1_000), more))
        more()
      },
      'longer than 4000 bytes',
    ],
    [
      'headers without an end',
      'ProviderAnswerInvalid',
      ({ socket }) => {
        socket.on('error', () => {})
        socket.write(`HTTP/1.1 200 OK\r\n${`x-filler: ${'x'.repeat(1_000)}\r\n`.repeat(100)}`)
      },
      'HPE_HEADER_OVERFLOW',
    ],
    [
      'what is compressed, since a few bytes of it can be any size',
      'ProviderAnswerInvalid',
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x')),
      'content encoding',
    ],
    [
      'what is no UTF-8',
      'ProviderAnswerInvalid',
      (_request, response) => response.end(Buffer.from([0xff, 0xfe])),
      'no UTF-8',
    ],
    [
      'what breaks off',
      'ProviderUnreachable',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half', () => response.destroy())
      },
      'it broke',
    ],
    ['no answer at all', 'ProviderUnreachable', (request) => request.socket.destroy(), 'ECONNRESET'],
  ]
  it.each(refused)('is refused: %s', async (_name, code, listener, words) => {
    const url = await serve(listener)
    const failure = await failureOf(`${url}/token`)
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(words)
    expect(failure.message).toContain(`${url}/token`)
  })
})

describe('an end in time', () => {
  it.each<[string, RequestListener]>([
    ['no answer', () => {}],
    ['a body that hangs', (_request, response) => void response.writeHead(200).write('{"access')],
    [
      'a body that trickles',
      (_request, response) => {
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      },
    ],
  ])('covers %s', async (_name, listener) => {
    const failure = await failureOf(`${await serve(listener)}/token`, { totalTimeout: 300 })
    expect(failure.code).toBe('ProviderTimeout')
    expect(failure.message).toContain('no answer within 300 ms')
  })

  it('covers a connection on which nobody speaks TLS', async () => {
    const port = await serveTcp(createTcpServer())
    const failure = await failureOf(`https://127.0.0.1:${port}/token`, { connectTimeout: 300 })
    expect(failure.code).toBe('ProviderTimeout')
    expect(failure.message).toContain('no connection within 300 ms')
  })

  it('is not that of the connection once it stands', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const url = await serve((_request, response) => {
      vi.advanceTimersByTime(14_999)
      response.end('late')
    })
    expect((await (await open())({ method: 'GET', url }, never)).body).toBe('late')
  })

  it('is also that whoever asked gives up, before it or in its midst', async () => {
    const asked = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    const url = await serve((request) => {
      request.on('close', closed.resolve)
      asked.resolve()
    })
    const controller = new AbortController()
    const failing = failureOf(url, {}, controller.signal)
    await asked.promise
    controller.abort()
    expect((await failing).message).toContain('given up')
    // Nothing stays open.
    await closed.promise
    expect((await failureOf(url, {}, controller.signal)).code).toBe('ProviderTimeout')
  })
})

describe('trust', () => {
  it('is in the given authority alone, whatever the environment says', async () => {
    const url = await serve((_request, response) => response.end())
    const stranger = await createCertificateAuthority({ name: 'stranger', now: Date.now })
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    onTestFinished(() => void vi.unstubAllEnvs())
    for (const ca of [stranger.pem, undefined]) {
      const failure = await failureOf(`${url}/token`, { ca })
      expect(failure).toMatchObject({ code: 'ProviderUntrusted', retry: 'slow' })
    }
  })

  it('is in the name as well', async () => {
    const url = await serve((_request, response) => response.end(), '0.0.0.0')
    const other = url.replace('0.0.0.0', '127.0.0.2')
    // All of 127/8 is the loopback, and the certificate is for one address of it.
    expect((await failureOf(other)).code).toBe('ProviderUntrusted')
  })

  it('is not in what does not speak https', async () => {
    const port = await serveTcp(createHttpServer((_request, response) => response.end('plain')))
    expect((await failureOf(`https://127.0.0.1:${port}`)).code).toBe('ProviderAnswerInvalid')
  })

  it('needs somebody who listens', async () => {
    const port = await serveTcp(createTcpServer((socket) => socket.destroy()))
    expect((await failureOf(`https://127.0.0.1:${port}`)).code).toBe('ProviderUnreachable')
    expect((await failureOf('https://nowhere.invalid')).code).toBe('ProviderUnreachable')
  })

  it.each(['nonsense', '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----'])(
    'needs authorities that are some: %s',
    async (ca) => {
      await expect(open({ ca })).rejects.toMatchObject({ code: 'SettingInvalid' })
    },
  )
})

describe('a proxy', () => {
  /** One that lets every tunnel through to `upstream`, and tells of them. */
  async function startProxy(upstream: string, status = 200): Promise<{ url: string; tunnels: string[] }> {
    const tunnels: string[] = []
    const server = createHttpServer()
    server.on('connect', (request, client: Socket) => {
      tunnels.push(`${request.url}`)
      client.on('error', () => {})
      if (status !== 200) return void client.end(`HTTP/1.1 ${status} no\r\ncontent-length: 0\r\n\r\n`)
      const target = connect(Number(new URL(upstream).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        target.pipe(client).pipe(target)
      })
      target.on('error', () => client.destroy())
    })
    return { url: `http://127.0.0.1:${await serveTcp(server)}`, tunnels }
  }

  it('is where calls go out, but for the hosts that are to be asked without it', async () => {
    const url = await serve((_request, response) => response.end('through'))
    const proxy = await startProxy(url)
    const { port } = new URL(url)
    const outbound = await open({ proxy: proxy.url })
    expect((await outbound({ method: 'GET', url: `https://localhost:${port}/` }, never)).body).toBe('through')
    expect(proxy.tunnels).toEqual([`localhost:${port}`])
    const straight = await open({ proxy: proxy.url, noProxy: ['127.0.0.1'] })
    expect((await straight({ method: 'GET', url }, never)).body).toBe('through')
    expect(proxy.tunnels).toHaveLength(1)
  })

  it('is only the one that is configured', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1')
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    onTestFinished(() => void vi.unstubAllEnvs())
    const url = await serve((_request, response) => response.end('straight'))
    expect((await (await open())({ method: 'GET', url }, never)).body).toBe('straight')
  })

  it('that refuses is named by what it says, and one that hangs by the time', async () => {
    const url = await serve((_request, response) => response.end())
    const refusing = await failureOf(url, { proxy: (await startProxy(url, 407)).url })
    expect(refusing.code).toBe('ProviderUnreachable')
    expect(refusing.message).toContain('the proxy makes no connection')
    const closed = Promise.withResolvers<void>()
    const silent = createTcpServer((socket) => socket.on('close', closed.resolve).resume())
    const hanging = `http://127.0.0.1:${await serveTcp(silent)}`
    expect((await failureOf(url, { proxy: hanging, connectTimeout: 300 })).code).toBe('ProviderTimeout')
    // Node alone would leave it open.
    await closed.promise
  })
})
