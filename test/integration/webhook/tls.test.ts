import { once } from 'node:events'
import { Agent } from 'node:https'
import { createServer, connect as tcp } from 'node:net'
import { connect } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { secureContextOf } from '../../../src/webhook/tls.ts'
import { open, send } from './client.ts'
import { body, ca, ending, host, limits, pair, raw, start } from './tlsServer.ts'

describe('connections', () => {
  test('speak TLS and are kept alive from one review to the next', async () => {
    const { port } = await start()
    const agent = ending(new Agent({ keepAlive: true, maxSockets: 1 }))
    const ports = new Set<number | undefined>()
    for (let at = 0; at < 3; at += 1) {
      const { request, reply } = open({ port, ca: ca.pem, agent })
      request.end(body)
      const { status, headers } = await reply
      ports.add(request.socket?.localPort)
      expect([status, headers['connection']]).toEqual([200, 'keep-alive'])
      expect(headers['keep-alive']).toBe('timeout=120')
    }
    expect(ports.size).toBe(1)
  })

  test('that idle outlive the timeouts of a request', async () => {
    const { port } = await start(limits({ headersTimeout: 20, requestTimeout: 30 }))
    const agent = ending(new Agent({ keepAlive: true, maxSockets: 1 }))
    const first = open({ port, ca: ca.pem, agent })
    first.request.end(body)
    await first.reply
    const idle = first.request.socket
    // Another connection meets the timeout meanwhile: that much time has passed.
    expect(await raw(port, 'POST /mutate HTTP/1.1\r\n')).toMatch(/^HTTP\/1\.1 408 /)
    const second = open({ port, ca: ca.pem, agent })
    second.request.end(body)
    expect((await second.reply).status).toBe(200)
    expect(second.request.socket).toBe(idle)
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken', async (version) => {
    const { port } = await start()
    const socket = connect({ host, port, ca: ca.pem, minVersion: version, maxVersion: version })
    await once(socket, 'secureConnect')
    expect(socket.getProtocol()).toBe(version)
    socket.destroy()
  })

  test('TLS 1.1 is not', async () => {
    // OpenSSL may have its own reasons to refuse it, so the setting is looked at as well.
    expect(secureContextOf(pair).minVersion).toBe('TLSv1.2')
    const { port, log } = await start()
    const ciphers = 'DEFAULT@SECLEVEL=0'
    const socket = connect({ host, port, ca: ca.pem, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers })
    const [error] = await once(socket, 'error')
    expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
    const fields = { reason: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }
    expect(log.lines).toEqual([{ level: 'warn', event: 'tls handshake failed', fields }])
  })

  test('beyond the cap are not taken', async () => {
    const { port } = await start(limits({ maxConnections: 1 }))
    const first = connect({ host, port, ca: ca.pem })
    await once(first, 'secureConnect')
    const second = tcp({ host, port })
    second.resume()
    await once(second, 'close')
    first.destroy()
  })
})

describe('slow and broken clients', () => {
  test('a body that does not end in time is answered 408', async () => {
    const { port } = await start(limits({ requestTimeout: 50, headersTimeout: 50 }))
    const head = `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`
    const received = await raw(port, `${head}\r\n${body.slice(0, 10)}`)
    expect(received).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(received).toMatch(/"code":"ReviewMalformed"/)
  })

  test('a head that does not end in time is answered 408, long before the body would have to', async () => {
    const { port } = await start(limits({ requestTimeout: 600_000, headersTimeout: 20 }))
    expect(await raw(port, 'POST /mutate HTTP/1.1\r\nX: ')).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('a head that is no HTTP is answered 400, one that is too long 431', async () => {
    const { port } = await start()
    expect(await raw(port, '\u0000\u0001 nonsense\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close\r\n\r\n\{"code"/,
    )
    expect(await raw(port, `GET /mutate HTTP/1.1\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('who says nothing at all is cut off', async () => {
    const { port } = await start(limits({ handshakeTimeout: 20 }))
    const socket = tcp({ host, port })
    socket.resume()
    await once(socket, 'close')
  })

  test('who leaves in the middle of a review harms nobody', async () => {
    const { port, log } = await start()
    const { request } = open({
      port,
      ca: ca.pem,
      headers: { 'content-type': 'application/json', 'content-length': '999' },
    })
    request.write(body.slice(0, 10), () => request.destroy())
    await new Promise((resolve) => request.once('close', resolve))
    expect((await send({ port, ca: ca.pem, body })).status).toBe(200)
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('failed handshakes are told once a minute per kind', async () => {
    const { port, log, clock } = await start()
    const fail = async (): Promise<void> => {
      const socket = tcp({ host, port })
      socket.on('error', () => {})
      socket.resume()
      socket.write('GET / HTTP/1.1\r\n\r\n')
      await once(socket, 'close')
    }
    for (let at = 0; at < 3; at += 1) await fail()
    expect(log.lines).toEqual([
      { level: 'warn', event: 'tls handshake failed', fields: { reason: 'ERR_SSL_HTTP_REQUEST' } },
    ])
    clock.value = 60_000
    await fail()
    expect(log.lines).toHaveLength(2)
  })
})

describe('a port that cannot be had', () => {
  test('is PortInUse and names the setting', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, host, resolve))
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(start({ port })).rejects.toMatchObject({
      code: 'PortInUse',
      problems: [{ field: 'webhook.port', message: expect.stringContaining(String(port)) }],
    })
  })

  test('is ListenFailed where the address is not ours', async () => {
    await expect(start({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'ListenFailed',
      problems: [{ field: 'webhook.port', message: expect.stringContaining('EADDRNOTAVAIL') }],
    })
  })
})
