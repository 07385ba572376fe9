import { describe, expect, test } from 'vitest'
import type { IdentityGround } from '../../../../src/doctor/identity/index.ts'
import { type Code, Failure } from '../../../../src/errors/index.ts'
import {
  briefly,
  discovery,
  groundWith,
  ISSUER,
  intended,
  jwks,
  lookAt,
  NOW,
  published,
  ROLE,
  usual,
} from './ground.ts'

const withIntended = (changes: Partial<typeof intended>): Partial<IdentityGround> => ({
  intended: async () => ({ ...intended, ...changes }),
})

test('of a pod that is well nothing is found', async () => {
  const said = await lookAt(groundWith())
  expect(
    Object.values(said)
      .flat()
      .map(({ verdict }) => verdict),
  ).not.toContain('fail')
  expect(briefly(said['issuer'])).toEqual([`ok: ${ISSUER}`])
  expect(briefly(said['issuer-published'])).toEqual(['ok: every key of the cluster is published'])
  expect(briefly(said['clock'])).toEqual(['ok: 0 s from that of STS'])
  expect(briefly(said['region'])).toEqual(['ok: eu-west-1'])
})

test('where nobody asks for a role nothing is asked', async () => {
  const said = await lookAt(groundWith({ intended: async () => undefined }))
  for (const [id, findings] of Object.entries(said)) expect(findings[0]?.verdict, id).toBe('skip')
})

describe('the issuer', () => {
  test.each<[string, Partial<IdentityGround>, string]>([
    [
      'is inside the cluster',
      { live: async () => ({ discovery: discovery('https://kubernetes.default.svc'), keys: jwks('one') }) },
      'IssuerNotPublic',
    ],
    [
      'has a port',
      { live: async () => ({ discovery: discovery('https://oidc.example.com:8443'), keys: jwks('one') }) },
      'IssuerInvalid',
    ],
    [
      'is not what the cluster can say',
      { live: async () => ({ discovery: '<html>', keys: jwks('one') }) },
      'DiscoveryInvalid',
    ],
  ])('%s', async (_, changes, code) => {
    const said = await lookAt(groundWith(changes))
    expect(said['issuer']?.[0]).toMatchObject({ verdict: 'fail', code })
    expect(briefly(said['issuer-published'])).toEqual(['skip: depends on issuer'])
  })

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['answers nothing', {}, 'DiscoveryUnreachable', 'answers HTTP 404'],
    [
      'answers a page',
      { ...usual, [`${ISSUER}/.well-known/openid-configuration`]: '<html>' },
      'DiscoveryInvalid',
      'no JSON object',
    ],
    [
      'has a slash in its document',
      { ...usual, [`${ISSUER}/.well-known/openid-configuration`]: discovery(`${ISSUER}/`) },
      'IssuerMismatch',
      'a slash at the end is the difference',
    ],
    [
      'is another in its document',
      { ...usual, [`${ISSUER}/.well-known/openid-configuration`]: discovery('https://a.example') },
      'IssuerMismatch',
      'names the issuer "https://a.example"',
    ],
    [
      'has no keys there',
      { [`${ISSUER}/.well-known/openid-configuration`]: discovery() },
      'KeysUnreachable',
      'answers HTTP 404',
    ],
    [
      'has something else there',
      { ...usual, [`${ISSUER}/openid/v1/jwks`]: '{}' },
      'KeysInvalid',
      'no JSON object with keys',
    ],
    [
      'has keys of before a rotation',
      { ...usual, [`${ISSUER}/openid/v1/jwks`]: jwks('zero') },
      'KeysOutdated',
      'none of 1 key of the cluster',
    ],
  ])('%s', async (_, pages, code, message) => {
    const said = await lookAt(groundWith({ fetchPublic: published(pages) }))
    expect(said['issuer-published']?.[0]).toMatchObject({
      verdict: 'fail',
      code,
      message: expect.stringContaining(message),
    })
  })

  test('lacks the key of a second control plane', async () => {
    const live = async () => ({ discovery: discovery(), keys: jwks('one', 'two') })
    const said = await lookAt(groundWith({ live }))
    expect(briefly(said['issuer-published'])).toEqual([
      'KeyUnpublished: of 2 keys of the cluster 1 is not published: "two"',
    ])
  })

  test('is slow, or cannot be reached from here', async () => {
    let time = 0
    const slow = await lookAt(groundWith({ uptime: () => (time += 6_000) }))
    expect(slow['issuer-published']?.[0]).toMatchObject({
      code: 'DiscoverySlow',
      message: expect.stringContaining('took 6.0 s'),
    })
    const fetchPublic = async () => {
      throw new Failure({ code: 'ProviderUntrusted', message: 'its certificate is not trusted' })
    }
    const said = await lookAt(groundWith({ fetchPublic }))
    expect(briefly(said['issuer-published'])).toEqual([
      `DiscoveryUnreachable: ${ISSUER}/.well-known/openid-configuration: its certificate is not trusted`,
    ])
  })

  test('does not matter where somebody else verifies, or signs', async () => {
    const own = await lookAt(groundWith(withIntended({ isAws: false, stsEndpoint: 'https://sts.example.com' })))
    expect(briefly(own['issuer'])[0]).toContain("STS is https://sts.example.com, which is not AWS's")
    expect(briefly(own['region'])).toEqual(['skip: STS is https://sts.example.com'])
    const provider = await lookAt(groundWith(withIntended({ provider: 'corporate' })))
    expect(briefly(provider['issuer'])[0]).toContain('the identity provider corporate')
  })

  test('is not known where nobody says it', async () => {
    const said = await lookAt(groundWith({ live: undefined }))
    expect(briefly(said['issuer'])).toEqual(['skip: the issuer is not known here'])
  })
})

