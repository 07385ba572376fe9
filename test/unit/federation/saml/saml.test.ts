import { describe, expect, it } from 'vitest'
import { type Code, Failure } from '../../../../src/errors/index.ts'
import type { SamlRequest, StsAnswer } from '../../../../src/federation/index.ts'
import { rememberRedeemed, type SamlOptions, type SamlResponse, saml } from '../../../../src/federation/saml/index.ts'
import { signedResponse } from '../../../support/samlXml.ts'
import { failureOf, never, noon } from '../support.ts'
import { entityId, expected, fieldsOf, principalArn, recipient, roleArn, serviceProvider, signer } from './support.ts'

const request = { roleArn, principalArn, durationSeconds: 3600 }
const granted: StsAnswer = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'c4n4ry-secret',
  sessionToken: 'c4n4ry-session',
  expires: noon + 1_800_000,
  assumedRoleArn: 'arn:aws:sts::123456789012:assumed-role/shop-web/web@example.com',
  date: noon,
  localTime: noon,
}

type Setup = {
  readonly answer?: () => StsAnswer
  readonly response?: Partial<SamlResponse>
  readonly same?: true
} & Partial<SamlOptions>

function setUp({ answer = () => granted, response = {}, same, ...options }: Setup = {}) {
  const sent: SamlRequest[] = []
  const fixed = signedResponse(fieldsOf(), signer)
  const source = async (): Promise<SamlResponse> => ({
    xml: same ? fixed : signedResponse(fieldsOf(), signer),
    from: 'https://idp.example.com/ecp',
    ...response,
  })
  const assumeRoleWithSaml = async (each: SamlRequest): Promise<StsAnswer> => {
    sent.push(each)
    return answer()
  }
  const { trusted } = expected
  const obtain = saml(source, { assumeRoleWithSaml }, request, {
    serviceProvider,
    recipient,
    now: () => noon,
    ...(trusted && { trusted }),
    ...options,
  })
  return { obtain, sent, fixed }
}

const refusing = (code: Code) => () => {
  throw new Failure({ code, message: 'Denied (HTTP 403) from e: no' })
}

describe('saml', () => {
  it('redeems the very response that it has judged', async () => {
    const { obtain, sent, fixed } = setUp({ same: true })
    expect(await obtain(never)).toMatchObject({ roleArn, accountId: '123456789012', expires: noon + 1_800_000 })
    expect(sent).toEqual([{ ...request, assertion: Buffer.from(fixed).toString('base64') }])
  })

  it('gets a new assertion for each attempt, and never redeems one twice', async () => {
    const fresh = setUp()
    await fresh.obtain(never)
    await fresh.obtain(never)
    expect(new Set(fresh.sent.map(({ assertion }) => assertion)).size).toBe(2)
    const stale = setUp({ same: true })
    await stale.obtain(never)
    const failure = await failureOf(stale.obtain(never))
    expect(failure.code).toBe('SamlReplayed')
    expect(failure.message).toContain('https://idp.example.com/ecp: the assertion has been redeemed already')
    expect(stale.sent).toHaveLength(1)
  })

  it('may redeem again what STS has given nothing for', async () => {
    let count = 0
    const { obtain, sent } = setUp({ same: true, answer: () => (count++ === 0 ? refusing('StsThrottled')() : granted) })
    expect((await failureOf(obtain(never))).code).toBe('StsThrottled')
    expect((await obtain(never)).roleArn).toBe(roleArn)
    expect(sent).toHaveLength(2)
  })

  it('asks STS for nothing when the assertion is no good', async () => {
    const { obtain, sent } = setUp({ response: { xml: '<x/>' } })
    const failure = await failureOf(obtain(never))
    expect(failure.code).toBe('SamlStructure')
    expect(failure.message).toMatch(/^SamlStructure: https:\/\/idp\.example\.com\/ecp: /)
    expect(sent).toHaveLength(0)
  })

  it('hides what was sent where the identity provider says it again', async () => {
    const status = '<samlp:StatusCode Value="urn:x:Responder"/><samlp:StatusMessage>WRONG pw7</samlp:StatusMessage>'
    const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><samlp:Status>${status}</samlp:Status></samlp:Response>`
    const failure = await failureOf(setUp({ response: { xml, secrets: ['pw7', ''] } }).obtain(never))
    expect(failure.message).toContain('has not succeeded: WRONG [redacted].')
  })

  it.each([
    ['redeemed already', {}],
    ['too old', { now: () => noon + 600_000, same: undefined }],
  ] as const)('says of a file that is %s that it is stale', async (_, change) => {
    const { obtain } = setUp({
      response: { isFile: true, from: '/identity/assertion' },
      same: true,
      ...('now' in change && { now: change.now }),
    })
    if (!('now' in change)) await obtain(never)
    const failure = await failureOf(obtain(never))
    expect(failure.code).toBe('SamlFileStale')
    expect(failure.retry).toBe('rereadToken')
    expect(failure.message).toContain('/identity/assertion')
  })

  it.each(['StsSamlDenied', 'StsSamlRejected', 'StsSamlExpired'] as const)(
    '%s says what the assertion says',
    async (code) => {
      const { obtain } = setUp({ answer: refusing(code) })
      const failure = await failureOf(obtain(never))
      expect(failure.code).toBe(code)
      expect(failure.message).toContain(
        `the assertion for ${principalArn} says issuer ${entityId}, IssueInstant 2026-01-01T11:59:58.000Z, recipient ${recipient}`,
      )
      expect(failure.message).not.toContain('c4n4ry')
    },
  )

  it('leaves other failures as they are, and refuses an STS that lies', async () => {
    expect((await failureOf(setUp({ answer: refusing('StsTimeout') }).obtain(never))).message).not.toContain(
      'IssueInstant',
    )
    const liar = setUp({
      answer: () => ({ ...granted, assumedRoleArn: 'arn:aws:sts::123456789012:assumed-role/admin/x' }),
    })
    expect((await failureOf(liar.obtain(never))).code).toBe('StsAnswerInvalid')
    const odd = setUp({
      answer: () => {
        throw new TypeError('c4n4ry')
      },
    })
    await expect(odd.obtain(never)).rejects.toThrow(TypeError)
  })
})

describe('rememberRedeemed', () => {
  const assertion = (id: string, issuer = entityId) => ({ id, issuer, issued: noon, sessionName: 'web' })
  const isRefused = (redeemed: ReturnType<typeof rememberRedeemed>, id: string, issuer?: string): boolean => {
    try {
      redeemed.refuse(assertion(id, issuer))
      return false
    } catch {
      return true
    }
  }

  it('tells assertions apart by issuer and ID', () => {
    const redeemed = rememberRedeemed()
    redeemed.add(assertion('_a'))
    expect([isRefused(redeemed, '_a'), isRefused(redeemed, '_b'), isRefused(redeemed, '_a', 'other')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('holds so many and no more', () => {
    const redeemed = rememberRedeemed(3)
    for (const id of ['_1', '_2', '_3', '_4']) redeemed.add(assertion(id))
    expect(['_1', '_2', '_3', '_4'].map((id) => isRefused(redeemed, id))).toEqual([false, true, true, true])
  })
})
