import { describe, expect, test } from 'vitest'
import { lintPolicy } from '../../../src/trust/index.ts'
import {
  aud,
  expected,
  found,
  type Json,
  NAME,
  policy,
  right,
  SUBJECT,
  statement,
  sub,
  under,
  without,
} from './policies.ts'

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
    ['that asks for an address as well', under({ StringEquals: right, IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } })],
    ['that asks for a name of the session', under({ StringEquals: { ...right, 'sts:RoleSessionName': 'shop.web' } })],
    [
      "that names the tags of a call in AWS's way",
      under({ StringEquals: right, 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }),
    ],
    [
      'that denies by what is not known from here',
      policy(statement(), statement({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })),
    ],
    [
      'that denies calls without a tag',
      policy(statement(), statement({ Effect: 'Deny', Condition: { Null: { 'aws:RequestTag/team': 'true' } } })),
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
    ['no subject', under({ StringEquals: without('sub') }), ['fail TrustSubjectMissing'], /of a cluster, every pod/],
    [
      'no condition at all',
      policy(statement({ Condition: undefined })),
      ['fail TrustSubjectMissing', 'fail TrustAudienceMissing'],
      /every pod/,
    ],
    [
      'only that the subject is there',
      under({ StringEquals: aud, Null: { [`${NAME}:sub`]: 'false' } }),
      ['fail TrustSubjectMissing'],
      /every pod/,
    ],
    [
      'a subject that is compared as a number, which Google’s are',
      under({ StringEquals: aud, NumericGreaterThan: sub('0') }),
      ['fail TrustSubjectMissing', 'fail TrustSubjectOther'],
      /every pod/,
    ],
    ['no audience', under({ StringEquals: without('aud') }), ['fail TrustAudienceMissing'], /made for another service/],
    [
      'any audience',
      under({ StringEquals: sub(SUBJECT), StringLike: { [`${NAME}:aud`]: '*' } }),
      ['fail TrustAudienceMissing'],
      /another service/,
    ],
    [
      'audiences by a prefix',
      under({ StringEquals: sub(SUBJECT), StringLike: { [`${NAME}:aud`]: 'sts.*' } }),
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
