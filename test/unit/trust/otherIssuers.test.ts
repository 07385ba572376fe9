import { describe, expect, test } from 'vitest'
import { lintPolicy } from '../../../src/trust/index.ts'
import { found, NAME, PROVIDER, policy, right, SUBJECT, statement, sub, under, without } from './policies.ts'

/** A statement for another issuer than a cluster's, and a pattern of its subjects. */
const of = (name: string, pattern: string) =>
  policy(
    statement({
      Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${name}` },
      Condition: { StringEquals: { [`${name}:aud`]: 'sts.amazonaws.com' }, StringLike: { [`${name}:sub`]: pattern } },
    }),
  )

describe('wildcards of issuers that are no cluster', () => {
  test.each([
    ['token.actions.githubusercontent.com', 'repo:example/shop:*', 'warn', /below "repo:example\/shop:"/],
    ['token.actions.githubusercontent.com', 'repo:example/*', 'warn', /below "repo:example\/"/],
    ['token.actions.githubusercontent.com', 'repo:example*', 'fail', /choose a name that fits/],
    ['token.actions.githubusercontent.com', 'repo:*', 'fail', /choose a name that fits/],
    ['token.actions.githubusercontent.com', 'environment:production', 'fail', /make its subject that one/],
    ['token.actions.githubusercontent.com', 'ref:refs/heads/main:actor:octocat', 'fail', /make its subject that one/],
    [
      'token.actions.githubusercontent.com',
      'environment:production:job_workflow_ref:example/shop/.github/workflows/a.yml@refs/heads/main',
      'warn',
      /call that workflow/,
    ],
    ['app.terraform.io', 'organization:example:project:*', 'warn', /below "organization:example:project:"/],
    ['app.terraform.io', 'organization:example*', 'fail', /choose a name that fits/],
    ['gitlab.com', 'project_path:example/*:ref_type:branch:ref:main', 'warn', /below "project_path:example\/"/],
    ['token.actions.githubusercontent.com', 'environment:prod:repository_owner:*', 'fail', /choose a name that fits/],
    ['token.actions.githubusercontent.com', 'ref:refs/heads/main:repo:*', 'fail', /choose a name that fits/],
    ['token.actions.githubusercontent.com', 'workflow:CI:*', 'fail', /choose a name that fits/],
    ['token.actions.githubusercontent.com', 'repo:*/shop:*', 'fail', /choose a name that fits/],
    ['token.actions.githubusercontent.com', 'repository_owner:example:*', 'warn', /below "repository_owner:example:"/],
    ['oidc.circleci.com/org/ORGANISATION', 'org/ORGANISATION/project/PROJECT/user/*', 'warn', /below "org/],
    ['oidc.fly.io/example', 'example:*', 'warn', /below "example:"/],
    ['login.app.env0.com/', 'auth0|*', 'fail', /choose a name that fits/],
    ['api.pulumi.com/oidc', 'pulumi:*', 'fail', /choose a name that fits/],
    ['gitlab.com', '*', 'fail', /choose a name that fits/],
    ['gitlab.example.com', '*', 'fail', /a namespace or a service account/],
    ['gitlab.com', 'system:*', 'fail', /choose a name that fits/],
    ['gitlab.example.com', 'system:*', 'fail', /a namespace or a service account/],
  ])('%s: %s', (name, pattern, verdict, attack) => {
    const findings = lintPolicy(of(name, pattern), {})
    expect(findings).toEqual([
      expect.objectContaining({ verdict, code: 'TrustSubjectWildcard', attack: expect.stringMatching(attack) }),
    ])
  })

  test.each([
    ['token.actions.githubusercontent.com', 'repo:example/shop:environment:production'],
    ['token.actions.githubusercontent.com', 'environment:production:repository_owner:example'],
    ['token.actions.githubusercontent.com', 'repository_id:1'],
    ['token.actions.githubusercontent.com', 'repository:example/shop:ref:refs/heads/main'],
    ['token.actions.githubusercontent.com', 'workflow_ref:example/shop/.github/workflows/a.yml@refs/heads/main'],
    ['token.actions.githubusercontent.com/example', 'environment:production'],
    ['gitlab.com', 'project_path:example/shop:ref_type:branch:ref:main'],
  ])('%s: %s is of somebody', (name, subject) => {
    expect(lintPolicy(of(name, subject), {})).toEqual([])
  })
})

describe('audiences', () => {
  test.each([
    'https://kubernetes.default.svc',
    'https://kubernetes.default.svc.cluster.local',
    'kubernetes',
    'k3s',
    `https://${NAME}`,
  ])('%s is that of the token which every pod has', (audience) => {
    expect(found(under({ StringEquals: { ...right, [`${NAME}:aud`]: audience } }), {})).toEqual([
      'warn TrustAudienceShared',
    ])
  })

  test('in capitals as well', () => {
    const Condition = {
      StringEquals: sub('system:serviceaccount:shop:web'),
      StringEqualsIgnoreCase: { [`${NAME}:aud`]: 'HTTPS://kubernetes.default.svc' },
    }
    expect(found(under(Condition), {})).toEqual(['warn TrustAudienceShared'])
  })

  test.each([
    ['gitlab.com', 'https://gitlab.com'],
    ['example.okta.com', 'api'],
  ])('of %s, %s is no such thing', (name, audience) => {
    const document = policy(
      statement({
        Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${name}` },
        Condition: { StringEquals: { [`${name}:aud`]: audience, [`${name}:sub`]: 'project_path:example/shop' } },
      }),
    )
    expect(found(document, {})).toEqual([])
  })

  test('beside the right one it is found as well', () => {
    const both = ['sts.amazonaws.com', 'https://kubernetes.default.svc']
    expect(found(under({ StringEquals: { ...right, [`${NAME}:aud`]: both } }))).toEqual(['warn TrustAudienceShared'])
  })
})

describe('SAML', () => {
  const saml = (partition: string, recipient: string | readonly string[], operator = 'StringEquals') =>
    policy({
      Effect: 'Allow',
      Principal: { Federated: `arn:${partition}:iam::111122223333:saml-provider/corporate` },
      Action: 'sts:AssumeRoleWithSAML',
      Condition: { [operator]: { 'SAML:aud': recipient } },
    })
  test.each([
    ['aws', 'https://signin.aws.amazon.com/saml'],
    ['aws', 'https://us-west-2.signin.aws.amazon.com/saml'],
    ['aws', 'https://us-west-2.signin.aws.amazon.com/saml/acs/SAMLSPEXAMPLE'],
    ['aws-cn', 'https://signin.amazonaws.cn/saml'],
    ['aws-us-gov', 'https://signin.amazonaws-us-gov.com/saml'],
    ['aws-eusc', 'https://signin.example.eu/saml'],
    ['aws-us-gov', ['https://signin.aws.amazon.com/saml', 'https://signin.amazonaws-us-gov.com/saml']],
  ])('%s has %s', (partition, recipient) => {
    expect(found(saml(partition, recipient), {})).toEqual([])
  })

  test.each([
    ['aws', 'https://signin.amazonaws.cn/saml'],
    ['aws-cn', 'https://signin.aws.amazon.com/saml'],
    ['aws', 'http://signin.aws.amazon.com/saml'],
    ['aws', 'https://signin.aws.amazon.com.example.com/saml'],
    ['aws', 'https://sp.example.com/saml'],
  ])('%s does not have %s', (partition, recipient) => {
    expect(found(saml(partition, recipient), {})).toEqual(['fail TrustAudienceOther'])
    expect(found(saml(partition, recipient, 'StringLike'), {})).toEqual(['fail TrustAudienceOther'])
  })
})

describe('whose a subject of GitHub is', () => {
  const name = 'token.actions.githubusercontent.com'
  const foundWith = (subject: string, operator: string, key: string, value: string) => {
    const Condition = {
      'ForAnyValue:StringEquals': { [`${name}:aud`]: 'sts.amazonaws.com' },
      'ForAnyValue:StringLike': { [`${name}:sub`]: subject },
      [operator]: { [`${name}:${key}`]: value },
    }
    const Principal = { Federated: `arn:aws:iam::111122223333:oidc-provider/${name}` }
    return found(policy(statement({ Principal, Condition })), {})
  }

  test.each([
    ['StringEquals', 'repository_owner_id', '1'],
    ['NumericEquals', 'repository_id', '1'],
    ['StringLike', 'repository', 'example/shop'],
    ['StringLike', 'repository', 'example/*'],
  ])('can be said beside it, by %s of %s %s', (operator, key, value) => {
    expect(foundWith('environment:production', operator, key, value)).toEqual([])
    expect(foundWith('*', operator, key, value)).toEqual(['warn TrustSubjectWildcard'])
  })

  test.each([
    ['StringEqualsIfExists', 'repository_id', '1'],
    ['ForAllValues:StringEquals', 'repository_id', '1'],
    ['StringNotEquals', 'repository_id', '1'],
    ['StringLike', 'repository', '*'],
    ['StringLike', 'repository', 'example*'],
    ['StringLike', 'repository_id', '1*'],
    ['StringEquals', 'repository', 'example/*'],
    ['StringEquals', 'repository', `\${${name}:repository}`],
    ['StringEquals', 'actor_id', '1'],
  ])('is not said by %s of %s %s', (operator, key, value) => {
    expect(foundWith('environment:production', operator, key, value)).toContain('fail TrustSubjectWildcard')
  })
})

test.each([
  ['sub', SUBJECT, 'fail TrustSubjectMissing'],
  ['aud', 'sts.amazonaws.com', 'fail TrustAudienceMissing'],
])('a %s is no number', (key, value, finding) => {
  const Condition = {
    StringEquals: without(key === 'sub' ? 'sub' : 'aud'),
    NumericEquals: { [`${NAME}:${key}`]: value },
  }
  expect(found(under(Condition), {})).toEqual([finding])
})

describe('what lets nobody in', () => {
  test('is a policy that only denies', () => {
    expect(found(policy(statement({ Effect: 'Deny' })), {})).toEqual(['fail TrustActionMissing'])
  })

  test('is an ARN with a wildcard', () => {
    const document = policy(
      statement(),
      statement({ Principal: { AWS: 'arn:aws:iam::*:root' }, Action: 'sts:AssumeRole' }),
    )
    expect(found(document, {})).toEqual(['fail TrustPolicyMalformed'])
  })

  test.each(['oidc.example.com', 'arn:aws:iam::111122223333:role/web'])('is %s as a provider', (provider) => {
    const document = policy(statement(), statement({ Principal: { Federated: provider } }))
    expect(found(document, {})).toContain('fail TrustPolicyMalformed')
  })

  test('is a Deny of everybody, however it is written', () => {
    for (const Principal of ['*', { AWS: '*' }, { Federated: '*' }])
      expect(found(policy(statement(), statement({ Effect: 'Deny', Principal, Condition: undefined })))).toEqual([
        'fail TrustDenied',
      ])
  })

  test('is no Deny of keys that tokens do not have', () => {
    const Condition = { 'ForAnyValue:StringNotEquals': { [`${NAME}:amr`]: 'x' } }
    expect(found(policy(statement(), statement({ Effect: 'Deny', Condition })))).toEqual([])
  })

  test('is a number where the subject is asked for', () => {
    expect(found(under({ StringEquals: right, NumericEquals: sub('5') }))).toEqual(['fail TrustSubjectOther'])
  })

  test('is no Deny of services, nor by an ARN, which a subject is not', () => {
    const denying = (changes: object) => found(policy(statement(), statement({ Effect: 'Deny', ...changes })))
    expect(denying({ Principal: { Service: '*' }, Condition: undefined })).toEqual([])
    expect(denying({ Condition: { ArnLike: sub('*') } })).toEqual([])
    expect(denying({ Condition: { ArnNotLike: sub('arn:*') } })).toEqual(['fail TrustDenied'])
  })

  test('is a kind of principal that there is not', () => {
    expect(found(policy(statement({ Principal: { federated: PROVIDER } })), {})).toEqual(['fail TrustPolicyMalformed'])
  })
})

describe('who gets in by a principal', () => {
  test('every service of AWS', () => {
    const document = policy(statement(), statement({ Principal: { Service: '*' }, Condition: undefined }))
    expect(found(document, {})).toEqual(['fail TrustPrincipalWide'])
  })

  test('every user of an application of Google', () => {
    const google = (more: object) =>
      policy(
        statement({
          Principal: { Federated: 'accounts.google.com' },
          Condition: { StringEquals: { 'accounts.google.com:aud': 'app', ...more } },
        }),
      )
    expect(found(google({}), {})).toEqual(['warn TrustSubjectMissing'])
    expect(found(google({ 'accounts.google.com:sub': '1' }), {})).toEqual([])
    for (const Condition of [
      { StringLike: { 'accounts.google.com:sub': '*' }, StringEquals: { 'accounts.google.com:aud': 'app' } },
      { StringNotEquals: { 'accounts.google.com:sub': '1' }, StringEquals: { 'accounts.google.com:aud': 'app' } },
    ])
      expect(found(policy(statement({ Principal: { Federated: 'accounts.google.com' }, Condition })), {})).toEqual([
        expect.stringMatching(/^warn Trust(SubjectWildcard|ConditionNegated)$/),
      ])
  })

  test('guests of an identity pool of Cognito', () => {
    const name = 'cognito-identity.amazonaws.com'
    const cognito = (more: object) => {
      const Condition = { StringEquals: { [`${name}:aud`]: 'eu-west-1:pool' }, ...more }
      return policy(statement({ Principal: { Federated: name }, Condition }))
    }
    expect(found(cognito({}), {})).toEqual(['warn TrustSubjectMissing'])
    expect(found(cognito({ 'ForAnyValue:StringLike': { [`${name}:amr`]: 'authenticated' } }), {})).toEqual([])
    for (const open of [{ StringLike: { [`${name}:sub`]: '*' } }, { StringNotEquals: { [`${name}:sub`]: 'x' } }])
      expect(found(cognito(open), {})).toEqual(['warn TrustSubjectMissing'])
  })

  test('nobody, where a public provider has another action', () => {
    const Condition = { StringEquals: { 'accounts.google.com:aud': 'app', 'accounts.google.com:sub': '1' } }
    const Principal = { Federated: 'accounts.google.com' }
    expect(found(policy(statement({ Principal, Condition, Action: 'sts:AssumeRole' })), {})).toEqual([
      'fail TrustActionMissing',
    ])
  })

  test.each<[object, string, readonly string[]]>([
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-example' } }, '*', ['warn TrustPrincipalWide']],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-a' } }, '444455556666', ['warn TrustPrincipalWide']],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:*' } }, '444455556666', ['warn TrustPrincipalWide']],
    [
      { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:role/*' } },
      '444455556666',
      ['warn TrustPrincipalWide'],
    ],
    ...['role/x', 'role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*'].map(
      (end): [object, string, readonly string[]] => [
        { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::444455556666:${end}` } },
        'arn:aws:iam::444455556666:root',
        [],
      ],
    ),
    [
      { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:role/x*' } },
      'arn:aws:iam::444455556666:root',
      ['warn TrustPrincipalWide'],
    ],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } }, '*', ['fail TrustPrincipalWide']],
    [{ StringLike: { 'aws:PrincipalOrgID': 'o-*' } }, '*', ['fail TrustPrincipalWide']],
    [{ StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } }, '*', ['fail TrustPrincipalWide']],
    [{ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-example' } }, '*', ['fail TrustPrincipalWide']],
    [{ 'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': 'o-a/*' } }, '*', ['fail TrustPrincipalWide']],
    [{ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a/*' } }, '*', ['warn TrustPrincipalWide']],
  ])('by %j, of %s', (Condition, AWS, codes) => {
    const document = policy(statement(), statement({ Principal: { AWS }, Action: 'sts:AssumeRole', Condition }))
    expect(found(document, {})).toEqual(codes)
  })
})

test('what to change is said of the provider that it is of, and not of a cluster', () => {
  const fixes = (changes: object) =>
    lintPolicy(policy(statement({ Condition: undefined, ...changes })), {}).map(({ fix }) => fix)
  const provider = (end: string) => ({ Principal: { Federated: `arn:aws:iam::111122223333:${end}` } })
  const saml = { ...provider('saml-provider/corporate'), Action: 'sts:AssumeRoleWithSAML' }
  expect(fixes(saml)).toEqual([expect.stringContaining('https://signin.aws.amazon.com/saml')])
  expect(fixes(provider('oidc-provider/gitlab.com'))).toEqual([
    expect.stringContaining('repository, project or job'),
    expect.stringContaining('the audience that its tokens have for AWS'),
  ])
  expect(fixes({ Principal: { AWS: '444455556666' }, Action: 'sts:AssumeRole' })).toEqual([
    expect.stringContaining('sts:ExternalId'),
  ])
  expect(fixes({ Principal: { Federated: 'cognito-identity.amazonaws.com' } })).toContainEqual(
    expect.stringContaining('amr with authenticated'),
  )
  const guests = { 'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'unauthenticated' } }
  const cognito = { Principal: { Federated: 'cognito-identity.amazonaws.com' }, Condition: guests }
  expect(fixes(cognito)).toContainEqual(expect.stringContaining('if guests are not meant'))
  // Of a cluster the code itself says it.
  expect(fixes({})[0]).toBeUndefined()
})

test.each([
  { AWS: 'arn:aws:iam::ACCOUNT:root' },
  { Federated: 'arn:aws:iam::ACCOUNT_ID:oidc-provider/oidc.example.com' },
])('%j is of no account', (Principal) => {
  expect(found(policy(statement(), statement({ Principal, Condition: undefined })), {})).toContain(
    'fail TrustPolicyMalformed',
  )
})

test.each(['oidc.circleci.com/org/abc', 'token.actions.githubusercontent.com/acme'])('%s is of nobody else', (name) => {
  const provider = `arn:aws:iam::111122223333:oidc-provider/${name}`
  const Condition = { StringEquals: { [`${name}:aud`]: 'a' } }
  expect(found(policy(statement({ Principal: { Federated: provider }, Condition })), {})).toEqual([
    'warn TrustSubjectMissing',
  ])
})
