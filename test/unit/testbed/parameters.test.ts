import { describe, expect, it } from 'vitest'
import {
  checkNumber,
  checkText,
  readInteger,
  readMember,
  readMembers,
  refuseViolations,
} from '../../../src/testbed/sts/parameters.ts'
import { measureSessionPolicy } from '../../../src/testbed/sts/sessionPolicy.ts'

const prefix = (shown: string): string => `Value ${shown}at 'name' failed to satisfy constraint: Member must `
const check = (value: string | undefined, constraint: object): string[] => {
  const parameters = new Map(value === undefined ? [] : [['Name', value]])
  return checkText(parameters, 'Name', { minimum: 2, maximum: 4, ...constraint })
}

describe('checkText', () => {
  it.each<[string | undefined, object, string[]]>([
    ['abc', {}, []],
    [undefined, {}, []],
    [undefined, { required: true }, [`${prefix('null ')}not be null`]],
    ['a', {}, [`${prefix("'a' ")}have length greater than or equal to 2`]],
    ['abcde', {}, [`${prefix("'abcde' ")}have length less than or equal to 4`]],
    ['abcde', { sensitive: true }, [`${prefix('')}have length less than or equal to 4`]],
    ['a b', { pattern: '\\w*' }, [`${prefix("'a b' ")}satisfy regular expression pattern: \\w*`]],
    ['ab\n', { pattern: '\\w*' }, [`${prefix("'ab\n' ")}satisfy regular expression pattern: \\w*`]],
  ])('%j with %j', (value, constraint, violations) => {
    expect(check(value, constraint)).toEqual(violations)
  })
})

describe('numbers', () => {
  it('names the bound that is broken', () => {
    expect(checkNumber(900, 'DurationSeconds', [900, 43_200])).toEqual([])
    expect(checkNumber(undefined, 'DurationSeconds', [900, 43_200])).toEqual([])
    const start = 'failed to satisfy constraint: Member must have value'
    expect(checkNumber(899, 'DurationSeconds', [900, 43_200])).toEqual([
      `Value '899' at 'durationSeconds' ${start} greater than or equal to 900`,
    ])
    expect(checkNumber(43_201, 'DurationSeconds', [900, 43_200])).toEqual([
      `Value '43201' at 'durationSeconds' ${start} less than or equal to 43200`,
    ])
  })

  it.each(['', '1.5', '1e3', ' 1', 'x', '99999999999'])('%j is no integer', (value) => {
    expect(() => readInteger(new Map([['N', value]]), 'N')).toThrow('N is not an integer')
  })

  it('reads integers', () => {
    expect(readInteger(new Map([['N', '-3']]), 'N')).toBe(-3)
    expect(readInteger(new Map(), 'N')).toBeUndefined()
  })
})

describe('readMembers', () => {
  it('orders by index and ignores what is no member', () => {
    const parameters = new Map([
      ['PolicyArns.member.10.arn', 'c'],
      ['PolicyArns.member.2.arn', 'b'],
      ['PolicyArns.member.1.arn', 'a'],
      ['PolicyArns.member.1.other', 'x'],
      ['Tags.member.1.arn', 'x'],
    ])
    expect(readMembers(parameters, 'PolicyArns', 'arn')).toEqual(['a', 'b', 'c'])
  })
})

describe('readMember', () => {
  it('orders by index and ignores what is no member', () => {
    const parameters = new Map([
      ['TransitiveTagKeys.member.10', 'c'],
      ['TransitiveTagKeys.member.2', 'b'],
      ['TransitiveTagKeys.member.1', 'a'],
      ['TransitiveTagKeys.member.1.Key', 'x'],
      ['Tags.member.1', 'x'],
    ])
    expect(readMember(parameters, 'TransitiveTagKeys')).toEqual(['a', 'b', 'c'])
  })
})

describe('refuseViolations', () => {
  it('says all of them at once, counted', () => {
    expect(() => refuseViolations([])).not.toThrow()
    expect(() => refuseViolations(['a'])).toThrow(/^1 validation error detected: a$/)
    expect(() => refuseViolations(['a', 'b'])).toThrow(/^2 validation errors detected: a; b$/)
  })
})

describe('measureSessionPolicy', () => {
  const statement = { Effect: 'Allow', Action: '*', Resource: '*' }
  const write = (Statement: unknown): string => JSON.stringify({ Version: '2012-10-17', Statement })

  it('answers nothing without policies, and a percentage with them', () => {
    expect(measureSessionPolicy(undefined, [])).toBeUndefined()
    expect(measureSessionPolicy(undefined, ['x'.repeat(1024)])).toBe(50)
    expect(measureSessionPolicy(write(statement), [])).toBe(5)
    expect(measureSessionPolicy(write([statement, { ...statement, Effect: 'Deny' }]), [])).toBe(7)
  })

  it.each<[string, string, string]>([
    ['{', 'This policy contains invalid Json', 'no JSON'],
    ['[]', 'Syntax errors in policy.', 'a list'],
    ['null', 'Syntax errors in policy.', 'null'],
    ['{}', 'Syntax errors in policy.', 'no statement'],
    [write([]), 'Syntax errors in policy.', 'no statement in the list'],
    [write('x'), 'Syntax errors in policy.', 'a text'],
    [write({ ...statement, Effect: 'allow' }), 'Syntax errors in policy.', 'an effect'],
    [write({ Effect: 'Allow', Action: '*' }), 'Syntax errors in policy.', 'no resource'],
    [write({ Effect: 'Allow', Resource: '*' }), 'Syntax errors in policy.', 'no action'],
    [write({ ...statement, Principal: '*' }), 'Policy document should not specify a principal.', 'a principal'],
  ])('%s is malformed: %s (%s)', (policy, message) => {
    expect(() => measureSessionPolicy(policy, [])).toThrow(
      expect.objectContaining({ code: 'MalformedPolicyDocument', message }),
    )
  })

  it('counts policy and ARNs together', () => {
    const policy = write(statement)
    const room = 2048 - policy.length
    expect(measureSessionPolicy(policy, ['x'.repeat(room)])).toBe(100)
    expect(() => measureSessionPolicy(policy, ['x'.repeat(room + 1)])).toThrow(
      expect.objectContaining({ code: 'PackedPolicyTooLarge' }),
    )
  })
})
