import { describe, expect, test } from 'vitest'
import { amazonVerifier, facebookVerifier } from '../../../src/broker/accessTokens.ts'
import type { Verify } from '../../../src/broker/types.ts'
import type { Code } from '../../../src/errors/index.ts'
import type { OutboundAnswer } from '../../../src/federation/index.ts'
import { failureOf } from '../federation/support.ts'
import { createWeb, json, never } from './support.ts'

const NOW = Date.UTC(2026, 2, 4)
const TOKEN = 'Atza|c4n4ry&x=1'
const SENT = 'Atza%7Cc4n4ry%26x%3D1'
const INFO = 'https://api.example.com/auth/o2/tokeninfo'
const GRAPH = 'https://graph.example.com'
const info = { iss: 'https://www.amazon.com', user_id: 'amzn1.account.K2', aud: 'client-1', app_id: 'app', exp: 3597 }

const amazon = (): { web: ReturnType<typeof createWeb>; verify: Verify } => {
  const web = createWeb()
  const verify = amazonVerifier({ clientIds: ['client-1'], outbound: web, endpoint: INFO, clock: { now: () => NOW } })
  return { web, verify }
}
const facebook = (): { web: ReturnType<typeof createWeb>; verify: Verify } => {
  const web = createWeb()
  return { web, verify: facebookVerifier({ clientIds: ['77'], outbound: web, endpoint: GRAPH }) }
}
const APP = `${GRAPH}/app?fields=id&access_token=${SENT}`
const ME = `${GRAPH}/me?fields=id&access_token=${SENT}`

async function codeOf(verify: Verify, presented = { token: TOKEN }): Promise<Code> {
  const failure = await failureOf(verify(presented, never))
  expect(failure.message).not.toContain('c4n4ry')
  return failure.code
}

describe('an access token of Amazon', () => {
  test('is whose Amazon says, until it says', async () => {
    const { web, verify } = amazon()
    web.pages.set(`${INFO}?access_token=${SENT}`, () => json(info))
    expect(await verify({ token: TOKEN }, never)).toEqual({
      issuer: 'https://www.amazon.com',
      subject: 'amzn1.account.K2',
      audience: 'client-1',
      expires: NOW + 3_597_000,
    })
    await verify({ token: TOKEN }, never)
    expect(web.asked).toHaveLength(2)
  })

  test.each<[string, Partial<OutboundAnswer>, Code]>([
    ['that Amazon does not know', { status: 400, body: '{"error":"invalid_token"}' }, 'UserTokenRefused'],
    ['of another app', json({ ...info, aud: 'client-2' }), 'UserTokenAudience'],
    ['of no app', json({ ...info, aud: undefined }), 'UserTokenAudience'],
    ['of several apps', json({ ...info, aud: ['client-1'] }), 'UserTokenAudience'],
    ['that has ended', json({ ...info, exp: 0 }), 'UserTokenExpired'],
    ['that ends nobody knows when', json({ ...info, exp: '3597' }), 'UserProviderInvalid'],
    ['of nobody', json({ ...info, user_id: undefined }), 'UserProviderInvalid'],
    ['of somebody with a strange name', json({ ...info, user_id: 'a\nb' }), 'UserProviderInvalid'],
    ['while Amazon fails', { status: 503 }, 'UserProviderInvalid'],
    ['while a page is in the way', { body: '<html>' }, 'UserProviderInvalid'],
  ])('%s is refused', async (_, answer, code) => {
    const { web, verify } = amazon()
    web.pages.set(`${INFO}?access_token=${SENT}`, () => answer)
    expect(await codeOf(verify)).toBe(code)
  })

  test('cannot be asked about: that is the cause', async () => {
    expect(await codeOf(amazon().verify)).toBe('ProviderUnreachable')
  })

  test('holds no nonce: one that came along is not passed over', async () => {
    const { web, verify } = amazon()
    expect(await codeOf(verify, { token: TOKEN, nonce: 'n' } as { token: string })).toBe('UserRequestInvalid')
    expect(web.asked).toEqual([])
  })
})

describe('an access token of Facebook', () => {
  test('is whose Facebook says; nobody knows for how long', async () => {
    const { web, verify } = facebook()
    web.pages.set(APP, () => json({ id: '77' }))
    web.pages.set(ME, () => json({ id: '1007' }))
    const user = { issuer: 'https://www.facebook.com', subject: '1007', audience: '77' }
    expect(await verify({ token: TOKEN }, never)).toEqual(user)
  })

  test('of another app is refused before it is asked whose it is', async () => {
    const { web, verify } = facebook()
    web.pages.set(APP, () => json({ id: '78' }))
    expect(await codeOf(verify)).toBe('UserTokenAudience')
    expect(web.asked).toEqual([APP])
  })

  test.each<[string, Partial<OutboundAnswer>, Code]>([
    ['that was taken back', { status: 401, body: '{"error":{"code":190}}' }, 'UserTokenRefused'],
    ['of nobody', json({}), 'UserProviderInvalid'],
    ['of a number', json({ id: 1007 }), 'UserProviderInvalid'],
  ])('%s is refused', async (_, answer, code) => {
    const { web, verify } = facebook()
    web.pages.set(APP, () => json({ id: '77' }))
    web.pages.set(ME, () => answer)
    expect(await codeOf(verify)).toBe(code)
  })

  test('holds no nonce either', async () => {
    expect(await codeOf(facebook().verify, { token: TOKEN, nonce: 'n' } as { token: string })).toBe(
      'UserRequestInvalid',
    )
  })
})
