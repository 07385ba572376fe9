import { describe, expect, test } from 'vitest'
import { lintPolicy } from '../../../src/trust/index.ts'
import { expected, policy, statement } from './policies.ts'

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
