import { describe, expect, test } from 'vitest'
import type { IdentityGround } from '../../../../src/doctor/identity/index.ts'
import { writePolicy } from '../../../../src/trust/index.ts'
import { briefly, groundWith, intended, lookAt, NAME, ROLE } from './ground.ts'

const withIntended = (changes: Partial<typeof intended>): Partial<IdentityGround> => ({
  intended: async () => ({ ...intended, ...changes }),
})

describe('--role-file', () => {
  const policy = writePolicy({
    kind: 'oidc',
    provider: `arn:aws:iam::111122223333:oidc-provider/${NAME}`,
    audience: 'sts.amazonaws.com',
    subjects: [intended.subject],
  })
  const role = (changes: object = {}): string =>
    JSON.stringify({ Role: { Arn: ROLE, MaxSessionDuration: 3_600, AssumeRolePolicyDocument: policy, ...changes } })
  const said = async (roleFile: string, changes: Partial<IdentityGround> = {}) =>
    (await lookAt(groundWith({ roleFile, ...changes })))['role'] ?? []

  test('of the right role', async () => {
    expect(briefly(await said(role()))).toEqual([`ok: ${ROLE} lets in system:serviceaccount:shop:web`])
    expect(briefly(await said(role({ AssumeRolePolicyDocument: JSON.stringify(policy) })))[0]).toContain('ok: ')
    expect(briefly((await lookAt(groundWith()))['role'])[0]).toContain('aws iam get-role --role-name web > role.json')
  })

  test.each([
    ['a role that is not there', '\n', 'RoleAbsent'],
    ['another role', role({ Arn: `${ROLE}x` }), 'RoleAbsent'],
    ['nothing of IAM', '{}', 'TrustPolicyMalformed'],
    ['no JSON', 'An error occurred (NoSuchEntity)', 'TrustPolicyMalformed'],
  ])('of %s', async (_, text, code) => {
    expect((await said(text))[0]).toMatchObject({ verdict: 'fail', code })
  })

  test('of a role that allows too short a session', async () => {
    const roles = [{ session: 'default', roleArn: ROLE, durationSeconds: 7_200 }]
    const [finding] = await said(role(), withIntended({ roles }))
    expect(finding).toMatchObject({
      code: 'RoleSessionTooShort',
      fix: expect.stringContaining('--max-session-duration 7200'),
    })
    expect(await said(role({ MaxSessionDuration: undefined }), withIntended({ roles }))).toMatchObject([
      { verdict: 'ok' },
    ])
  })

  test('what keeps the pod out comes before what lets others in', async () => {
    const condition = { StringEquals: { [`${NAME}:sub`]: 'system:serviceaccount:shop:other' } }
    const document = { Statement: [{ ...policy.Statement[0], Condition: condition }] }
    const findings = await said(role({ AssumeRolePolicyDocument: document }))
    expect(findings.map(({ code }) => code)).toEqual(['TrustSubjectOther', 'TrustAudienceMissing'])
    expect(findings[1]?.message).toContain('made for another service')
  })

  test('of what another statement lacks, this pod has nothing to give', async () => {
    const saml = {
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/corporate' },
      Action: 'sts:AssumeRoleWithSAML',
      Condition: { StringEquals: { 'SAML:aud': 'https://signin.amazonaws.cn/saml' } },
    }
    const [finding] = await said(role({ AssumeRolePolicyDocument: { Statement: [...policy.Statement, saml] } }))
    expect(finding).toMatchObject({ code: 'TrustAudienceOther', subject: expect.stringContaining('Statement[1]') })
    expect(finding?.fix).toBe('Write https://signin.aws.amazon.com/saml under StringEquals.')
  })

  test.each([
    ['vault', /^Set lanyard\.dev\/audience to what the policy has, or write "oidc/],
    // Which no pod may ask for.
    ['https://kubernetes.default.svc', /^Write "oidc\.example\.com\/clusters\/shop:aud": "sts\.amazonaws\.com" under/],
  ])('of a policy for the audience %s', async (audience, fix) => {
    const StringEquals = { [`${NAME}:sub`]: intended.subject, [`${NAME}:aud`]: audience }
    const document = { Statement: [{ ...policy.Statement[0], Condition: { StringEquals } }] }
    expect(await said(role({ AssumeRolePolicyDocument: document }))).toContainEqual(
      expect.objectContaining({ code: 'TrustAudienceOther', fix: expect.stringMatching(fix) }),
    )
  })

  test('of a pod by another provider is judged by its holes alone', async () => {
    const [finding] = await said(role(), withIntended({ provider: 'corporate', subject: 'x' }))
    expect(finding).toMatchObject({ verdict: 'skip', message: expect.stringContaining('identity provider corporate') })
  })

  test('says nothing of whom it lets in where the issuer is not known', async () => {
    const [finding] = await said(role(), { live: () => Promise.reject(new Error('forbidden')) })
    expect(finding).toMatchObject({ verdict: 'skip', message: expect.stringContaining('the issuer is not known') })
  })
})

describe('--provider-file', () => {
  const said = async (file: object, changes: Partial<IdentityGround> = {}) =>
    (await lookAt(groundWith({ providerFile: JSON.stringify(file), ...changes })))['iam-provider'] ?? []

  test('of the right provider', async () => {
    expect(briefly(await said({ Url: NAME, ClientIDList: ['sts.amazonaws.com'] }))).toEqual([
      `ok: ${NAME} for sts.amazonaws.com`,
    ])
  })

  test('is compared with nothing where its issuer is not known, or another one counts', async () => {
    const file = { Url: 'other.example.com', ClientIDList: ['sts.amazonaws.com'] }
    const live = () => Promise.reject(new Error('forbidden'))
    expect(briefly(await said(file, { live }))[0]).toMatch(/^skip: other\.example\.com.*issuer is not known/)
    expect(briefly(await said(file, withIntended({ provider: 'corporate' })))[0]).toMatch(
      /^skip: AWS sees the tokens of/,
    )
  })

  test.each([
    [
      { Url: `${NAME}/`, ClientIDList: ['sts.amazonaws.com'] },
      'IssuerMismatch',
      'a slash at the end is the difference',
    ],
    [{ Url: 'other.example.com', ClientIDList: ['sts.amazonaws.com'] }, 'IssuerMismatch', 'is of other.example.com'],
    [
      { Url: NAME, ClientIDList: ['vault'] },
      'StsAudienceRejected',
      'takes vault, and the token is for sts.amazonaws.com',
    ],
    [{ Url: NAME, ClientIDList: [] }, 'StsAudienceRejected', 'takes no audience'],
    [{ Url: NAME }, 'StsIdentityProviderUnknown', 'not what aws iam'],
  ])('%j', async (file, code, message) => {
    expect((await said(file))[0]).toMatchObject({ verdict: 'fail', code, message: expect.stringContaining(message) })
  })
})
