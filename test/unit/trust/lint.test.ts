import { describe, expect, test } from 'vitest'
import { type Expected, lintPolicy } from '../../../src/trust/index.ts'

const NAME = 'oidc.example.com/clusters/shop'
const PROVIDER = `arn:aws:iam::111122223333:oidc-provider/${NAME}`
const SUBJECT = 'system:serviceaccount:shop:web'
const right = { [`${NAME}:aud`]: 'sts.amazonaws.com', [`${NAME}:sub`]: SUBJECT }
const expected: Expected = {
  roleArn: 'arn:aws:iam::111122223333:role/web',
  issuer: `https://${NAME}`,
  subject: SUBJECT,
  audience: 'sts.amazonaws.com',
}

type Json = Readonly<Record<string, unknown>>
const statement = (changes: Json = {}): Json => ({
  Effect: 'Allow',
  Principal: { Federated: PROVIDER },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: right },
  ...changes,
})
const policy = (...statements: readonly unknown[]): Json => ({ Version: '2012-10-17', Statement: statements })
const under = (Condition: Json): Json => policy(statement({ Condition }))
const without = (key: 'aud' | 'sub'): Json =>
  Object.fromEntries(Object.entries(right).filter(([name]) => name !== `${NAME}:${key}`))
const sub = (value: string | readonly string[]): Json => ({ [`${NAME}:sub`]: value })
const aud = { [`${NAME}:aud`]: 'sts.amazonaws.com' }

const found = (document: unknown, who: Expected = expected): readonly string[] =>
  lintPolicy(document, who).map(({ verdict, code }) => `${verdict} ${code}`)

describe('a policy that is right', () => {
  test.each([
    ['of one subject', policy(statement())],
    ['whose statement stands alone', { Statement: statement() }],
    ['of several subjects', under({ StringEquals: { ...aud, ...sub([SUBJECT, 'system:serviceaccount:shop:api']) } })],
    ['by StringLike without a wildcard', under({ StringLike: { ...aud, ...sub(SUBJECT) } })],
    [
      'in other cases of keys and actions',
      under({ stringequals: { [`${NAME}:AUD`]: 'sts.amazonaws.com', [`${NAME}:Sub`]: SUBJECT } }),
    ],
    [
      'with a wildcard that another condition narrows',
      under({ StringLike: sub('system:serviceaccount:*'), StringEquals: right }),
    ],
    [
      'beside a role that may assume it',
      policy(
        statement(),
        statement({
          Principal: { AWS: 'arn:aws:iam::111122223333:role/first' },
          Action: 'sts:AssumeRole',
          Condition: undefined,
        }),
      ),
    ],
    [
      'that denies others',
      policy(
        statement(),
        statement({ Effect: 'Deny', Condition: { StringEquals: sub('system:serviceaccount:shop:bad') } }),
      ),
    ],
    ['that says that the subject is there', under({ StringEquals: right, Null: { [`${NAME}:sub`]: false } })],
  ])('%s has no finding', (_, document) => {
    expect(lintPolicy(JSON.parse(JSON.stringify(document)), expected)).toEqual([])
  })

  test('of SAML has none', () => {
    const document = policy({
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/corporate' },
      Action: 'sts:AssumeRoleWithSAML',
      Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
    })
    expect(found(document, { roleArn: expected.roleArn ?? '' })).toEqual([])
  })
})

