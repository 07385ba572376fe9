import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOutbound } from '../../../src/outbound/index.ts'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { briefly, discovery, groundWith, ISSUER, jwks, lookAt } from '../../unit/doctor/identity/ground.ts'

/** The issuer's host as a real https server; only its name is not known to any DNS here. */
const authority = await createCertificateAuthority({ name: 'public', now: Date.now })
const pages: Record<string, { status?: number; body: string; headers?: Record<string, string> }> = {}
const server = createServer(await authority.issue(['127.0.0.1']), ({ url = '' }, response) => {
  const page = pages[url]
  response.writeHead(page?.status ?? (page === undefined ? 404 : 200), page?.headers).end(page?.body)
})
const outbound = (ca: string | undefined) =>
  createOutbound({ ca, connectTimeout: 5_000, totalTimeout: 5_000, maxBytes: 1_048_576, now: Date.now })

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

const PATH = new URL(ISSUER).pathname
const DISCOVERY = `${PATH}/.well-known/openid-configuration`
const KEYS = `${PATH}/openid/v1/jwks`
beforeEach(() => {
  for (const path of Object.keys(pages)) delete pages[path]
  pages[DISCOVERY] = { body: discovery() }
  pages[KEYS] = { body: jwks('one') }
})

async function look(live = jwks('one'), ca: string | undefined = authority.pem) {
  const { port } = server.address() as AddressInfo
  const fetch = outbound(ca)
  const said = await lookAt(
    groundWith({
      live: async () => ({ discovery: discovery(), keys: live }),
      fetchPublic: ({ url, ...request }, signal) =>
        fetch({ ...request, url: url.replace(/^https:\/\/oidc\.example\.com/, `https://127.0.0.1:${port}`) }, signal),
    }),
  )
  return briefly(said['issuer-published'])
}

test('an issuer that publishes what it has to', async () => {
  expect(await look()).toEqual(['ok: every key of the cluster is published'])
})

describe('an issuer whose', () => {
  test('document has a slash more', async () => {
    pages[DISCOVERY] = { body: discovery(`${ISSUER}/`) }
    expect((await look())[0]).toMatch(/^IssuerMismatch: .*a slash at the end is the difference$/)
  })

  test('keys are of before a rotation', async () => {
    expect(await look(jwks('two'))).toEqual(['KeysOutdated: none of 1 key of the cluster is published: "two"'])
  })

  test('new key is not published yet', async () => {
    expect(await look(jwks('one', 'two'))).toEqual([
      'KeyUnpublished: of 2 keys of the cluster 1 is not published: "two"',
    ])
  })

  test('bucket refuses strangers', async () => {
    pages[KEYS] = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
    expect((await look())[0]).toContain(`KeysUnreachable: ${ISSUER}/openid/v1/jwks answers HTTP 403`)
  })

  test('address leads elsewhere, which STS would not follow either', async () => {
    pages[DISCOVERY] = { status: 301, body: '', headers: { location: 'https://elsewhere.example.com/' } }
    expect((await look())[0]).toContain('DiscoveryUnreachable: ')
  })

  test('certificate nobody trusts', async () => {
    const other = await createCertificateAuthority({ name: 'other', now: Date.now })
    expect((await look(jwks('one'), other.pem))[0]).toContain('DiscoveryUnreachable: ')
  })
})
