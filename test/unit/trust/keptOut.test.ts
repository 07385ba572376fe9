import { describe, expect, test } from 'vitest'
import { lintPolicy } from '../../../src/trust/index.ts'
import { aud, expected, found, NAME, policy, right, SUBJECT, statement, sub, under } from './policies.ts'

describe('what keeps out one whom the policy names', () => {
  test('another condition on tokens', () => {
    const [finding, ...others] = lintPolicy(under({ StringEquals: { ...right, [`${NAME}:azp`]: 'app' } }), expected)
    expect(finding).toMatchObject({ verdict: 'fail', code: 'TrustConditionOther' })
    expect(finding).toMatchObject({ where: 'Statement[0].Condition.StringEquals', wants: ['app'] })
    expect(others).toEqual([])
  })

  test('the audience of the statement that names it, whatever others want', () => {
    const document = policy(
      statement({ Condition: { StringEquals: { ...aud, ...sub('system:serviceaccount:shop:api') } } }),
      statement({ Condition: { StringEquals: { ...sub(SUBJECT), [`${NAME}:aud`]: 'vault' } } }),
    )
    expect(lintPolicy(document, expected)).toEqual([
      expect.objectContaining({
        code: 'TrustAudienceOther',
        where: 'Statement[1].Condition.StringEquals',
        wants: ['vault'],
      }),
    ])
  })

  test('of the statement whose audience is right, wherever it stands', () => {
    const likely = statement({
      Condition: { StringLike: sub('system:serviceaccount:shop:*'), StringEquals: { [`${NAME}:aud`]: 'vault' } },
    })
    const strict = statement({ Condition: { StringEquals: { ...right, [`${NAME}:azp`]: 'app' } } })
    for (const document of [policy(likely, strict), policy(strict, likely)]) {
      const said = lintPolicy(document, expected).filter(({ wants }) => wants !== undefined)
      expect(said).toEqual([expect.objectContaining({ code: 'TrustConditionOther', wants: ['app'] })])
    }
    const wrong = statement({ Action: 'sts:AssumeRole' })
    expect(found(policy(likely, wrong)).filter((each) => each.startsWith('fail'))).toEqual(['fail TrustActionMissing'])
  })

  test('never a condition on the subject: it is what keeps others out', () => {
    for (const key of [`https://${NAME}:sub`, `${NAME}/:sub`, `${NAME}:subject`])
      expect(found(under({ StringEquals: { ...aud, [key]: SUBJECT } }))).toEqual(
        expect.arrayContaining(['fail TrustSubjectMissing', 'fail TrustSubjectOther']),
      )
    const negated = statement({
      Condition: {
        StringNotEquals: sub('system:serviceaccount:kube-system:x'),
        StringEquals: { [`${NAME}:aud`]: 'vault' },
      },
    })
    const other = statement({ Condition: { StringEquals: { ...aud, ...sub('system:serviceaccount:shop:api') } } })
    expect(found(policy(other, negated)).at(-1)).toBe('fail TrustSubjectOther')
  })

  test('the action alone, where that is wrong', () => {
    expect(found(policy(statement({ Action: 'sts:AssumeRole' })))).toEqual(['fail TrustActionMissing'])
  })

  test('no Deny that hangs on a variable, since it may mean others', () => {
    const tag = `\${aws:RequestTag/x}`
    const deny = (operator: string, value: string) =>
      policy(statement(), statement({ Effect: 'Deny', Condition: { [operator]: sub(value) } }))
    expect(found(deny('StringNotEquals', tag))).toEqual([])
    expect(found(deny('StringEquals', tag))).toEqual([])
    expect(found(deny('StringEquals', SUBJECT))).toEqual(['fail TrustDenied'])
  })

  test('both, where neither the subject nor the audience is right', () => {
    const Condition = { StringEquals: { ...sub('system:serviceaccount:shop:api'), [`${NAME}:aud`]: 'vault' } }
    expect(found(under(Condition))).toEqual(['fail TrustSubjectOther', 'fail TrustAudienceOther'])
  })
})

