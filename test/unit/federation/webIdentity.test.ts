import { describe, expect, it } from 'vitest'
import { type Code, Failure } from '../../../src/errors/index.ts'
import { measureSkew, type StsAnswer, type WebIdentityRequest, webIdentity } from '../../../src/federation/index.ts'
import { failureOf, never, noon, roleArn } from './support.ts'

const identity = {
  raw: 'c4n4ry-token',
  issuer: 'https://oidc.example.com',
  subject: 's',
  audiences: ['sts.amazonaws.com'],
  expires: noon + 3_600_000,
}
const request = { roleArn, roleSessionName: 'shop.web.web-1', durationSeconds: 3600 }
const good: StsAnswer = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'c4n4ry-secret',
  sessionToken: 'c4n4ry-session',
  expires: noon + 3_600_000,
  assumedRoleArn: 'arn:aws:sts::123456789012:assumed-role/shop-web/shop.web.web-1',
  date: noon,
  localTime: noon + 800,
}

function exchange(answer: Partial<StsAnswer>, asked: Partial<WebIdentityRequest> = {}) {
  const sent: WebIdentityRequest[] = []
  const sts = {
    assumeRoleWithWebIdentity: async (each: WebIdentityRequest) => {
      sent.push(each)
      return { ...good, ...answer }
    },
  }
  return { sent, obtain: webIdentity(async () => identity, sts, { ...request, ...asked }) }
}

describe('webIdentity', () => {
  it('exchanges the token for credentials', async () => {
    const { sent, obtain } = exchange({}, { policy: '{}', policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] })
    expect(await obtain(never)).toEqual({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'c4n4ry-secret',
      sessionToken: 'c4n4ry-session',
      expires: noon + 3_600_000,
      issued: noon,
      skew: 0,
      roleArn,
      assumedRoleArn: good.assumedRoleArn,
      accountId: '123456789012',
    })
    expect(sent).toEqual([
      { ...request, token: 'c4n4ry-token', policy: '{}', policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] },
    ])
  })

  it('takes the token anew at every attempt, and does not call STS without one', async () => {
    let calls = 0
    const source = async () => {
      calls += 1
      if (calls === 1) return identity
      throw new Failure({ code: 'TokenEmpty', message: 'is empty' })
    }
    const sent: string[] = []
    const assumeRoleWithWebIdentity = async ({ token }: WebIdentityRequest) => {
      sent.push(token)
      return good
    }
    const obtain = webIdentity(source, { assumeRoleWithWebIdentity }, request)
    await obtain(never)
    expect((await failureOf(obtain(never))).code).toBe('TokenEmpty')
    expect(sent).toHaveLength(1)
  })

  it('judges by the local clock where STS sends no Date', async () => {
    const credentials = await exchange({ date: undefined }).obtain(never)
    expect(credentials).toMatchObject({ issued: noon + 800, skew: 0, expires: noon + 3_600_000 })
  })

  it.each([1, 4 * 60_000, 299_000])(
    'does not let a clock that is %i ms behind lengthen the session where STS sends no Date',
    async (behind) => {
      const localTime = noon - behind
      expect(await exchange({ date: undefined, localTime }).obtain(never)).toMatchObject({
        issued: localTime,
        expires: localTime + 3_600_000,
      })
    },
  )

  it("judges the expiry by STS's clock, not by the pod's", async () => {
    const ahead = { date: noon + 7_200_000, expires: noon + 10_800_000, localTime: noon }
    expect(await exchange(ahead).obtain(never)).toMatchObject({ issued: noon + 7_200_000, skew: 7_200_000 })
    const behind = { date: noon, localTime: noon + 7_200_000 }
    expect(await exchange(behind).obtain(never)).toMatchObject({ issued: noon, skew: -7_200_000 })
  })

  it.each([60_000, 900_000, 3_900_000])('takes a life of %i ms', async (life) => {
    expect((await exchange({ expires: noon + life }).obtain(never)).expires).toBe(noon + life)
  })

  it.each([
    ['no AccessKeyId', { accessKeyId: undefined }],
    ['no AccessKeyId', { accessKeyId: '' }],
    ['no SecretAccessKey', { secretAccessKey: undefined }],
    ['no SessionToken', { sessionToken: undefined }],
    ['no Expiration', { expires: undefined }],
    ['no Expiration', { expires: Number.NaN }],
    ['for 59 s, where 3600 s', { expires: noon + 59_000 }],
    ['for -3600 s', { expires: noon - 3_600_000 }],
    ['for 3901 s', { expires: noon + 3_901_000 }],
    ['no AssumedRoleUser.Arn', { assumedRoleArn: undefined }],
    ['not of the role', { assumedRoleArn: 'arn:aws:sts::123456789012:assumed-role/admin/shop.web.web-1' }],
    ['not of the role', { assumedRoleArn: 'arn:aws:sts::210987654321:assumed-role/shop-web/shop.web.web-1' }],
    ['not of the role', { assumedRoleArn: 'arn:aws:sts::123456789012:assumed-role/apps/shop-web/x' }],
    ['not of the role', { assumedRoleArn: 'shop-web' }],
  ])('refuses an answer: %s', async (words, answer) => {
    const failure = await failureOf(exchange(answer).obtain(never))
    expect(failure.code).toBe('StsAnswerInvalid')
    expect(failure.message).toContain(words)
    expect(failure.message).not.toMatch(/c4n4ry|ASIA/)
  })

  it('refuses a field that is no text', async () => {
    const obtain = exchange(JSON.parse('{"secretAccessKey":{"a":1}}')).obtain
    expect((await failureOf(obtain(never))).message).toContain('no SecretAccessKey')
  })

  it('refuses when it was asked for what is no role', async () => {
    const failure = await failureOf(exchange({}, { roleArn: 'arn:aws:iam::123456789012:user/shop-web' }).obtain(never))
    expect(failure.code).toBe('StsAnswerInvalid')
  })
})

