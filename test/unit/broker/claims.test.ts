import { describe, expect, test } from 'vitest'
import { checkClaims, type Expected } from '../../../src/broker/claims.ts'
import { type Code, Failure } from '../../../src/errors/index.ts'
import { CLIENT, claimsAt, ISSUER, NONCE } from './support.ts'

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const expected: Expected = {
  issuers: [ISSUER],
  clientIds: [CLIENT, 'app-2'],
  requireNonce: true,
  maxAge: 3_600_000,
}
const seconds = NOW / 1000

type Case = { claims?: object; nonce?: string | undefined; expected?: Partial<Expected> }
const check = ({ claims = {}, nonce = NONCE, expected: more = {} }: Case) =>
  checkClaims(claimsAt(NOW, { ...claims }), nonce, { ...expected, ...more }, NOW)

function codeOf(given: Case): Code | undefined {
  try {
    check(given)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    expect(thrown.message).not.toContain('c4n4ry')
    return thrown.code
  }
  return undefined
}

describe('claims that are good', () => {
  test('say who the user is', () => {
    const { exp } = claimsAt(NOW)
    expect(check({})).toEqual({ issuer: ISSUER, subject: 'ada', audience: CLIENT, expires: (exp ?? 0) * 1000 })
  })

  test.each<[string, Case, object]>([
    ['an audience in a list', { claims: { aud: [CLIENT] } }, { audience: CLIENT }],
    ['an azp of the app', { claims: { azp: 'app-2' } }, { audience: 'app-2' }],
    ['two audiences of the app, and an azp', { claims: { aud: [CLIENT, 'app-2'], azp: CLIENT } }, { audience: CLIENT }],
    ['an end that is just over', { claims: { exp: seconds - 29 } }, {}],
    ['an issue that is just ahead', { claims: { iat: seconds + 29, nbf: seconds + 29 } }, {}],
    ['the greatest age', { claims: { iat: seconds - 3629 } }, {}],
    ['a second spelling of the issuer', { expected: { issuers: ['https://i', ISSUER] } }, { issuer: 'https://i' }],
    ['the longest subject', { claims: { sub: 'x'.repeat(255) } }, { subject: 'x'.repeat(255) }],
  ])('with %s', (_, given, user) => {
    expect(check(given)).toMatchObject(user)
  })

  test('with no nonce, where the operator does not ask for one', () => {
    expect(checkClaims(claimsAt(NOW), undefined, { ...expected, requireNonce: false }, NOW).subject).toBe('ada')
    expect(
      checkClaims(claimsAt(NOW, { nonce: undefined }), undefined, { ...expected, requireNonce: false }, NOW).subject,
    ).toBe('ada')
  })
})

describe('claims are refused', () => {
  test.each<[string, Case, Code]>([
    ['of another issuer', { claims: { iss: 'https://evil.example.com' } }, 'UserTokenIssuer'],
    ['of the issuer with a slash', { claims: { iss: `${ISSUER}/` } }, 'UserTokenIssuer'],
    ['of the issuer in capitals', { claims: { iss: ISSUER.toUpperCase() } }, 'UserTokenIssuer'],
    ['of several issuers', { claims: { iss: [ISSUER] } }, 'UserTokenIssuer'],
    ['of no issuer', { claims: { iss: undefined } }, 'UserTokenIssuer'],
    ["of another app's login", { claims: { aud: 'other' } }, 'UserTokenAudience'],
    ['of this app among others', { claims: { aud: [CLIENT, 'other'], azp: CLIENT } }, 'UserTokenAudience'],
    ['of several audiences without azp', { claims: { aud: [CLIENT, 'app-2'] } }, 'UserTokenAudience'],
    ['with an azp of another app', { claims: { azp: 'other' } }, 'UserTokenAudience'],
    ['with an azp that is no text', { claims: { azp: [CLIENT] } }, 'UserTokenAudience'],
    ['with an azp that is null', { claims: { azp: null } }, 'UserTokenAudience'],
    ['with a number among the audiences', { claims: { aud: [CLIENT, 7] } }, 'UserTokenAudience'],
    ['with no audience', { claims: { aud: undefined } }, 'UserTokenClaims'],
    ['with an empty list of audiences', { claims: { aud: [] } }, 'UserTokenClaims'],
    ['with an audience in an object', { claims: { aud: { 0: CLIENT } } }, 'UserTokenClaims'],
    ['that have ended', { claims: { exp: seconds - 30 } }, 'UserTokenExpired'],
    ['without an end', { claims: { exp: undefined } }, 'UserTokenClaims'],
    ['with an end in words', { claims: { exp: 'tomorrow' } }, 'UserTokenClaims'],
    ['with an end beyond all time', { claims: { exp: 1e300 } }, 'UserTokenClaims'],
    ['without an issue', { claims: { iat: undefined } }, 'UserTokenClaims'],
    ['issued in the future', { claims: { iat: seconds + 31 } }, 'UserTokenNotYetValid'],
    ['valid in the future', { claims: { nbf: seconds + 31 } }, 'UserTokenNotYetValid'],
    ['with a beginning that is no time', { claims: { nbf: null } }, 'UserTokenClaims'],
    [
      'that are too old, however long they live',
      { claims: { iat: seconds - 3631, exp: seconds + 99_999 } },
      'UserTokenTooOld',
    ],
    ['with another nonce', { claims: { nonce: 'c4n4ry' } }, 'UserNonceWrong'],
    ['with the nonce of another login', { nonce: 'of another login' }, 'UserNonceWrong'],
    ['without a nonce', { claims: { nonce: undefined } }, 'UserNonceWrong'],
    ['with a nonce that is no text', { claims: { nonce: [NONCE] } }, 'UserNonceWrong'],
    [
      'with another nonce, even where none is required',
      { nonce: 'x', expected: { requireNonce: false } },
      'UserNonceWrong',
    ],
    ['without a subject', { claims: { sub: undefined } }, 'UserTokenClaims'],
    ['with an empty subject', { claims: { sub: '' } }, 'UserTokenClaims'],
    ['with a subject that is no text', { claims: { sub: 7 } }, 'UserTokenClaims'],
    ['with a subject that is too long', { claims: { sub: 'c4n4ry'.repeat(43) } }, 'UserTokenClaims'],
    ['with a subject that is not ASCII', { claims: { sub: 'c4n4ry\u202e' } }, 'UserTokenClaims'],
  ])('%s', (_, given, code) => {
    expect(codeOf(given)).toBe(code)
  })

  test('where the request has no nonce', () => {
    expect(() => checkClaims(claimsAt(NOW), undefined, expected, NOW)).toThrow(/^UserNonceMissing/)
  })
})
