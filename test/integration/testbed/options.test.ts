import { once } from 'node:events'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StsOptions, startIssuer, startSts, trustPolicy } from '../../../src/testbed/index.ts'
import { createSamlKey, metadataOf } from './saml.ts'
import { accountId, createClock, startWorld, type World } from './support.ts'

const clock = createClock()
let world: World
beforeAll(async () => {
  world = await startWorld(clock)
})
afterAll(() => world.stop())

const pair = () => world.ca.issue(['sts.test.svc'])

it('startSts serves a certificate that is given', async () => {
  const certificate = await pair()
  const sts = await startSts({ certificate, now: clock.now, accountId, providers: [], roles: [] })
  const { port } = new URL(sts.url)
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca: world.ca.pem, servername: 'sts.test.svc' })
  await once(socket, 'secureConnect')
  expect(socket.getPeerX509Certificate()?.subjectAltName).toBe('DNS:sts.test.svc')
  await sts.stop()
})

describe('startSts refuses what no account could have', () => {
  const good = trustPolicy({ issuer: 'https://x.test', accountId, namespace: 'a', serviceAccount: 'b' })
  const role = { name: 'web', trustPolicy: good }
  const amazon = { providerId: 'www.amazon.com', tokenInfoUrl: 'https://x.test' }

  it.each([
    [{ accountId: '123' }, 'accountId: 123 is not twelve digits'],
    [{ roles: [role, { ...role, path: '/x/' }] }, 'role web: is there twice'],
    [{ roles: [{ ...role, trustPolicy: { Statement: [] } }] }, 'malformed policy'],
    [
      { logins: [{ providerId: 'accounts.google.com', tokenInfoUrl: 'https://x.test' }] },
      'is not one of www.amazon.com',
    ],
    [{ logins: [{ providerId: 'www.amazon.com', tokenInfoUrl: 'http://x.test' }] }, 'must be an address that begins'],
    [{ logins: [{ providerId: 'www.amazon.com', tokenInfoUrl: 'https://' }] }, 'must be an address that begins'],
    [{ logins: [amazon, amazon] }, 'logins: one is there twice'],
    [{ samlProviders: [{ name: 'a', metadata: '<x/>' }] }, 'samlProvider a: the metadata is no EntityDescriptor'],
    [{ providers: [{ url: 'http://x.test', clientIds: ['a'] }] }, 'must begin with https://'],
    [{ providers: [{ url: 'https://x.test', clientIds: [] }] }, 'clientIds is empty'],
    [{ providers: [{ url: 'https://x.test', clientIds: ['a'], bearer: () => 'x' }] }, 'a bearer is sent to nobody but'],
  ])('%j', async (change, message) => {
    const options = { ca: world.ca, now: clock.now, accountId, providers: [], roles: [role], ...change } as StsOptions
    await expect(startSts(options)).rejects.toThrow(message)
  })

  it.each([
    ['of another certificate', async () => ({ ...(await pair()), key: (await pair()).key })],
    ['that is no PEM', async () => ({ ...(await pair()), key: 'c2VjcmV0' })],
  ])('and a key %s, without showing it', async (_title, give) => {
    const certificate = await give()
    const starting = startSts({ certificate, now: clock.now, accountId, providers: [], roles: [role] })
    await expect(starting).rejects.toThrow(
      /^certificate: give PEM of a certificate \(or a chain\) and of the private key/,
    )
    await expect(starting).rejects.not.toThrow(certificate.key)
  })

  it('knows its SAML providers by their names', async () => {
    const known = { name: 'a', metadata: metadataOf([await createSamlKey()]) }
    const options = { ca: world.ca, now: clock.now, accountId, providers: [], roles: [] }
    const sts = await startSts({ ...options, samlProviders: [known] })
    expect(sts.samlProviderArn('a')).toBe(`arn:aws:iam::${accountId}:saml-provider/a`)
    expect(() => sts.samlProviderArn('b')).toThrow('samlProvider b: is not there')
    await sts.stop()
    await expect(startSts({ ...options, samlProviders: [known, known] })).rejects.toThrow('one is there twice')
  })

  it('and a port that is taken', async () => {
    const port = Number(new URL(world.sts.url).port)
    const options = { ca: world.ca, now: clock.now, accountId, providers: [], roles: [role], port }
    await expect(startSts(options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await expect(startIssuer({ ca: world.ca, now: clock.now, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
