import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestFields } from '../../../src/broker/contract.ts'
import { parseUserRequest } from '../../../src/broker/request.ts'
import { Failure } from '../../../src/errors/index.ts'

const good = { provider: 'login', role: 'files', token: 'eyJhbGciOi.J9.x', nonce: 'n-1' }
const bytes = (text: string): Buffer => Buffer.from(text)
const CANARY = 'c4n4ry-c4n4ry'

function messageOf(body: Uint8Array): string {
  try {
    parseUserRequest(body)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'UserRequestInvalid') return thrown.problems[0]?.message ?? ''
    throw thrown
  }
  return 'it was taken'
}

describe('a request', () => {
  test('is its four fields, the nonce only if it is there', () => {
    expect(parseUserRequest(bytes(JSON.stringify(good)))).toEqual(good)
    const { nonce: _, ...less } = good
    expect(parseUserRequest(bytes(` ${JSON.stringify(less, undefined, 2)}\n`))).toEqual(less)
  })

  test('may hold characters that JSON escapes', () => {
    expect(parseUserRequest(bytes(JSON.stringify({ ...good, nonce: '"\\" \\' })))).toMatchObject({ nonce: '"\\" \\' })
  })

  test.each<[string, string, string]>([
    ['nothing', '', 'the body is no JSON object'],
    ['half of it', '{"provider":"login"', 'the body is no JSON object'],
    ['a list', '[]', 'the body is no JSON object'],
    ['a text', '"login"', 'the body is no JSON object'],
    ['null', 'null', 'the body is no JSON object'],
    ['a byte order mark', `\ufeff${JSON.stringify(good)}`, 'the body is no JSON object'],
    ['two of them', JSON.stringify(good).repeat(2), 'the body is no JSON object'],
    [
      'an unknown field',
      JSON.stringify({ ...good, roleArn: CANARY }),
      'roleArn: there is no such field, only provider, role, token, nonce',
    ],
    ['__proto__', `{"__proto__":{},${JSON.stringify(good).slice(1)}`, '__proto__: there is no such field'],
    ['no provider', JSON.stringify({ ...good, provider: undefined }), 'provider is missing'],
    ['no role', JSON.stringify({ ...good, role: undefined }), 'role is missing'],
    ['no token', JSON.stringify({ ...good, token: undefined }), 'token is missing'],
    ['a role of another type', JSON.stringify({ ...good, role: ['files'] }), 'role must be a name'],
    ['a role that is none', JSON.stringify({ ...good, role: `../${CANARY}` }), 'role must be a name'],
    ['an ARN as the role', JSON.stringify({ ...good, role: 'arn:aws:iam::1:role/x' }), 'role must be a name'],
    ['a token with a line end', JSON.stringify({ ...good, token: `${CANARY}\n` }), 'token must be a text of 4'],
    ['a token that is too long', JSON.stringify({ ...good, token: 'x'.repeat(20_001) }), 'token must be a text of 4'],
    ['a nonce that is null', JSON.stringify({ ...good, nonce: null }), 'nonce must be a text of 1'],
    ['an empty nonce', JSON.stringify({ ...good, nonce: '' }), 'nonce must be a text of 1'],
  ])('that is %s is refused, and what is wrong is named', (_, body, problem) => {
    const message = messageOf(bytes(body))
    expect(message.slice(0, problem.length)).toBe(problem)
    expect(message).not.toContain(CANARY)
  })

  test.each([
    [
      'a role behind the token of somebody who knows JSON',
      `{"provider":"login","role":"files","token":"x.y.z","role":"admin"}`,
    ],
    ['a field that was something else', `{"provider":"login","role":{"a":1},"token":"x.y.z","role":"files"}`],
    ['a field that was a number', `{"provider":"login","role":1,"token":"x.y.z","role":"files"}`],
    ['the same in other letters', `{"provider":"login","role":"files","token":"x.y.z","\\u0072ole":"admin"}`],
  ])('in which a field comes twice is refused: %s', (_, body) => {
    expect(messageOf(bytes(body))).toBe('a field comes twice')
  })

  test('that is no UTF-8 is refused', () => {
    expect(messageOf(Buffer.concat([bytes('{"provider":"'), Buffer.from([0xff, 0xc0])]))).toBe('the body is no UTF-8')
  })

  test('is taken or refused, whatever comes', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(fc.constantFrom(...Object.keys(requestFields)), fc.anything())
        .map((value) => JSON.stringify(value)),
    )
    fc.assert(fc.property(anything, (text) => void messageOf(bytes(text ?? ''))))
  })
})
