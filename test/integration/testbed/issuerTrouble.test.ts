import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startSts, type TokenRequest, trustPolicy } from '../../../src/testbed/index.ts'
import {
  accountId,
  assume,
  audience,
  call,
  createClock,
  startWorld,
  textOf,
  token,
  useWorld,
  webToken,
  world,
} from './support.ts'

const clock = createClock()
useWorld(clock)

const base = { sub: 'system:serviceaccount:shop:web', audience: [audience], expiresIn: 3600 }
const issue = (change: Partial<TokenRequest>): Promise<string> => world.issuer.issueToken({ ...base, ...change })

describe('issuers that are in trouble', () => {
  it('do not answer', async () => {
    const other = await startWorld(clock)
    const good = await webToken(other.issuer)
    await other.issuer.stop()
    const answer = await assume(other, { WebIdentityToken: good })
    expect([answer.status, textOf(answer, 'Code')]).toEqual([400, 'IDPCommunicationError'])
    await other.sts.stop()
  })

  it('have a certificate of an unknown authority', async () => {
    const { ca, issuer } = world
    const document = trustPolicy({ issuer: issuer.url, accountId, namespace: 'shop', serviceAccount: 'web' })
    const roles = [{ name: 'web', trustPolicy: document }]
    const providers = [{ url: issuer.url, clientIds: [audience] }]
    const sts = await startSts({ ca, now: clock.now, accountId, providers, roles })
    const answer = await assume({ ...world, sts }, { WebIdentityToken: token })
    expect([answer.status, textOf(answer, 'Code')]).toEqual([400, 'InvalidIdentityToken'])
    expect(textOf(answer, 'Message')).toContain('configured thumbprint')
    await sts.stop()
  })

  const sound = (url: string): [number, string] => [200, JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` })]

  /** A server in the issuer's place, by default with its keys, and what STS says of it. */
  async function judge(discovery: (url: string) => [status: number, body: string], keys?: string): Promise<unknown[]> {
    const { ca } = world
    const jwks = keys ?? (await call(world.issuer.jwksUri, ca.pem)).text
    const server = createServer(await ca.issue(['127.0.0.1']), (request, response) => {
      const byPath: Record<string, [number, string]> = { '/jwks': [200, jwks], '/moved': sound(url) }
      const [status, body] = byPath[request.url ?? ''] ?? discovery(url)
      response.writeHead(status, { location: '/moved' }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const providers = [{ url, clientIds: [audience], ca: ca.pem }]
    const sts = await startSts({
      ca,
      now: clock.now,
      accountId,
      providers,
      roles: [{ name: 'web', trustPolicy: { Statement: [{ Effect: 'Deny', Principal: '*', Action: '*' }] } }],
    })
    const answer = await assume({ ...world, sts }, { WebIdentityToken: await issue({ claims: { iss: url } }) })
    await sts.stop()
    await new Promise((resolve) => server.close(resolve))
    return [answer.status, textOf(answer, 'Code')]
  }

  it('are believed when they are sound, and nothing but the trust policy refuses', async () => {
    expect(await judge(sound)).toEqual([403, 'AccessDenied'])
  })

  it.each<[title: string, discovery: (url: string) => [number, string], code: string, jwks?: string]>([
    ['fail', () => [503, ''], 'IDPCommunicationError'],
    ['have no such document', () => [404, ''], 'InvalidIdentityToken'],
    ['redirect', () => [302, ''], 'InvalidIdentityToken'],
    ['answer no JSON', () => [200, '<html>'], 'InvalidIdentityToken'],
    ['answer null', () => [200, 'null'], 'InvalidIdentityToken'],
    [
      'say that they are another',
      (url) => [200, JSON.stringify({ issuer: `${url}/`, jwks_uri: `${url}/jwks` })],
      'InvalidIdentityToken',
    ],
    [
      'publish keys without https',
      (url) => [200, JSON.stringify({ issuer: url, jwks_uri: 'http://127.0.0.1/jwks' })],
      'InvalidIdentityToken',
    ],
    ['answer too much', (url) => [200, sound(url)[1].padEnd(300_000)], 'InvalidIdentityToken'],
    ['publish no list of keys', sound, 'InvalidIdentityToken', '{}'],
    ['publish garbage as keys', sound, 'InvalidIdentityToken', '{"keys":[1,null,{"kty":"oct"}]}'],
  ])('%s', async (_title, discovery, code, jwks) => {
    expect(await judge(discovery, jwks)).toEqual([400, code])
  })
})