describe('who gets in that should not', () => {
  test.each<[string, Json, readonly string[], RegExp]>([
    ['no subject', under({ StringEquals: without('sub') }), ['fail TrustSubjectMissing'], /Every pod of the cluster/],
    [
      'no condition at all',
      policy(statement({ Condition: undefined })),
      ['fail TrustSubjectMissing', 'fail TrustAudienceMissing'],
      /Every pod/,
    ],
    [
      'only that the subject is there',
      under({ StringEquals: aud, Null: { [`${NAME}:sub`]: 'false' } }),
      ['fail TrustSubjectMissing'],
      /Every pod/,
    ],
    ['no audience', under({ StringEquals: without('aud') }), ['fail TrustAudienceMissing'], /made for another service/],
    [
      'any audience',
      under({ StringEquals: sub(SUBJECT), StringLike: { [`${NAME}:aud`]: '*' } }),
      ['warn TrustAudienceMissing'],
      /another service/,
    ],
    [
      'any subject',
      under({ StringEquals: aud, StringLike: sub('*') }),
      ['fail TrustSubjectWildcard'],
      /a namespace or a service account/,
    ],
    [
      'any service account',
      under({ StringEquals: aud, StringLike: sub('system:serviceaccount:*:*') }),
      ['fail TrustSubjectWildcard'],
      /a namespace/,
    ],
    [
      'namespaces by a prefix',
      under({ StringEquals: aud, StringLike: sub('system:serviceaccount:shop*:web') }),
      ['fail TrustSubjectWildcard'],
      /a namespace/,
    ],
    [
      'one namespace',
      under({ StringEquals: aud, StringLike: sub('system:serviceaccount:shop:*') }),
      ['warn TrustSubjectWildcard'],
      /in namespace shop/,
    ],
    [
      'one of several with a wildcard',
      under({ StringEquals: aud, StringLike: sub([SUBJECT, 'system:serviceaccount:a?:b']) }),
      ['fail TrustSubjectWildcard'],
      /a namespace/,
    ],
    [
      'ForAllValues',
      under({ 'ForAllValues:StringEquals': right }),
      ['fail TrustForAllValues', 'fail TrustForAllValues'],
      /without oidc/,
    ],
    ['IfExists', under({ StringEqualsIfExists: right }), ['warn TrustIfExists', 'warn TrustIfExists'], /without oidc/],
    [
      'all but one',
      under({ StringEquals: aud, StringNotEquals: sub('system:serviceaccount:shop:bad') }),
      ['fail TrustConditionNegated'],
      /Everybody else/,
    ],
    [
      'everybody',
      policy(statement({ Principal: '*' })),
      ['fail TrustPrincipalWide', 'fail TrustIssuerWrong'],
      /Everybody who has an AWS account/,
    ],
    [
      'every provider',
      policy(statement({ Principal: { Federated: '*' } }), statement()),
      ['fail TrustPrincipalWide'],
      /Everybody/,
    ],
    [
      'every AWS account',
      policy(statement(), statement({ Principal: { AWS: '*' }, Condition: undefined })),
      ['fail TrustPrincipalWide'],
      /Everybody/,
    ],
    [
      'a whole account',
      policy(statement(), statement({ Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Condition: undefined })),
      ['warn TrustPrincipalWide'],
      /allowed sts:AssumeRole/,
    ],
    [
      'an account by its number',
      policy(statement(), statement({ Principal: { AWS: '444455556666' }, Condition: undefined })),
      ['warn TrustPrincipalWide'],
      /allowed sts:AssumeRole/,
    ],
    [
      'all but a principal',
      policy(statement(), { ...statement({ NotPrincipal: { AWS: '444455556666' } }), Principal: undefined }),
      ['fail TrustPrincipalWide'],
      /Everybody/,
    ],
    ['every action', policy(statement({ Action: 'sts:*' })), ['warn TrustActionWide'], /session tags/],
    [
      'all but an action',
      policy({ ...statement({ NotAction: 'sts:GetCallerIdentity' }), Action: undefined }),
      ['warn TrustActionWide'],
      /session tags/,
    ],
  ])('%s', (_, document, codes, attack) => {
    const findings = lintPolicy(JSON.parse(JSON.stringify(document)), expected)
    expect(findings.map(({ verdict, code }) => `${verdict} ${code}`)).toEqual(codes)
    expect(findings[0]?.attack).toMatch(attack)
  })

  test('SAML for any audience', () => {
    const document = policy({
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/corporate' },
      Action: 'sts:AssumeRoleWithSAML',
    })
    expect(found(document, {})).toEqual(['fail TrustAudienceMissing'])
  })
})