describe('the first that is to be mended', () => {
  const keys = `${ISSUER}/openid/v1/jwks`
  const document = `${ISSUER}/.well-known/openid-configuration`
  const denied = async () => [
    { session: 'default', problem: { code: 'StsVerificationKeyMissing' as const, message: 'x' } },
  ]
  test.each<[string, Partial<IdentityGround>, Code]>([
    ['keys of before a rotation', { fetchPublic: published({ ...usual, [keys]: jwks('zero') }) }, 'KeysOutdated'],
    [
      'a key that is not published',
      { live: async () => ({ discovery: discovery(), keys: jwks('one', 'two') }) },
      'KeyUnpublished',
    ],
    ['a slash', { fetchPublic: published({ ...usual, [document]: discovery(`${ISSUER}/`) }) }, 'IssuerMismatch'],
    ['a region that is not there', withIntended({ region: 'frankfurt' }), 'RegionUnknown'],
  ])('%s, and not what STS says of it', async (_, changes, code) => {
    const said = await lookAt(groundWith({ failing: denied, ...changes }))
    const failed = Object.values(said)
      .flat()
      .filter(({ verdict }) => verdict === 'fail')
    expect(failed[0]?.code).toBe(code)
    expect(failed.at(-1)?.code).toBe('StsVerificationKeyMissing')
  })
})

describe('in the pod', () => {
  const claims = {
    raw: 'secret',
    issuer: ISSUER,
    subject: intended.subject,
    audiences: ['sts.amazonaws.com'],
    expires: NOW + 600_000,
  }
  const seen =
    (changes: object = {}, kid: string | undefined = 'one') =>
    async () => ({ token: { ...claims, ...changes }, kid })

  test('the token is read, and its key looked for', async () => {
    const inPod = groundWith({ live: undefined, token: seen() })
    const said = await lookAt(inPod)
    expect(briefly(said['identity-token'])).toEqual([
      'ok: system:serviceaccount:shop:web, for sts.amazonaws.com, 10 min more',
    ])
    expect(briefly(said['issuer-published'])).toEqual(['ok: the key of the token is published'])
    const other = await lookAt({ ...inPod, token: seen({}, 'two') })
    expect(briefly(other['issuer-published'])[0]).toContain('KeyUnpublished: the token is signed by the key "two"')
    expect(JSON.stringify([said, other])).not.toContain('secret')
  })

  test('a token of another account is no token of this pod', async () => {
    const said = await lookAt(groundWith({ token: seen({ subject: 'system:serviceaccount:shop:other' }) }))
    expect(said['identity-token']?.[0]).toMatchObject({
      verdict: 'fail',
      code: 'TokenNotJwt',
      message: expect.stringContaining('shop:other'),
    })
  })

  test('a token that cannot be used is said as the sidecar says it', async () => {
    const token = async () => {
      throw new Failure({ code: 'TokenAudience', message: 'it is for vault' })
    }
    expect((await lookAt(groundWith({ token })))['identity-token']?.[0]).toMatchObject({
      verdict: 'fail',
      code: 'TokenAudience',
    })
  })
})

describe('the region', () => {
  test.each<[string, string, readonly string[] | undefined, string]>([
    ['eu-west-9', ROLE, undefined, 'warn RegionUnknown eu-west-9 is no region that is known here; it may be a new one'],
    [
      'eu-west-9',
      ROLE,
      ['StsUnreachable'],
      'fail RegionUnknown eu-west-9 is no region that is known here, and there is no way',
    ],
    ['frankfurt', ROLE, undefined, 'fail RegionUnknown there is no region frankfurt'],
    ['cn-north-1', ROLE, undefined, 'fail RegionUnknown cn-north-1 is of the partition aws-cn, and arn:aws:iam'],
    [
      'eu-west-1',
      'arn:aws-us-gov:iam::111122223333:role/web',
      undefined,
      'fail RegionUnknown eu-west-1 is of the partition aws,',
    ],
  ])('%s for %s', async (region, roleArn, failing, expected) => {
    const roles = [{ session: 'default', roleArn, durationSeconds: 3_600 }]
    const said = await lookAt(
      groundWith({
        ...withIntended({ region, roles }),
        failing: async () =>
          (failing ?? []).map((code) => ({ session: 'default', problem: { code: code as Code, message: 'x' } })),
      }),
    )
    const [finding] = said['region'] ?? []
    expect(`${finding?.verdict} ${finding?.code} ${finding?.message}`).toContain(expected)
    if (region === 'eu-west-9') expect(finding?.fix).toContain('such as eu-west-1')
  })
})

