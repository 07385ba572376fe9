import { once } from 'node:events'
import { connect } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { type CertificatePair, certificateFiles, checkCertificate } from '../../../src/webhook/index.ts'
import { send } from './client.ts'
import { body, ca, host, pair, start } from './tlsServer.ts'

describe('certificates', () => {
  const servedBy = async (port: number): Promise<string> => {
    const socket = connect({ host, port, ca: ca.pem })
    await once(socket, 'secureConnect')
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }

  test('the expiration is told in Unix seconds', async () => {
    const { metrics } = await start()
    expect(metrics.expirations).toEqual([checkCertificate(pair).expires / 1_000])
    expect(metrics.expirations[0]).toBeGreaterThan(Date.now() / 1_000)
  })

  test('from files are replaced without a restart; a broken or half-written pair is not served', async () => {
    const files: Record<string, string> = { crt: pair.cert, key: pair.key }
    const read = async (path: string): Promise<string> => files[path] ?? ''
    const source = await certificateFiles({ certFile: 'crt', keyFile: 'key', read })
    const { port, log, metrics } = await start({ tls: source })
    const first = await servedBy(port)
    expect(await source.reload()).toBe('unchanged')

    const next = await ca.issue([host])
    files['crt'] = next.cert
    await expect(source.reload()).rejects.toMatchObject({ code: 'CertificateInvalid' })
    expect(await servedBy(port)).toBe(first)

    files['key'] = next.key
    expect(await source.reload()).toBe('changed')
    expect(await servedBy(port)).not.toBe(first)
    expect(source.current()).toEqual(next)
    expect(metrics.expirations).toHaveLength(2)
    const told = log.lines.filter(({ level }) => level !== 'debug')
    expect(told).toMatchObject([{ level: 'info', event: 'serving certificate replaced' }])
  })

  test('a source that offers an unusable pair is told, and the old one goes on', async () => {
    let offer: ((next: CertificatePair) => void) | undefined
    let unfollowed = false
    const tls = {
      current: () => pair,
      onChange(listener: (next: CertificatePair) => void) {
        offer = listener
        return () => {
          unfollowed = true
        }
      },
    }
    const { server, port, log } = await start({ tls })
    offer?.({ cert: 'x', key: 'y' })
    expect(log.lines).toMatchObject([{ level: 'error', event: 'new serving certificate refused' }])
    expect((await send({ port, ca: ca.pem, body })).status).toBe(200)
    const finished = server.finish()
    server.abort()
    await finished
    expect(unfollowed).toBe(true)
  })

  test('a listener that has unsubscribed is told nothing', async () => {
    const files: Record<string, string> = { crt: pair.cert, key: pair.key }
    const source = await certificateFiles({ certFile: 'crt', keyFile: 'key', read: async (path) => files[path] ?? '' })
    source.onChange(() => expect.unreachable())()
    Object.assign(files, await ca.issue([host]).then(({ cert, key }) => ({ crt: cert, key })))
    expect(await source.reload()).toBe('changed')
  })

  describe('that cannot be used', () => {
    const cases: [string, () => Promise<CertificatePair> | CertificatePair, string][] = [
      ['nothing', () => ({ cert: '', key: pair.key }), 'tls.certFile'],
      ['a certificate that is no PEM', () => ({ cert: 'CANARY', key: pair.key }), 'tls.certFile'],
      ['half a certificate', () => ({ cert: pair.cert.slice(0, 200), key: pair.key }), 'tls.certFile'],
      [
        'a chain with a broken end',
        () => ({ ...pair, cert: `${pair.cert}${pair.cert.replaceAll('A', '!')}` }),
        'tls.certFile',
      ],
      ['a key that is no PEM', () => ({ cert: pair.cert, key: 'CANARY' }), 'tls.keyFile'],
      ['the certificate as key', () => ({ cert: pair.cert, key: pair.cert }), 'tls.keyFile'],
      ['the key of another', async () => ({ cert: pair.cert, key: (await ca.issue([host])).key }), 'tls.keyFile'],
    ]

    test.each(cases)('%s stops the start with CertificateInvalid', async (_what, make, field) => {
      const failure = await start({ tls: await make() }).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'CertificateInvalid', problems: [{ field }] })
      expect(String(failure)).not.toContain('CANARY')
    })
  })
})