describe('who does not get in that should', () => {
  const other = `arn:aws:iam::111122223333:oidc-provider/`
  const trusting = (name: string): Json =>
    policy(
      statement({
        Principal: { Federated: other + name },
        Condition: { StringEquals: { [`${name}:aud`]: 'sts.amazonaws.com', [`${name}:sub`]: SUBJECT } },
      }),
    )
  test.each<[string, Json, readonly string[], RegExp]>([
    [
      'another subject',
      under({ StringEquals: { ...aud, ...sub('system:serviceaccount:shop:api') } }),
      ['fail TrustSubjectOther'],
      /"system:serviceaccount:shop:web" is not let in; it names "system:serviceaccount:shop:api"$/,
    ],
    [
      'many others',
      under({ StringEquals: { ...aud, ...sub(['a', 'b', 'c', 'd', 'e']) } }),
      ['fail TrustSubjectOther'],
      /"a", "b", "c" and 2 more$/,
    ],
    [
      'a literal *',
      under({ StringEquals: { ...aud, ...sub('system:serviceaccount:shop:*') } }),
      ['fail TrustSubjectOther', 'fail TrustSubjectOther'],
      /its \* stands for itself/,
    ],
    [
      'another audience',
      under({ StringEquals: { ...right, [`${NAME}:aud`]: 'vault' } }),
      ['fail TrustAudienceOther'],
      /it wants "vault", and the token is for "sts.amazonaws.com"/,
    ],
    [
      'another issuer',
      trusting('oidc.example.com/clusters/other'),
      ['fail TrustIssuerWrong'],
      /it trusts "oidc.example.com\/clusters\/other", and tokens/,
    ],
    ['a slash', trusting(`${NAME}/`), ['fail TrustIssuerWrong'], /a slash at the end is the difference/],
    ['capitals', trusting('OIDC.example.com/clusters/shop'), ['fail TrustIssuerWrong'], /capitals are the difference/],
    [
      'a scheme',
      trusting(`https://${NAME}`),
      ['fail TrustIssuerWrong'],
      /with https:\/\/, which does not belong there/,
    ],
    [
      'keys of another issuer',
      under({ StringEquals: { 'other.example.com:aud': 'sts.amazonaws.com', 'other.example.com:sub': SUBJECT } }),
      [
        'fail TrustSubjectMissing',
        'fail TrustAudienceMissing',
        'fail TrustIssuerWrong',
        'fail TrustIssuerWrong',
        'fail TrustSubjectOther',
      ],
      /nothing is said/,
    ],
    [
      'another action',
      policy(statement({ Action: 'sts:AssumeRole' })),
      ['fail TrustActionMissing', 'fail TrustSubjectOther'],
      /does not allow sts:AssumeRoleWithWebIdentity/,
    ],
    [
      'another partition',
      policy(statement({ Principal: { Federated: `arn:aws-cn:iam::111122223333:oidc-provider/${NAME}` } })),
      ['fail TrustPartitionWrong'],
      /not in the partition aws/,
    ],
    [
      'another account',
      policy(statement({ Principal: { Federated: `arn:aws:iam::444455556666:oidc-provider/${NAME}` } })),
      ['fail TrustPartitionWrong'],
      /the account 111122223333/,
    ],
    [
      'a Deny',
      policy(
        statement(),
        statement({ Effect: 'Deny', Condition: { StringLike: sub('system:serviceaccount:shop:*') } }),
      ),
      ['fail TrustDenied'],
      /it denies the role to system/,
    ],
    [
      'a condition of something else',
      under({ StringEquals: right, StringLike: { 'aws:SourceVpc': 'vpc-1' } }),
      ['fail TrustSubjectOther'],
      /is not let in; it names/,
    ],
    [
      'an operator that is none for texts',
      under({ StringEquals: right, NumericLessThan: { [`${NAME}:sub`]: '5' } }),
      ['fail TrustSubjectOther'],
      /is not let in/,
    ],
    [
      'no provider',
      policy(
        statement({
          Principal: { AWS: 'arn:aws:iam::111122223333:role/a' },
          Action: 'sts:AssumeRole',
          Condition: undefined,
        }),
      ),
      ['fail TrustIssuerWrong'],
      /no OIDC provider is trusted/,
    ],
    [
      'a provider with a wildcard',
      policy(statement({ Principal: { Federated: `${other}*` } })),
      [
        'fail TrustPolicyMalformed',
        'fail TrustSubjectMissing',
        'fail TrustAudienceMissing',
        'fail TrustIssuerWrong',
        'fail TrustIssuerWrong',
        'fail TrustIssuerWrong',
      ],
      /no provider/,
    ],
  ])('%s', (_, document, codes, message) => {
    const findings = lintPolicy(JSON.parse(JSON.stringify(document)), expected)
    expect(findings.map(({ verdict, code }) => `${verdict} ${code}`)).toEqual(codes)
    expect(findings[0]?.message).toMatch(message)
  })

  test('is not judged where it is not known who that is', () => {
    expect(found(under({ StringEquals: { ...aud, ...sub('system:serviceaccount:a:b') } }), {})).toEqual([])
    expect(
      found(under({ StringEquals: { ...right, [`${NAME}:aud`]: 'vault' } }), { issuer: `https://${NAME}` }),
    ).toEqual([])
    expect(
      found(under({ StringEquals: { ...right, [`${NAME}:aud`]: 'vault' } }), {
        issuer: `https://${NAME}`,
        audience: 'x',
      }),
    ).toEqual(['fail TrustAudienceOther'])
    expect(
      found(under({ StringEquals: { ...right, [`${NAME}:aud`]: 'vault' } }), {
        issuer: `https://${NAME}`,
        subject: SUBJECT,
      }),
    ).toEqual([])
  })
})

