import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  evaluate,
  lintPolicy,
  nameOfProvider,
  parsePolicy,
  samlRecipient,
  subjectOf,
  writePolicy,
} from '../../../src/trust/index.ts'
import { isLike, passes } from '../../../src/trust/match.ts'

const label = fc
  .string({ unit: fc.constantFrom(...'ab-*?z'), minLength: 1, maxLength: 6 })
  .filter((text) => /^[a-z]/.test(text))
const plain = fc.string({ unit: fc.constantFrom(...'abz-'), minLength: 1, maxLength: 6 })
const provider = fc
  .tuple(fc.constantFrom('aws', 'aws-cn', 'aws-us-gov'), plain)
  .map(([partition, path]) => `arn:${partition}:iam::111122223333:oidc-provider/oidc.example.com/${path}`)
const account = fc.tuple(plain, plain)

describe('what writePolicy writes', () => {
  test('lets its subjects in and nobody else, and has no finding', () => {
    fc.assert(
      fc.property(
        fc.record({
          provider,
          audience: fc.constantFrom('sts.amazonaws.com', 'vault'),
          own: fc.uniqueArray(account, { minLength: 1, maxLength: 4, selector: String }),
          other: fc.tuple(label, label),
        }),
        ({ provider: arn, audience, own, other }) => {
          const subjects = own.map(([namespace, name]) => subjectOf(namespace, name))
          const [first = '', ...others] = subjects
          const document = writePolicy({ kind: 'oidc', provider: arn, audience, subjects: [first, ...others] })
          const parsed = parsePolicy(JSON.parse(JSON.stringify(document)))
          if (parsed.kind !== 'policy') return expect.unreachable()
          const name = nameOfProvider(arn) ?? ''
          const ask = (subject: string, aud: string, by = arn) =>
            evaluate(parsed.statements, {
              action: 'sts:AssumeRoleWithWebIdentity',
              provider: by,
              keys: { [`${name}:sub`]: subject, [`${name}:aud`]: aud },
            })
          for (const subject of subjects) {
            expect(ask(subject, audience)).toBe('allowed')
            expect(ask(subject, `${audience}x`)).toBe('none')
            expect(ask(subject, audience, `${arn}x`)).toBe('none')
            expect(lintPolicy(document, { issuer: `https://${name}`, subject, audience })).toEqual([])
          }
          const stranger = subjectOf(...other)
          if (!subjects.includes(stranger)) expect(ask(stranger, audience)).toBe('none')
        },
      ),
    )
  })

  test('of SAML is for the sign-in page of the partition', () => {
    const arn = 'arn:aws-cn:iam::111122223333:saml-provider/corporate'
    const document = writePolicy({ kind: 'saml', provider: arn, recipient: samlRecipient('aws-cn') ?? '' })
    expect(document.Statement[0]).toMatchObject({
      Action: 'sts:AssumeRoleWithSAML',
      Condition: { StringEquals: { 'SAML:aud': 'https://signin.amazonaws.cn/saml' } },
    })
    expect(['aws', 'aws-us-gov', 'aws-eusc', 'constructor'].map(samlRecipient)).toEqual([
      'https://signin.aws.amazon.com/saml',
      'https://signin.amazonaws-us-gov.com/saml',
      undefined,
      undefined,
    ])
    expect(lintPolicy(document)).toEqual([])
  })
})

describe('isLike', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab:'), maxLength: 8 })
  const pattern = fc.string({ unit: fc.constantFrom(...'ab:*?'), maxLength: 8 })

  test('is what a regular expression would say', () => {
    const expression = (of: string): RegExp => new RegExp(`^${of.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
    fc.assert(fc.property(text, pattern, (value, of) => isLike(value, of) === expression(of).test(value)))
  })

  test('takes no time for a hostile pattern', () => {
    expect(isLike('a'.repeat(2_000), `${'*a'.repeat(1_000)}b`)).toBe(false)
  })
})

test.each([
  ['StringEquals', 'a', ['a'], true],
  ['StringEquals', 'A', ['a'], false],
  ['StringEqualsIgnoreCase', 'A', ['a'], true],
  ['StringNotEquals', 'b', ['a'], true],
  ['StringNotEqualsIgnoreCase', 'A', ['a'], false],
  ['StringNotLike', 'ab', ['a*'], false],
  ['ArnLike', 'arn:aws:iam::1:role/a', ['arn:aws:iam::1:role/a'], true],
  ['ArnLike', 'arn:aws:iam::1:role/a', ['arn:aws:iam::*:role/a'], undefined],
  ['ArnLike', 'arn:aws:iam::1:role/a', ['arn:aws:iam::1:role/b'], false],
  ['ArnLike', 'arn:a', ['*'], false],
  ['ArnNotEquals', 'arn:aws:iam::1:role/a', ['arn:aws:iam::1:role/a'], false],
  ['ArnNotLike', 'arn:aws:iam::1:role/a', ['*'], undefined],
  ['ArnNotLike', 'a', ['*'], true],
  ['DateLessThan', 'a', ['a'], undefined],
])('passes(%s, %s, %j) is %s', (operator, value, texts, expected) => {
  expect(passes(operator, value, texts)).toBe(expected)
})
