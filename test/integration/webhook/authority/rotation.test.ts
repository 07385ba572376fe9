import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createMint } from '../../../../src/webhook/authority/mint.ts'
import { type CertificatePair, secureContextOf } from '../../../../src/webhook/tls.ts'
import { HOST } from '../../../unit/webhook/authority/checks.ts'
import { createWorld, MINUTE, SECOND, settings } from '../../../unit/webhook/authority/world.ts'

async function serve(pair: CertificatePair): Promise<{ server: Server; port: number }> {
  const server = createServer(secureContextOf(pair), (socket) => socket.end())
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { server, port: (server.address() as AddressInfo).port }
}

/** What an API server with that bundle finds wrong, if anything. */
function whyRefused(port: number, ca: string, servername: string = HOST): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = connect({ host: '127.0.0.1', port, ca, servername, minVersion: 'TLSv1.2' })
  socket.once('secureConnect', () => resolve(undefined))
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(`${error.code}: ${error.message}`))
  return promise.finally(() => socket.destroy())
}

/**
 * The client's clock is the true one, so the virtual one runs ahead of it, by no more than certificates are back-dated: in
 * these minutes authorities of two minutes turn four times.
 */
test('a TLS client with the bundle that was there before the settling finds nothing wrong through four turns', async () => {
  const short = { caLifetime: 2 * MINUTE, certificateLifetime: MINUTE }
  const world = createWorld({ settings: short, start: Date.now() + 10 * SECOND })
  const replicas = [world.start(), world.start()]
  await world.advance(2 * settings.settle)
  const served = await Promise.all(replicas.map(({ authority }) => serve(authority.current())))
  for (const [index, { authority }] of replicas.entries()) {
    authority.onChange((pair) => served[index]?.server.setSecureContext(secureContextOf(pair)))
  }
  for (let at = 0; at < 4 * MINUTE; at += 5 * SECOND) {
    await world.advance(5 * SECOND)
    for (const bundle of new Set(world.cluster.believed(settings.settle - 1))) {
      const refusals = await Promise.all(served.map(({ port }) => whyRefused(port, bundle)))
      expect(refusals).toEqual([undefined, undefined])
    }
  }
  for (const { caExpires } of replicas) expect(new Set(caExpires).size).toBeGreaterThanOrEqual(5)
})

test('an authority that was stolen signs for no other name', async () => {
  const validity = { created: Date.now(), expires: Date.now() + MINUTE }
  const made = await createMint(settings).authority(validity)
  const stolen = { ...made, ...validity, id: 'stolen', until: undefined }
  const other = { service: 'payments', namespace: 'shop' }
  const ours = await serve(await createMint(settings).leaf(stolen, validity.expires))
  const theirs = await serve(await createMint(other).leaf(stolen, validity.expires))
  expect(await whyRefused(ours.port, made.cert)).toBeUndefined()
  expect(await whyRefused(ours.port, made.cert, 'payments.shop.svc')).toMatch(/ALTNAME_INVALID/)
  expect(await whyRefused(theirs.port, made.cert, 'payments.shop.svc')).toMatch(/permitted subtree violation/)
  expect(await whyRefused(ours.port, (await createMint(settings).authority(validity)).cert)).toMatch(/UNABLE_TO_VERIFY/)
})