describe('a refusal', () => {
  const refusing = (code: Code, change: Partial<typeof identity> = {}) => {
    const assumeRoleWithWebIdentity = async () => {
      throw new Failure({ code, message: 'AccessDenied (HTTP 403) from e: no' })
    }
    return failureOf(
      webIdentity(async () => ({ ...identity, ...change }), { assumeRoleWithWebIdentity }, request)(never),
    )
  }

  it.each([
    'StsAccessDenied',
    'StsIdentityProviderUnknown',
    'StsAudienceRejected',
    'StsTokenRejected',
    'StsVerificationKeyMissing',
  ] as const)('%s says what the token says', async (code) => {
    const failure = await refusing(code, { subject: 'system:serviceaccount:shop:web', audiences: ['a', 'b'] })
    const said = 'the token says sub system:serviceaccount:shop:web, iss https://oidc.example.com, aud a b'
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(`AccessDenied (HTTP 403) from e: no; ${said}. `)
    expect(failure.message).not.toContain('c4n4ry')
  })

  it.each(['StsThrottled', 'StsTimeout', 'StsAnswerInvalid'] as const)('%s is left as it is', async (code) => {
    expect((await refusing(code)).message).not.toContain('the token says')
  })

  it('shows claims on one line and cut', async () => {
    const { message } = await refusing('StsAccessDenied', { subject: 'a\n\u2028b', issuer: 'i'.repeat(20_000) })
    expect(message).toContain('sub a b, iss iii')
    expect(message).toContain('…, aud sts.amazonaws.com')
    expect(message.length).toBeLessThan(1_000)
  })
})

describe('measureSkew', () => {
  it.each([
    [undefined, 0],
    [Number.NaN, 0],
    [noon + 5_000, 0],
    [noon - 5_000, 0],
    [noon + 5_001, 5_001],
    [noon - 6_000, -6_000],
  ])('of a Date %s is %i', (date, skew) => {
    expect(measureSkew(date, noon)).toBe(skew)
  })
})
