import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { findPolicies, formatLint, lintJson } from '../../../src/setup/index.ts'
import type { Style } from '../../../src/terminal/style.ts'
import type { TrustFinding } from '../../../src/trust/index.ts'

const policy = { Version: '2012-10-17', Statement: [] }
const arn = 'arn:aws:iam::111122223333:role/web'
const plain: Style = { bold: String, dim: String, green: String, red: String, cyan: String }

describe('findPolicies', () => {
  test.each<[string, unknown, readonly (readonly [string, string | undefined])[]]>([
    ['the policy itself', policy, [['FILE', undefined]]],
    ['get-role', { Role: { RoleName: 'web', Arn: arn, AssumeRolePolicyDocument: policy } }, [[arn, arn]]],
    ['as a text', { RoleName: 'web', AssumeRolePolicyDocument: JSON.stringify(policy) }, [['web', undefined]]],
    [
      'as IAM’s API has it',
      { AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(policy)) },
      [['FILE', undefined]],
    ],
    [
      'list-roles',
      {
        Roles: [
          { Arn: `${arn}1`, AssumeRolePolicyDocument: policy },
          { Arn: `${arn}2`, AssumeRolePolicyDocument: policy },
        ],
      },
      [
        [`${arn}1`, `${arn}1`],
        [`${arn}2`, `${arn}2`],
      ],
    ],
  ])('%s', (_, value, expected) => {
    const found = findPolicies(JSON.stringify(value), 'FILE')
    expect(found.map(({ title, roleArn }) => [title, roleArn])).toEqual(expected)
    for (const { document } of found) expect(document).toEqual(policy)
  })

  test.each([
    ['', 'FILE: it is empty'],
    ['resource "aws_iam_role" "x" {}', 'FILE: it is no JSON'],
    ['[]', 'FILE: it is neither'],
    ['1', 'FILE: it is neither'],
    [JSON.stringify({ a: { b: 1 } }), 'FILE: it is neither'],
    [JSON.stringify({ AssumeRolePolicyDocument: '%7B%' }), 'FILE: it is no JSON'],
    [JSON.stringify({ Arn: arn, AssumeRolePolicyDocument: 'x' }), `${arn}: it is no JSON`],
    [
      `${'['.repeat(40)}${JSON.stringify({ AssumeRolePolicyDocument: policy })}${']'.repeat(40)}`,
      'FILE: it is neither',
    ],
  ])('%.40s is refused', (text, problem) => {
    expect(() => findPolicies(text, 'FILE')).toThrow(Failure)
    expect(() => findPolicies(text, 'FILE')).toThrow(`TrustPolicyMalformed: ${problem}`)
  })
})

const hole: TrustFinding = {
  verdict: 'fail',
  code: 'TrustSubjectMissing',
  where: 'Statement[0].Condition',
  message: 'nothing is said of a:sub',
  attack: 'Every pod.',
}
const lock: TrustFinding = { verdict: 'warn', code: 'TrustPolicyMalformed', where: '', message: 'it is \u001b[31mred' }

test('formatLint says who gets in, and what to change', () => {
  const linted = [
    { title: 'right', findings: [] },
    { title: arn, findings: [hole, lock] },
  ]
  expect(formatLint(linted, plain)).toBe(
    [
      'ok    right',
      '',
      arn,
      'FAIL  TrustSubjectMissing  Statement[0].Condition',
      '      nothing is said of a:sub.',
      '      Who gets in: Every pod.',
      '      → Add StringEquals on ISSUER:sub with',
      '      system:serviceaccount:NAMESPACE:NAME.',
      'warn  TrustPolicyMalformed',
      '      it is [31mred.',
      '      → Write what `lanyard setup role` prints.',
      '',
    ].join('\n'),
  )
  expect(lintJson([{ title: '\u009b31m\u202e', findings: [] }])).toContain(String.raw`"\u009b31m\u202e"`)
  const { policies } = JSON.parse(lintJson(linted))
  expect(policies[1].findings[0]).toEqual({ ...hole, fix: expect.stringContaining('StringEquals') })
})

test('findPolicies refuses a key that is twice in one object, however it is written', () => {
  const twice = String.raw`{"Statement": [{"Principal": "*", "a": {"Principal": "{\"x\":"}, "Princip\u0061l": 1}]}`
  expect(() => findPolicies(twice, 'FILE')).toThrow('one object has "Principal" twice')
  const encoded = encodeURIComponent('{"Statement": [], "Statement": []}')
  expect(() => findPolicies(JSON.stringify({ AssumeRolePolicyDocument: encoded, Arn: 'x' }), 'FILE')).toThrow(
    '"Statement" twice',
  )
  const long = JSON.stringify({ Statement: [{ a: 'x'.repeat(10_000_000) }] })
  expect(findPolicies(long, 'FILE')).toHaveLength(1)
  const once = '{"Statement": [{"a": "b", "c": ["a", {"a": "a"}]}, {"a": "\\"a\\":"}]}'
  expect(findPolicies(once, 'FILE')).toHaveLength(1)
})
