import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, connect as openSocket, type Server, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { createDirectSts } from '../../../src/stsDirect/index.ts'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { authority, call, connectBy, failureOf, request, startRaw, successXml } from './support.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function portOf(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  ends.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** Whoever connects is told this, and the connection stays. */
function telling(text: string): Promise<number> {
  const server = createServer((socket) => {
    ends.push(() => socket.destroy())
    socket.on('error', () => {}).write(text)
  })
  return portOf(server)
}

describe('by TLS alone', () => {
  const connect = connectBy(createDirectSts)

  it('StsTimeout: a connection, but no TLS on it', async () => {
    const port = await telling('')
    const failure = await failureOf(call(connect(`https://127.0.0.1:${port}`, { connectTimeout: 300 })))
    expect(failure.code).toBe('StsTimeout')
    expect(failure.message).toContain('no connection within 300 ms')
  })

  it('StsAnswerInvalid: TLS, but no HTTP in it', async () => {
    const raw = await startRaw((_, socket) => socket.end('220 mail.example.com ESMTP\r\n\r\n'))
    ends.push(raw.stop)
    const failure = await failureOf(call(connect(raw.url)))
    expect(failure.code).toBe('StsAnswerInvalid')
    expect(failure.message).toContain('something else than HTTP')
  })

  it('StsUnreachable: a proxy that says more than that it connects', async () => {
    const port = await telling('HTTP/1.1 200 OK\r\n\r\nSSH-2.0')
    const failure = await failureOf(call(connect('https://127.0.0.1:1', { proxy: `http://127.0.0.1:${port}` })))
    expect(failure.code).toBe('StsUnreachable')
    expect(failure.message).toContain('the proxy')
  })

  it('StsUnreachable: a proxy whose answer has no end', async () => {
    const port = await telling(`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(20_000)}`)
    const failure = await failureOf(call(connect('https://127.0.0.1:1', { proxy: `http://127.0.0.1:${port}` })))
    expect(failure.code).toBe('StsUnreachable')
  })

  it('StsUntrusted: a proxy with a certificate that the public authorities do not know', async () => {
    let asked = false
    const proxy = createHttpsServer(await authority.issue(['127.0.0.1'])).on('connect', () => {
      asked = true
    })
    const port = await portOf(proxy)
    const failure = await failureOf(call(connect('https://127.0.0.1:1', { proxy: `https://127.0.0.1:${port}` })))
    expect(failure.code).toBe('StsUntrusted')
    expect(asked).toBe(false)
  })

  it('tells the server by which name it was asked, and no address', async () => {
    const names: unknown[] = []
    const server = createHttpsServer(await authority.issue(['localhost', '127.0.0.1']), (_, response) =>
      response.end(successXml()),
    ).on('secureConnection', ({ servername }) => names.push(servername))
    const port = await portOf(server)
    for (const host of ['localhost', '127.0.0.1']) await call(connect(`https://${host}:${port}`))
    expect(names).toEqual(['localhost', false])
  })

  it('StsTimeout: TLS, and then a head that never ends', async () => {
    const raw = await startRaw((_, socket) => socket.write('HTTP/1.1 200 OK\r\nDate:'))
    ends.push(raw.stop)
    const failure = await failureOf(call(connect(raw.url, { totalTimeout: 500 })))
    expect(failure.code).toBe('StsTimeout')
    expect(failure.message).toContain('no answer within 500 ms')
  })

  it('StsAnswerInvalid: an answer that sends elsewhere is not followed', async () => {
    const raw = await startRaw((response) => response.writeHead(307, { Location: 'https://127.0.0.1:1/' }).end())
    ends.push(raw.stop)
    expect((await failureOf(call(connect(raw.url)))).code).toBe('StsAnswerInvalid')
    expect(raw.seen).toHaveLength(1)
  })

  it('StsAnswerInvalid: elements where there is to be text', async () => {
    const text = successXml().replace('ASIAEXAMPLE', '<a>ASIAEXAMPLE</a>')
    const raw = await startRaw((response) => response.end(text))
    ends.push(raw.stop)
    expect((await failureOf(call(connect(raw.url)))).code).toBe('StsAnswerInvalid')
  })

  it('goes by TLS to a proxy that the public authorities know, and by TLS of its own through it', async () => {
    const asked: unknown[] = []
    const raw = await startRaw((response) => response.end(successXml()))
    ends.push(raw.stop)
    const [known, usual] = [await createCertificateAuthority({ name: 'public', now: Date.now }), getCACertificates()]
    setDefaultCACertificates([known.pem])
    ends.push(() => setDefaultCACertificates(usual))
    const proxy = createHttpsServer(await known.issue(['127.0.0.1'])).on('connect', ({ url }, socket: Socket) => {
      asked.push(url)
      const there = openSocket(Number(new URL(raw.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        there.pipe(socket).pipe(there)
      })
      for (const each of [there, socket]) ends.push(() => each.on('error', () => {}).destroy())
    })
    const by = { proxy: `https://127.0.0.1:${await portOf(proxy)}` }
    expect((await call(connect(raw.url, by))).accessKeyId).toBe('ASIAEXAMPLE')
    expect(asked).toEqual([new URL(raw.url).host])
    expect((await failureOf(call(connect(raw.url, { ...by, ca: undefined })))).code).toBe('StsUntrusted')
  })

  it('asks a proxy for an address of IPv6', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const server = createServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', (bytes) => {
          resolve(bytes.toString('latin1'))
          socket.end('HTTP/1.1 403 No\r\n\r\n')
        })
    })
    const proxy = `http://127.0.0.1:${await portOf(server)}`
    expect((await failureOf(call(connect('https://[::1]:1', { proxy })))).code).toBe('StsUnreachable')
    expect(await promise).toBe('CONNECT [::1]:1 HTTP/1.1\r\nHost: [::1]:1\r\n\r\n')
  })

  it('asks an address of IPv6', async () => {
    const server = createHttpsServer(await authority.issue(['::1']), (_, response) => response.end(successXml()))
    const port = await portOf(server, '::1')
    expect((await call(connect(`https://[::1]:${port}`))).accessKeyId).toBe('ASIAEXAMPLE')
  })
})

it('knows the one operation alone', async () => {
  const sts = createDirectSts({
    region: 'eu-west-1',
    connectTimeout: 1_000,
    totalTimeout: 1_000,
    now: Date.now,
  })
  const { signal } = new AbortController()
  const { token, ...rest } = request
  const keys = { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' }
  const calls = [
    sts.assumeRole(rest, keys, signal),
    sts.assumeRoleWithSaml({ ...rest, principalArn: 'arn:aws:iam::1:saml-provider/a', assertion: token }, signal),
  ]
  for (const each of calls) expect((await failureOf(each)).code).toBe('Internal')
})
