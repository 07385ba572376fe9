import { beforeAll, describe, expect, test } from 'vitest'
import { type IssuerKeys, issuerKeys } from '../../../src/broker/keys.ts'
import type { OutboundAnswer } from '../../../src/federation/index.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { failureOf } from '../federation/support.ts'
import { createSigner, createWeb, ISSUER, json, never, publish, type Signer } from './support.ts'

const PLACE = `${ISSUER}/.well-known/openid-configuration`
const JWKS = 'https://keys.example.com/jwks'

let one: Signer
let two: Signer
beforeAll(async () => {
  one = await createSigner('one')
  two = await createSigner('two')
})

function world(issuer = ISSUER) {
  const clock = createVirtualClock()
  const web = createWeb()
  const published = [one.jwk]
  publish(web, () => published, issuer)
  return { clock, web, published, keys: issuerKeys({ issuer, outbound: web, clock }) }
}

const kidsOf = async (keys: ReturnType<IssuerKeys['current']>): Promise<unknown[]> =>
  (await keys).jwks().keys.map(({ kid }) => kid)

describe('the keys of an issuer', () => {
  test('are asked for once, by its discovery document', async () => {
    const { keys, web, clock } = world()
    await Promise.all([keys.current(never), keys.current(never)])
    await clock.advance(599_999)
    expect(await kidsOf(keys.current(never))).toEqual(['one'])
    expect(web.asked).toEqual([PLACE, JWKS])
  })

  test('of an issuer with a path and a slash at its end', async () => {
    const issuer = 'https://login.example.com/tenant/'
    const web = createWeb()
    web.pages.set('https://login.example.com/tenant/.well-known/openid-configuration', () =>
      json({ issuer, jwks_uri: JWKS }),
    )
    web.pages.set(JWKS, () => json({ keys: [one.jwk] }))
    const keys = issuerKeys({ issuer, outbound: web, clock: createVirtualClock() })
    expect(await kidsOf(keys.current(never))).toEqual(['one'])
  })

  test('are renewed when they are old, and nobody waits for that', async () => {
    const { keys, web, clock, published } = world()
    await keys.current(never)
    published.push(two.jwk)
    await clock.advance(600_000)
    expect(await kidsOf(keys.current(never))).toEqual(['one'])
    await clock.advance(0)
    expect(await kidsOf(keys.current(never))).toEqual(['one', 'two'])
    expect(web.asked).toHaveLength(4)
  })

  test('are used for an hour while the issuer cannot be asked, and it is asked no more than twice a minute', async () => {
    const { keys, web, clock } = world()
    await keys.current(never)
    web.pages.clear()
    for (let second = 0; second < 3_599; second += 1) {
      await clock.advance(1_000)
      expect(await kidsOf(keys.current(never))).toEqual(['one'])
    }
    expect(web.asked.length).toBeLessThanOrEqual(2 + 100)
    await clock.advance(1_000)
    expect((await failureOf(keys.current(never))).code).toBe('ProviderUnreachable')
  })

  test('that were never had are asked for again after two seconds', async () => {
    const { keys, web, clock } = world()
    const pages = new Map(web.pages)
    web.pages.clear()
    for (let time = 0; time < 2_000; time += 100) {
      expect((await failureOf(keys.current(never))).code).toBe('ProviderUnreachable')
      await clock.advance(100)
    }
    expect(web.asked).toHaveLength(1)
    for (const [url, page] of pages) web.pages.set(url, page)
    expect(await kidsOf(keys.current(never))).toEqual(['one'])
  })

  test('are looked at once in half a minute, whatever keys tokens name', async () => {
    const { keys, web, clock, published } = world()
    await keys.current(never)
    published.push(two.jwk)
    expect(await keys.renewed(never)).toBeUndefined()
    await clock.advance(30_000)
    const [renewed, same] = await Promise.all([keys.renewed(never), keys.renewed(never)])
    expect(renewed?.jwks().keys).toHaveLength(2)
    expect(same).toBe(renewed)
    expect(await keys.renewed(never)).toBeUndefined()
    expect(web.asked).toHaveLength(4)
  })

  test('hold nothing but public keys for signatures, and no certificates', async () => {
    const { keys, published } = world()
    published.length = 0
    published.push(
      { kty: 'oct', k: 'c2VjcmV0', kid: 'shared' },
      { ...one.jwk, kid: 'for-encryption', use: 'enc' },
      { ...one.jwk, kid: 'private', d: 'AQAB' },
      { ...one.jwk, x5c: ['MIIB'], x5u: 'https://evil.example.com' },
    )
    const { keys: held } = (await keys.current(never)).jwks()
    expect(held).toEqual([one.jwk])
  })
})

describe('an issuer that answers', () => {
  test.each<[string, string, Partial<OutboundAnswer>, RegExp]>([
    ['with an error', PLACE, { status: 500 }, /answers with the status 500/],
    ['with a page', PLACE, { body: '<html>' }, /no JSON object/],
    ['with half of the document', PLACE, { body: '{"issuer":' }, /no JSON object/],
    ['with a list', PLACE, { body: '[]' }, /no JSON object/],
    [
      'for another issuer',
      PLACE,
      json({ issuer: `${ISSUER}/`, jwks_uri: JWKS }),
      /names the issuer https:\/\/login\.example\.com\/, not/,
    ],
    ['for nobody', PLACE, json({ jwks_uri: JWKS }), /names the issuer none/],
    ['with keys at http', PLACE, json({ issuer: ISSUER, jwks_uri: 'http://keys.example.com/jwks' }), /no jwks_uri/],
    [
      'with keys behind a password',
      PLACE,
      json({ issuer: ISSUER, jwks_uri: 'https://a:b@keys.example.com' }),
      /no jwks_uri/,
    ],
    ['with keys in the document', PLACE, json({ issuer: ISSUER, jwks_uri: 'data:application/json,{}' }), /no jwks_uri/],
    ['without keys', PLACE, json({ issuer: ISSUER }), /no jwks_uri/],
    ['with an error for its keys', JWKS, { status: 404 }, /answers with the status 404/],
    ['with no list of keys', JWKS, json({ keys: {} }), /holds no keys/],
    ['with no key', JWKS, json({ keys: [] }), /no public key/],
    ['with no key that is one', JWKS, json({ keys: [null, 'x', { kty: 'oct' }] }), /no public key/],
    ['with very many keys', JWKS, json({ keys: Array.from({ length: 101 }, () => ({ kty: 'RSA' })) }), /101 keys/],
  ])('%s is the cause', async (_, url, answer, message) => {
    const { keys, web } = world()
    web.pages.set(url, () => answer)
    const failure = await failureOf(keys.current(never))
    expect(failure.code).toBe('UserProviderInvalid')
    expect(failure.message).toMatch(message)
  })
})
