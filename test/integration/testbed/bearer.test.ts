import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createCertificateAuthority, type Sts, startSts, trustPolicy } from '../../../src/testbed/index.ts'
import { accountId, assume, audience, call, createClock, textOf, useWorld, world } from './support.ts'

const clock = createClock()
useWorld(clock)

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

type Seen = { server: string; path: string | undefined; authorization: string | undefined }

/** A server with a certificate of the world's authority, or of one that nobody trusts. */
async function serve(handle: RequestListener, ca = world.ca): Promise<string> {
  const server = createServer(await ca.issue(['127.0.0.1']), handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A cluster's API server: keys only for who shows the token, and at an address of their own. */
async function startApiServer(accepted: () => string, seen: Seen[]): Promise<string> {
  const jwks = (await call(world.issuer.jwksUri, world.ca.pem)).text
  const guarded =
    (server: string, body: () => string): RequestListener =>
    ({ url: path, headers: { authorization } }, response) => {
      seen.push({ server, path, authorization })
      response.writeHead(authorization === `Bearer ${accepted()}` ? 200 : 401).end(body())
    }
  const keys = await serve(guarded('keys', () => jwks))
  const url = await serve(guarded('issuer', () => JSON.stringify({ issuer: url, jwks_uri: `${keys}/openid/v1/jwks` })))
  return url
}

async function start(url: string, bearer?: () => string | Promise<string>): Promise<Sts> {
  const { ca } = world
  const web = trustPolicy({ issuer: url, accountId, namespace: 'shop', serviceAccount: 'web' })
  const sts = await startSts({
    ca,
    now: clock.now,
    accountId,
    providers: [{ url, clientIds: [audience], ca: ca.pem, ...(bearer !== undefined && { bearer }) }],
    roles: [{ name: 'web', trustPolicy: web }],
  })
  stops.push(sts.stop)
  return sts
}

async function exchange(sts: Sts, iss: string): Promise<string> {
  const claims = { iss }
  const sub = 'system:serviceaccount:shop:web'
  const token = await world.issuer.issueToken({ sub, audience: [audience], expiresIn: 3600, claims })
  return textOf(await assume({ ...world, sts }, { WebIdentityToken: token }), 'Code') ?? 'Success'
}

describe('a provider that shows its keys only for a bearer', () => {
  it('is shown it at the discovery document and at the JWKS that this names, each time anew', async () => {
    let current = 'first'
    const seen: Seen[] = []
    const url = await startApiServer(() => current, seen)
    const sts = await start(url, () => current)
    expect(await exchange(sts, url)).toBe('Success')
    current = 'second'
    expect(await exchange(sts, url)).toBe('Success')
    const [discovery, jwks] = ['/.well-known/openid-configuration', '/openid/v1/jwks']
    expect(seen).toEqual(
      ['first', 'second'].flatMap((token) => [
        { server: 'issuer', path: discovery, authorization: `Bearer ${token}` },
        { server: 'keys', path: jwks, authorization: `Bearer ${token}` },
      ]),
    )
  })

  it('gives nothing without it, or for another', async () => {
    const url = await startApiServer(() => 'right', [])
    expect(await exchange(await start(url), url)).toBe('InvalidIdentityToken')
    expect(await exchange(await start(url, () => 'wrong'), url)).toBe('InvalidIdentityToken')
  })

  it('is not shown it behind another authority, nor over http, nor by a redirect', async () => {
    const seen: unknown[] = []
    const elsewhere: RequestListener = ({ headers }, response) => {
      seen.push(headers.authorization)
      response.end('{"keys":[]}')
    }
    const stranger = await serve(elsewhere, await createCertificateAuthority({ name: 'stranger', now: clock.now }))
    const friend = await serve(elsewhere)
    const answers = [
      { status: 200, jwks: `${stranger}/jwks` },
      { status: 200, jwks: friend.replace('https', 'http') },
      { status: 302, jwks: friend },
    ]
    for (const { status, jwks } of answers) {
      const url: string = await serve((_request, response) => {
        response.writeHead(status, { location: friend }).end(JSON.stringify({ issuer: url, jwks_uri: jwks }))
      })
      expect(await exchange(await start(url, () => 'secret'), url)).toBe('InvalidIdentityToken')
    }
    expect(seen).toEqual([])
  })

  it.each([
    ['cannot be read', () => Promise.reject(new Error('ENOENT')), 'IDPCommunicationError'],
    ['no header can hold', () => 'line\r\nX-Other: line', 'InternalFailure'],
  ])('fails alone when its token %s, and STS lives on', async (_title, bearer, code) => {
    const url = await startApiServer(() => 'right', [])
    const sts = await start(url, bearer)
    expect([await exchange(sts, url), await exchange(sts, url)]).toEqual([code, code])
  })
})
