import { describe, expect, test } from 'vitest'
import { aud, found, type Json, NAME, policy, right, SUBJECT, statement, sub, under } from './policies.ts'

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
      policy(
        statement({
          Principal: { Federated: 'cognito-identity.amazonaws.com' },
          Condition: { 'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' } },
        }),
      ),
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
