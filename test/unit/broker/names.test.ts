import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cacheKey, type Grant, grantOf, nameUser } from '../../../src/broker/names.ts'
import type { VerifiedUser } from '../../../src/broker/types.ts'
import { CLIENT, ISSUER, POLICY, ROLE_ARN, role } from './support.ts'

const ada: VerifiedUser = { issuer: ISSUER, subject: 'ada@example.com', audience: CLIENT, expires: 0 }

describe('the name of a user', () => {
  test('is always the same, a session name of STS, and says nothing of the user', () => {
    const name = nameUser(ada)
    expect(name).toBe(nameUser({ ...ada }))
    expect(name).toMatch(/^u-[\w-]{30}$/)
    expect(name).not.toContain('ada')
  })

  test('is another for every other issuer and subject, wherever the one ends and the other begins', () => {
    const part = fc.string({ maxLength: 12 })
    fc.assert(
      fc.property(part, part, part, part, (issuer, subject, otherIssuer, otherSubject) => {
        const same = issuer === otherIssuer && subject === otherSubject
        expect(nameUser({ issuer, subject }) === nameUser({ issuer: otherIssuer, subject: otherSubject })).toBe(same)
      }),
    )
    expect(nameUser({ issuer: 'ab', subject: 'c' })).not.toBe(nameUser({ issuer: 'a', subject: 'bc' }))
    expect(nameUser({ issuer: 'a', subject: '|b' })).not.toBe(nameUser({ issuer: 'a|', subject: 'b' }))
  })
})

describe('what a role is for a user', () => {
  test('is the role with the user in its session policy, wherever {user} stands', () => {
    const twice = POLICY.replace('{user}', '{user}/x{user}')
    const granted = grantOf(
      'files',
      role({ sessionPolicy: twice, sessionPolicyArns: ['arn:aws:iam::aws:policy/P'] }),
      'u-1',
    )
    expect(granted).toEqual({
      alias: 'files',
      roleArn: ROLE_ARN,
      durationSeconds: 3600,
      policy: POLICY.replace('{user}', 'u-1/xu-1'),
      policyArns: ['arn:aws:iam::aws:policy/P'],
    })
  })

  test('has no policy where the operator has set none', () => {
    const granted = grantOf('files', role({ sessionPolicy: undefined }), 'u-1')
    expect(granted).toEqual({ alias: 'files', roleArn: ROLE_ARN, durationSeconds: 3600 })
  })
})

describe('the key that credentials are kept under', () => {
  const grant: Grant = { alias: 'files', roleArn: ROLE_ARN, durationSeconds: 900, policy: 'p', policyArns: ['a', 'b'] }
  const key = (provider: string, user: Partial<VerifiedUser>, changes: Partial<Grant>): string =>
    cacheKey(provider, { ...ada, ...user }, { ...grant, ...changes })

  test('is the same for the same', () => {
    expect(key('login', {}, {})).toBe(key('login', { expires: 7 }, {}))
  })

  test.each<[string, string, Partial<VerifiedUser>, Partial<Grant>]>([
    ['provider', 'other', {}, {}],
    ['issuer', 'login', { issuer: 'https://other.example.com' }, {}],
    ['subject', 'login', { subject: 'bob' }, {}],
    ['audience', 'login', { audience: 'app-2' }, {}],
    ['role alias', 'login', {}, { alias: 'photos' }],
    ['role', 'login', {}, { roleArn: `${ROLE_ARN}2` }],
    ['policy', 'login', {}, { policy: 'q' }],
    ['policies', 'login', {}, { policyArns: ['ab'] }],
    ['duration', 'login', {}, { durationSeconds: 901 }],
  ])('is another for another %s', (_, provider, user, changes) => {
    expect(key(provider, user, changes)).not.toBe(key('login', {}, {}))
  })
})