describe('what IAM would not take', () => {
  test.each<[unknown, string]>([
    [undefined, ''],
    ['text', ''],
    [[], ''],
    [{}, 'Statement'],
    [{ Statement: [] }, 'Statement'],
    [{ Statement: Array.from({ length: 101 }, () => statement()) }, 'Statement'],
    [policy(1), 'Statement[0]'],
    [policy(statement({ Effect: 'allow' })), 'Statement[0].Effect'],
    [policy(statement({ Resource: '*' })), 'Statement[0].Resource'],
    [policy(statement({ Actions: 'x' })), 'Statement[0].Actions'],
    [policy(statement({ Action: 1.5 })), ''],
    [policy(statement({ Action: [] })), 'Statement[0].Action'],
    [policy(statement({ Action: {} })), 'Statement[0].Action'],
    [policy(statement({ Principal: undefined })), 'Statement[0].Principal'],
    [policy(statement({ Principal: { Federated: null } })), 'Statement[0].Principal.Federated'],
    [policy(statement({ Condition: 'x' })), 'Statement[0].Condition'],
    [policy(statement({ Condition: { StringEquals: 'x' } })), 'Statement[0].Condition.StringEquals'],
    [policy(statement({ Condition: { StringEquals: { a: null } } })), 'Statement[0].Condition.StringEquals.a'],
  ])('%j', (document, where) => {
    const findings = lintPolicy(document, expected)
    if (where === '' && typeof document === 'object' && !Array.isArray(document))
      return expect(findings).not.toEqual([])
    expect(findings).toContainEqual(expect.objectContaining({ verdict: 'fail', code: 'TrustPolicyMalformed', where }))
  })
})

describe('what looks narrow and is not', () => {
  const variable = (name: string): string => `\${${name}}`
  const likeSub = (value: string): Json => under({ StringLike: sub(value), StringEquals: aud })
  test.each<[string, Json, readonly string[]]>([
    [
      "the token's own subject",
      under({ StringEquals: { ...aud, ...sub(`\${${NAME}:sub}`) } }),
      ['TrustSubjectWildcard'],
    ],
    [
      'the session name',
      likeSub(`system:serviceaccount:${variable('sts:RoleSessionName')}:web`),
      ['TrustSubjectWildcard'],
    ],
    [
      'one variable of two subjects',
      under({ StringEquals: { ...aud, ...sub([SUBJECT, variable('x')]) } }),
      ['TrustSubjectWildcard'],
    ],
    [
      "the token's own audience",
      under({ StringEquals: { ...right, [`${NAME}:aud`]: variable('x') } }),
      ['TrustAudienceMissing'],
    ],
    [
      'Cognito for any pool',
      policy(statement({ Principal: { Federated: 'cognito-identity.amazonaws.com' }, Condition: {} })),
      ['TrustAudienceMissing'],
    ],
    [
      'Facebook for any application',
      policy(statement({ Principal: { Federated: 'graph.facebook.com' }, Condition: {} })),
      ['TrustAudienceMissing'],
    ],
    ['an operator that is none', under({ StringEqual: right }), ['TrustPolicyMalformed']],
  ])('%s', (_, document, codes) => {
    expect(found(document, {})).toEqual(codes.map((code) => `fail ${code}`))
  })

  test('a variable is no harm where another condition names the subject, and a sign in its form is none', () => {
    expect(found(under({ StringLike: sub(variable('x')), StringEquals: right }), {})).toEqual([])
    expect(found(likeSub(`system:serviceaccount:shop:${variable('*')}`), {})).toEqual(['warn TrustSubjectWildcard'])
  })

  test('without capitals, and an issuer beside, are warned of', () => {
    expect(found(under({ StringEqualsIgnoreCase: right }), {})).toEqual(['warn TrustSubjectWildcard'])
    const other = 'token.actions.githubusercontent.com'
    const beside = statement({
      Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${other}` },
      Condition: {
        StringEquals: { [`${other}:aud`]: 'sts.amazonaws.com', [`${other}:sub`]: 'repo:a/b:ref:refs/heads/main' },
      },
    })
    expect(found(policy(statement(), beside))).toEqual(['warn TrustIssuerWrong'])
    expect(found(policy(statement(), beside), {})).toEqual([])
  })

  test.each([
    'StringLike',
    'ForAnyValue:StringEquals',
    'NumericLessThanEqualsIfExists',
    'arnnotlike',
    'Null',
    'NotIpAddress',
  ])('%s is an operator', (operator) => {
    const Condition = { StringEquals: right, [operator]: { 'aws:x': '1' } }
    expect(found(under(Condition), {})).not.toContain('fail TrustPolicyMalformed')
  })
})
