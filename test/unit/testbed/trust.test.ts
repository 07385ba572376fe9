import { describe, expect, it } from 'vitest'
import { TestbedError, type TrustPolicyDocument, type TrustStatement, trustPolicy } from '../../../src/testbed/index.ts'
import { isTrusted } from '../../../src/testbed/sts/trust.ts'
import { checkTrustPolicy } from '../../../src/testbed/sts/trustDocument.ts'

const action = 'sts:AssumeRoleWithWebIdentity'
const issuer = 'https://oidc.example.test/cluster'
const federated = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.test/cluster'
const principal = { kind: 'Federated' as const, names: [federated] }
const sub = 'oidc.example.test/cluster:sub'
const aud = 'oidc.example.test/cluster:aud'
const keys = new Map([
  [sub, ['system:serviceaccount:shop:web']],
  [aud, ['sts.amazonaws.com']],
  ['oidc.example.test/cluster:amr', ['pwd', 'otp']],
])

const allow: TrustStatement = { Effect: 'Allow', Principal: { Federated: federated }, Action: action }
const when = (Condition: NonNullable<TrustStatement['Condition']>): TrustStatement => ({ ...allow, Condition })
const deny = (statement: Partial<TrustStatement>): TrustStatement[] => [
  allow,
  { ...allow, ...statement, Effect: 'Deny' },
]

function judge(statements: TrustStatement | readonly TrustStatement[]): boolean {
  return isTrusted({ Version: '2012-10-17', Statement: statements }, { action, principal, keys })
}

describe('isTrusted', () => {
  it.each<[title: string, statements: TrustStatement | TrustStatement[], expected: boolean]>([
    ['a bare allow', allow, true],
    ['no allow', [], false],
    ['another provider', { ...allow, Principal: { Federated: `${federated}2` } }, false],
    ['one of several providers', { ...allow, Principal: { Federated: ['x', federated] } }, true],
    ['no principal', { Effect: 'Allow', Action: action }, false],
    ['everybody as principal', { ...allow, Principal: '*' }, false],
    ['every federated principal', { ...allow, Principal: { Federated: '*' } }, false],
    ['an account as principal', { ...allow, Principal: { AWS: '111122223333' } }, false],
    ['another action', { ...allow, Action: 'sts:AssumeRole' }, false],
    ['one of several actions', { ...allow, Action: ['sts:TagSession', action] }, true],
    ['an action in other case', { ...allow, Action: 'STS:assumerolewithwebidentity' }, true],
    ['an action by wildcard', { ...allow, Action: 'sts:AssumeRole*' }, true],
    ['no action', { Effect: 'Allow', Principal: { Federated: federated } }, false],
    ['NotAction', { ...allow, NotAction: 'sts:AssumeRole' } as TrustStatement, false],
    ['StringEquals', when({ StringEquals: { [sub]: 'system:serviceaccount:shop:web' } }), true],
    ['StringEquals of another', when({ StringEquals: { [sub]: 'system:serviceaccount:shop:web2' } }), false],
    ['StringEquals in other case', when({ StringEquals: { [sub]: 'system:serviceaccount:shop:WEB' } }), false],
    ['StringEquals takes no wildcard', when({ StringEquals: { [sub]: 'system:serviceaccount:shop:*' } }), false],
    ['a key in other case', when({ StringEquals: { [sub.toUpperCase()]: 'system:serviceaccount:shop:web' } }), true],
    ['one of several values', when({ StringEquals: { [aud]: ['other', 'sts.amazonaws.com'] } }), true],
    ['no value', when({ StringEquals: { [aud]: [] } }), false],
    ['a key of many values', when({ StringEquals: { 'oidc.example.test/cluster:amr': 'otp' } }), true],
    ['a key that is not there', when({ StringEquals: { 'other.example.test:sub': 'x' } }), false],
    ['StringEqualsIgnoreCase', when({ StringEqualsIgnoreCase: { [aud]: 'STS.amazonaws.COM' } }), true],
    ['StringNotEquals of another', when({ StringNotEquals: { [sub]: 'x' } }), true],
    ['StringNotEquals of itself', when({ StringNotEquals: { [aud]: ['x', 'sts.amazonaws.com'] } }), false],
    ['StringNotEquals of a key that is not there', when({ StringNotEquals: { 'x:sub': 'x' } }), true],
    ['StringLike', when({ StringLike: { [sub]: 'system:serviceaccount:shop:*' } }), true],
    ['StringLike of one character', when({ StringLike: { [sub]: 'system:serviceaccount:shop:we?' } }), true],
    ['StringLike is anchored', when({ StringLike: { [sub]: 'serviceaccount:shop:*' } }), false],
    ['StringLike takes a dot for a dot', when({ StringLike: { [aud]: 'sts-amazonaws.com' } }), false],
    ['StringNotLike', when({ StringNotLike: { [sub]: 'system:serviceaccount:kube-*' } }), true],
    ['all operators have to match', when({ StringEquals: { [aud]: 'x' }, StringLike: { [sub]: '*' } }), false],
    ['all keys have to match', when({ StringEquals: { [aud]: 'sts.amazonaws.com', [sub]: 'x' } }), false],
    ['an unknown operator', when({ NumericLessThan: { [sub]: '9' } }), false],
    ['an operator named like a method', when({ constructor: { [sub]: '*' } }), false],
    ['a policy variable', when({ StringNotEquals: { [sub]: '$' + '{aws:username}' } }), false],
    ['a condition that is none', { ...allow, Condition: 'x' } as unknown as TrustStatement, false],
    ['any statement may allow', [{ ...allow, Action: 'sts:AssumeRole' }, allow], true],
    ['deny wins', deny({}), false],
    ['deny of something else', deny({ Condition: { StringEquals: { [sub]: 'x' } } }), true],
    ['deny of everybody', deny({ Principal: '*' }), false],
    ['deny of every account', deny({ Principal: { AWS: '*' } }), false],
    ['deny by an unknown operator', deny({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }), false],
    [
      'deny by an unknown operator and another audience',
      deny({ Condition: { Bool: { x: 'false' }, StringEquals: { [aud]: 'x' } } }),
      true,
    ],
  ])('%s', (_title, statements, expected) => {
    expect(judge(statements)).toBe(expected)
  })
})

