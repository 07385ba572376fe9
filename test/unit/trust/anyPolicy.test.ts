import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate, lintPolicy, parsePolicy } from '../../../src/trust/index.ts'
import { expected, type Json, NAME, PROVIDER, right, SUBJECT } from './policies.ts'

const OTHER = 'other.example.com'
const stranger = 'system:serviceaccount:other:x'

const values = fc.constantFrom(
  ...[SUBJECT, stranger, 'system:serviceaccount:shop:*', 'system:serviceaccount:*', '*', 'sts.amazonaws.com', 'vault'],
  ...['sts.*', `\${aws:RequestTag/x}`, 'https://kubernetes.default.svc'],
)
const condition = fc
  .tuple(
    fc.constantFrom('', '', '', '', '', '', 'ForAllValues:', 'ForAnyValue:'),
    fc.constantFrom(
      'StringEquals',
      'StringEquals',
      'StringLike',
      'StringNotEquals',
      'StringNotLike',
      'ArnEquals',
      'NumericEquals',
      'Null',
      'Null',
    ),
    fc.constantFrom('', '', '', '', '', 'IfExists'),
    fc.constantFrom(
      `${NAME}:sub`,
      `${NAME}:sub`,
      `${NAME}:aud`,
      `${NAME}:aud`,
      `${NAME}:azp`,
      `${OTHER}:sub`,
      `${OTHER}:Aud`,
      'aws:SourceIp',
    ),
    fc.array(values, { minLength: 1, maxLength: 2 }),
  )
  .map(([set, operator, ending, key, of]) =>
    operator === 'Null'
      ? { Null: { [key]: String(of.length > 1) } }
      : { [`${set}${operator}${ending}`]: { [key]: of } },
  )

const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    Principal: fc.constantFrom(
      ...[{ Federated: PROVIDER }, { Federated: PROVIDER }, { Federated: PROVIDER }, '*', { Federated: '*' }],
      { Federated: `arn:aws:iam::111122223333:oidc-provider/${OTHER}` },
      { Federated: [PROVIDER, `arn:aws:iam::111122223333:oidc-provider/${OTHER}`] },
    ),
    Action: fc.constantFrom(
      'sts:AssumeRoleWithWebIdentity',
      'sts:AssumeRoleWithWebIdentity',
      'sts:*',
      'sts:TagSession',
    ),
    /** Half of them are right but for what is added. */
    base: fc.constantFrom([], [{ StringEquals: right }]),
    conditions: fc.array(condition, { maxLength: 4 }),
  })
  .map(({ base, conditions, ...rest }): Json => ({ ...rest, Condition: mergedOf([...base, ...conditions]) }))

/** One object by operator, as a policy has them. */
function mergedOf(conditions: readonly Json[]): Json {
  const merged: Record<string, object> = {}
  for (const each of conditions)
    for (const [operator, keys] of Object.entries(each)) merged[operator] = { ...merged[operator], ...(keys as object) }
  return merged
}

const policies = fc.array(statement, { minLength: 1, maxLength: 3 }).map((Statement) => ({ Statement }))

const answerFor = (document: unknown, sub: string, aud: string) => {
  const parsed = parsePolicy(document)
  if (parsed.kind !== 'policy') return expect.unreachable()
  const keys = { [`${NAME}:sub`]: sub, [`${NAME}:aud`]: aud }
  return evaluate(parsed.statements, { action: 'sts:AssumeRoleWithWebIdentity', provider: PROVIDER, keys })
}

test('whoever should get in and does not is told of', () => {
  fc.assert(
    fc.property(policies, (document) => {
      if (answerFor(document, SUBJECT, 'sts.amazonaws.com') === 'allowed') return
      expect(lintPolicy(document, expected).map(({ verdict }) => verdict)).toContain('fail')
    }),
    { numRuns: 20_000 },
  )
})

test.each([
  ['another subject', 'system:serviceaccount:zoo:z', 'sts.amazonaws.com'],
  ['another service’s token', SUBJECT, 'another'],
])('where %s gets in, there is a finding', (_, sub, aud) => {
  fc.assert(
    fc.property(policies, (document) => {
      if (answerFor(document, sub, aud) !== 'allowed') return
      expect(lintPolicy(document, {})).not.toEqual([])
    }),
    { numRuns: 20_000 },
  )
})