describe('the clock', () => {
  test.each([
    [120_000, 'ClockSkewed: it is 120 s behind that of STS'],
    [-90_000, 'ClockSkewed: it is 90 s ahead of that of STS'],
    [30_000, 'ok: 30 s from that of STS'],
    [undefined, 'skip: STS has not answered yet, whose clock is what counts'],
  ])('%s ms off', async (skew, expected) => {
    const said = await lookAt(groundWith({ skew: async () => skew }))
    expect(briefly(said['clock'])).toEqual([expected])
    if (expected.startsWith('Clock')) expect(said['clock']?.[0]?.fix).toContain('kubectl -n shop get pod/web -o wide')
  })
})

describe('the exchange', () => {
  test.each<[Code, RegExp]>([
    [
      'StsAccessDenied',
      /aws iam get-role --role-name web > role\.json.*system:serviceaccount:shop:web of oidc\.example\.com\/clusters\/shop with the audience sts\.amazonaws\.com.*--role-file role\.json/,
    ],
    [
      'StsAudienceRejected',
      /add-client-id-to-open-id-connect-provider --client-id sts\.amazonaws\.com --open-id-connect-provider-arn arn:aws:iam::111122223333:oidc-provider\/oidc\.example\.com\/clusters\/shop/,
    ],
    ['TokenAudience', /lanyard\.dev\/audience \(sts\.amazonaws\.com\)/],
    [
      'StsIdentityProviderUnknown',
      /account 111122223333: `lanyard setup provider --issuer https:\/\/oidc\.example\.com\/clusters\/shop/,
    ],
    ['StsVerificationKeyMissing', /lanyard setup issuer --out FOLDER/],
    ['StsIdentityProviderUnreachable', /lanyard setup issuer --check/],
    ['StsDurationTooLong', /aws iam update-role --role-name web --max-session-duration 3600/],
    ['StsUnreachable', /between namespace shop and STS in eu-west-1/],
    ['StsTimeout', /firewalls between namespace shop/],
    ['ProviderUnreachable', /proxies between namespace shop and it/],
    ['StsRegionDisabled', /Turn the region eu-west-1 on/],
  ])('%s: what to change for this pod', async (code, fix) => {
    const failing = async () => [{ session: 'default', problem: { code, message: 'what STS said' } }]
    const [finding] = (await lookAt(groundWith({ failing })))['exchange'] ?? []
    expect(finding).toMatchObject({
      verdict: 'fail',
      code,
      subject: 'pod/web',
      message: 'what STS said',
      fix: expect.stringMatching(fix),
    })
  })

  test('a failure that needs no names keeps its own advice; one of a pod that still serves is a warning', async () => {
    const failing = async () => [
      {
        session: 'default',
        problem: { code: 'ProviderRedirects' as const, field: 'idp', message: 'x', fix: 'Mend it' },
        isHeld: true,
      },
    ]
    const [finding] = (await lookAt(groundWith({ failing })))['exchange'] ?? []
    expect(finding).toEqual({
      verdict: 'warn',
      code: 'ProviderRedirects',
      subject: 'idp',
      message: 'x',
      fix: 'Mend it',
    })
  })

  test('tried from here tells whose the credentials are', async () => {
    const tried = (callerArn: string) =>
      groundWith({
        exchange: async () => [{ session: 'default', roleArn: 'arn:aws:iam::111122223333:role/team/web', callerArn }],
      })
    expect(briefly((await lookAt(tried('arn:aws:sts::111122223333:assumed-role/web/shop')))['exchange'])).toEqual([
      'ok: they are of arn:aws:sts::111122223333:assumed-role/web/shop',
    ])
    expect((await lookAt(tried('arn:aws:sts::111122223333:assumed-role/other/shop')))['exchange']?.[0]).toMatchObject({
      verdict: 'fail',
      code: 'RoleOther',
    })
    expect(briefly((await lookAt(groundWith({ exchange: async () => [] })))['exchange'])).toEqual([
      'skip: there was nothing to exchange',
    ])
    expect(briefly((await lookAt(groundWith()))['exchange'])[0]).toContain('--exchange tries it from here')
  })
})