describe('trustPolicy', () => {
  const options = { issuer, accountId: '111122223333', namespace: 'shop', serviceAccount: 'web' }

  it('is the document of least privilege', () => {
    expect(trustPolicy(options)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: federated },
          Action: action,
          Condition: { StringEquals: { [aud]: 'sts.amazonaws.com', [sub]: 'system:serviceaccount:shop:web' } },
        },
      ],
    })
  })

  it('trusts the service account and no other', () => {
    expect(isTrusted(trustPolicy(options), { action, principal, keys })).toBe(true)
    expect(isTrusted(trustPolicy({ ...options, serviceAccount: 'api' }), { action, principal, keys })).toBe(false)
    expect(isTrusted(trustPolicy({ ...options, audience: 'vault' }), { action, principal, keys })).toBe(false)
    expect(isTrusted(trustPolicy({ ...options, partition: 'aws-cn' }), { action, principal, keys })).toBe(false)
  })
})

describe('trustPolicy with an asterisk', () => {
  const trusts = (namespace: string, serviceAccount: string): boolean =>
    isTrusted(trustPolicy({ issuer, accountId: '111122223333', namespace, serviceAccount }), {
      action,
      principal,
      keys,
    })

  it('takes it for anything, in the namespace and in the service account, and still asks for the audience', () => {
    expect([trusts('*', 'web'), trusts('sh*', '*'), trusts('shop', 'w*')]).toEqual([true, true, true])
    expect([trusts('*', 'api'), trusts('x*', '*')]).toEqual([false, false])
    const document = trustPolicy({
      issuer,
      accountId: '111122223333',
      namespace: '*',
      serviceAccount: '*',
      audience: 'x',
    })
    expect(isTrusted(document, { action, principal, keys })).toBe(false)
  })
})

describe('checkTrustPolicy', () => {
  it.each([
    ['Statement is missing', {}],
    ['Statement is missing', { Statement: [] }],
    ['a statement is not an object', { Statement: [null] }],
    ['Effect must be Allow or Deny', { Statement: { ...allow, Effect: 'allow' } }],
    ['missing required field Principal', { Statement: { Effect: 'Allow', Action: action } }],
    ['missing required field Action', { Statement: { Effect: 'Allow', Principal: '*' } }],
    ['has prohibited field Resource', { Statement: { ...allow, Resource: '*' } }],
  ])('refuses: %s', (problem, document) => {
    const check = (): void => checkTrustPolicy('web', document as unknown as TrustPolicyDocument)
    expect(check).toThrow(new TestbedError(`trustPolicy of role web: malformed policy: ${problem}`))
  })
})