test('claims that only CI systems have are not judged, those of other issuers are', () => {
  const name = 'token.actions.githubusercontent.com'
  const subject = 'repo:example/shop:ref:refs/heads/main'
  const document = policy(
    statement({
      Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${name}` },
      Condition: {
        StringEquals: {
          [`${name}:aud`]: 'sts.amazonaws.com',
          [`${name}:sub`]: subject,
          [`${name}:repository_id`]: '1',
        },
      },
    }),
  )
  const who = { issuer: `https://${name}`, subject, audience: 'sts.amazonaws.com' }
  expect(found(document, who)).toEqual([])
  const foreign = JSON.parse(JSON.stringify(document).replace('repository_id', 'x').replace(`${name}:x`, 'SAML:aud'))
  expect(found(foreign, who)).toEqual(['fail TrustConditionOther'])
})

describe('a statement for tags alone', () => {
  const tags = statement({ Action: ['sts:TagSession', 'sts:SetSourceIdentity'], Condition: undefined })
  test('gives nobody the role, and is no hole', () => {
    expect(found(policy(statement(), tags))).toEqual([])
    expect(found(policy(tags))).toEqual(['fail TrustActionMissing'])
    const Action = 'sts:TagSession'
    for (const Principal of [{ AWS: 'arn:aws:iam::*:root' }, { Federated: 'oidc.example.com' }])
      expect(found(policy(statement(), statement({ Principal, Action })))).toEqual(['fail TrustPolicyMalformed'])
    expect(found(policy(statement(), statement({ Principal: '*', Action })))).toEqual(['warn TrustPrincipalWide'])
  })
})

describe('wildcards', () => {
  test('of audiences stand for themselves under StringEquals', () => {
    expect(found(under({ StringEquals: { ...sub(SUBJECT), [`${NAME}:aud`]: '*' } }), {})).toEqual([
      'fail TrustAudienceOther',
    ])
    const saml = policy({
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/corporate' },
      Action: 'sts:AssumeRoleWithSAML',
      Condition: { StringEquals: { 'SAML:aud': 'https://*.signin.aws.amazon.com/saml' } },
    })
    expect(found(saml, {})).toEqual(['fail TrustAudienceOther'])
    expect(found(under({ StringEquals: { ...sub(SUBJECT), [`${NAME}:aud`]: '*' } }))).toEqual([
      'fail TrustAudienceOther',
    ])
    const audience = 'https://sts.example.com/?tenant=1'
    const tenant = under({ StringEquals: { ...sub(SUBJECT), [`${NAME}:aud`]: audience } })
    expect(found(tenant, { ...expected, audience })).toEqual([])
  })

  test('let in nobody where ARNs are compared, but for an ARN', () => {
    const audience = 'arn:aws:sts:eu-west-1:111122223333:shop'
    const who = { ...expected, audience }
    const asArn = { [`${NAME}:aud`]: audience }
    expect(found(under({ StringEquals: sub(SUBJECT), ArnEquals: asArn }), who)).toEqual([])
    expect(found(under({ StringEquals: { ...sub(SUBJECT), ...asArn }, ArnNotEquals: asArn }), who)).toEqual([
      'fail TrustAudienceOther',
    ])
    expect(found(under({ StringEquals: aud, ArnLike: sub('arn:aws:iam::*:role/*') }), {})).toEqual([
      'fail TrustSubjectWildcard',
    ])
    expect(found(under({ ArnEquals: sub('*'), StringEquals: aud }), {})).toEqual(['fail TrustSubjectOther'])
    expect(found(under({ StringEquals: sub(SUBJECT), ArnEquals: { [`${NAME}:aud`]: '*' } }), {})).toEqual([
      'fail TrustAudienceOther',
    ])
  })
})
