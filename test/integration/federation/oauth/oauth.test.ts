import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  audience,
  credentialsOf,
  failureOf,
  never,
  type Pod,
  privateKey,
  sourceOf,
  startWorld,
  subject,
  type World,
} from './world.ts'

// Some make servers of their own, with keys: a busy machine takes its time for them.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const secretive = { secretName: 'corporate', secretKey: 'secret' }
const form = { clientId: 'form', clientAuthentication: 'client-secret-post', ...secretive }
const exchange = { kind: 'token-exchange' }

const ways: readonly [string, Pod, sub: string, aud: string][] = [
  ['client credentials by the token of the service account', {}, 'shop-web', audience],
  [
    'client credentials by that token and a client ID',
    { provider: { clientId: 'shop-web', scope: 'aws' } },
    'shop-web',
    audience,
  ],
  [
    'client credentials by private_key_jwt',
    {
      secret: privateKey,
      provider: { clientId: 'signing', clientAuthentication: 'private-key-jwt', algorithm: 'ES256', ...secretive },
    },
    'signing',
    audience,
  ],
  [
    'client credentials by client_secret_basic',
    { provider: { clientId: 'batch', clientAuthentication: 'client-secret-basic', ...secretive } },
    'batch',
    audience,
  ],
  ['client credentials by client_secret_post', { provider: form }, 'form', audience],
  [
    'claims like those of Keycloak, whose azp is the audience',
    { serviceAccount: 'azp', provider: { stsAudience: 'as-keycloak' } },
    'as-keycloak',
    audience,
  ],
  ['claims like those of Okta', { serviceAccount: 'cid', provider: { scope: 'aws' } }, 'as-okta', audience],
  ['token exchange', { provider: exchange }, subject, audience],
  ['token exchange for an audience', { provider: { ...exchange, audience, scope: 'aws' } }, subject, audience],
  ['token exchange with a client', { provider: { ...exchange, ...form, stsAudience: audience } }, subject, audience],
  [
    'token exchange for an ID token',
    {
      provider: {
        ...exchange,
        ...form,
        stsAudience: 'form',
        requestedTokenType: 'urn:ietf:params:oauth:token-type:id_token',
      },
    },
    subject,
    'form',
  ],
]

describe('credentials of a role', () => {
  it.each(ways)('come by %s', async (_name, pod, sub, aud) => {
    const source = sourceOf(world, pod)
    expect(await source(never)).toMatchObject({ issuer: world.url, subject: sub, audiences: [aud] })
    const credentials = await credentialsOf(world, source)
    expect(credentials.assumedRoleArn).toBe('arn:aws:sts::111122223333:assumed-role/app/shop.web.web-0')
  })

  it('come over and over with the same assertion and without a restart, also after the keys have changed', async () => {
    const own = await startWorld()
    const source = sourceOf(own)
    await credentialsOf(own, source)
    await own.restart()
    await credentialsOf(own, source)
    await own.goDown()
    expect(await failureOf(credentialsOf(own, source))).toMatchObject({ code: 'ProviderUnreachable', retry: 'backoff' })
    await own.stop()
  })
})

describe('a real server refuses', () => {
  const cases: readonly [string, Pod, string][] = [
    ['a service account that it does not know', { serviceAccount: 'stranger' }, 'ProviderClientRejected'],
    ['a token for another audience', { tokenAudience: 'mars' }, 'ProviderClientRejected'],
    ['a token that has expired', { expiresIn: -100 }, 'ProviderClientRejected'],
    ['a service account as another client', { provider: { clientId: 'batch' } }, 'ProviderRequestRejected'],
    ['a wrong secret', { secret: 'wr0ng-c4nary', provider: form }, 'ProviderClientRejected'],
    ['a scope that the client may not have', { provider: { scope: 'profile' } }, 'ProviderScopeRejected'],
    ['a resource that is none', { provider: { resource: 'nonsense' } }, 'ProviderScopeRejected'],
    [
      'an exchange of a token for another audience',
      { tokenAudience: 'mars', provider: exchange },
      'ProviderSubjectRejected',
    ],
    [
      'an exchange for an unknown type',
      { provider: { ...exchange, requestedTokenType: 'urn:x' } },
      'ProviderRequestRejected',
    ],
  ]
  it.each(cases)('%s', async (_name, pod, code) => {
    const exchanged = world.sts.requests.length
    const failure = await failureOf(credentialsOf(world, sourceOf(world, pod)))
    expect(failure.code).toBe(code)
    expect(world.sts.requests).toHaveLength(exchanged)
  })

  it('and so do we, before STS is asked', async () => {
    const exchanged = world.sts.requests.length
    const opaque = await startWorld({ opaque: true })
    expect((await failureOf(credentialsOf(opaque, sourceOf(opaque)))).code).toBe('ProviderTokenOpaque')
    await opaque.stop()
    const elliptic = await startWorld({ algorithm: 'ES256' })
    const pinned = sourceOf(elliptic, { provider: { algorithms: 'RS256' } })
    expect((await failureOf(credentialsOf(elliptic, pinned))).code).toBe('ProviderTokenAlgorithm')
    expect((await credentialsOf(elliptic, sourceOf(elliptic))).accountId).toBe('111122223333')
    await elliptic.stop()
    const cases: readonly [Record<string, string>, string][] = [
      [{ stsAudience: 'mars' }, 'ProviderTokenAudience'],
      [{ issuer: `${world.url}/` }, 'ProviderDiscoveryInvalid'],
      [{ token: 'id_token' }, 'ProviderTokenMissing'],
      [{ jwksUri: `${world.url}/nowhere` }, 'ProviderAnswerInvalid'],
      [{ jwksUri: world.cluster.jwksUri }, 'ProviderTokenKeyUnknown'],
      [{ tokenEndpoint: `${world.url}/healthz` }, 'ProviderAnswerInvalid'],
    ]
    for (const [provider, code] of cases) {
      const failure = await failureOf(credentialsOf(world, sourceOf(world, { tokenAudience: world.url, provider })))
      expect(failure.code).toBe(code)
    }
    expect(world.sts.requests).toHaveLength(exchanged)
  })
})
