import { describe, expect, test } from 'vitest'
import { lintPolicy } from '../../../src/trust/index.ts'
import {
  aud,
  expected,
  found,
  type Json,
  NAME,
  PROVIDER,
  policy,
  right,
  SUBJECT,
  statement,
  sub,
  under,
} from './policies.ts'

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
      ['fail TrustActionMissing'],
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
      'an operator that is none for texts',
      under({ StringEquals: right, NumericLessThan: { [`${NAME}:sub`]: '5' } }),
      ['fail TrustConditionOther'],
      /the condition on ".*:sub" does not hold for/,
    ],
    [
      'a subject that must not be there',
      under({ StringEquals: right, Null: { [`${NAME}:sub`]: 'true' } }),
      ['fail TrustConditionOther'],
      /the condition on ".*:sub" does not hold for/,
    ],
    [
      'a subject as an ARN',
      under({ StringEquals: aud, ArnLike: sub(SUBJECT) }),
      ['fail TrustSubjectOther', 'fail TrustSubjectOther'],
      /is compared as an ARN, which it is not/,
    ],
    [
      'an audience as an ARN',
      under({ StringEquals: sub(SUBJECT), ArnEquals: aud }),
      ['fail TrustAudienceOther'],
      /is compared as an ARN, which it is not/,
    ],
    [
      'an audience that is excluded',
      under({ StringEquals: { ...right, [`${NAME}:aud`]: ['vault', 'sts.amazonaws.com'] }, StringNotEquals: aud }),
      ['fail TrustAudienceOther'],
      /it excludes "sts.amazonaws.com", which the token is for/,
    ],
    [
      'an audience that one of two conditions wants',
      under({ StringEquals: { ...sub(SUBJECT), [`${NAME}:aud`]: 'vault' }, StringLike: { [`${NAME}:aud`]: 'sts.*' } }),
      ['fail TrustAudienceOther'],
      /it wants "vault"/,
    ],
    [
      'keys of two issuers at once',
      policy(
        statement({
          Principal: { Federated: [PROVIDER, 'arn:aws:iam::111122223333:oidc-provider/other.example.com'] },
          Condition: {
            StringEquals: { ...right, 'other.example.com:sub': SUBJECT, 'other.example.com:aud': 'sts.amazonaws.com' },
          },
        }),
      ),
      ['fail TrustIssuerWrong', 'warn TrustIssuerWrong'],
      /each needs a statement of its own/,
    ],
    [
      'a key of another issuer, whatever its case',
      under({ StringEquals: { ...right, 'other.example:Sub': 'x' } }),
      ['fail TrustIssuerWrong'],
      /is no key of tokens of/,
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
      /has a wildcard/,
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
