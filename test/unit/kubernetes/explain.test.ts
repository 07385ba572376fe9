import { expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { backoff } from '../../../src/kubernetes/backoff.ts'
import { explainThrown, quote } from '../../../src/kubernetes/explain.ts'
import type { ClusterRequest } from '../../../src/kubernetes/types.ts'

const request: ClusterRequest = { verb: 'get', title: 'Secret a/b', path: '/' }
const systemError = (code: string) => Object.assign(new Error('c4n4ry'), { code })

test.each([
  ['ECONNREFUSED', 'ClusterUnreachable'],
  ['ECONNRESET', 'ClusterUnreachable'],
  ['ENOTFOUND', 'ClusterUnreachable'],
  ['EAI_AGAIN', 'ClusterUnreachable'],
  ['ETIMEDOUT', 'ClusterUnreachable'],
  ['EMFILE', 'ClusterUnreachable'],
  ['ABORT_ERR', 'ClusterUnreachable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ClusterAnswerInvalid'],
  ['CERT_HAS_EXPIRED', 'ClusterAnswerInvalid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'ClusterAnswerInvalid'],
  ['EPROTO', 'ClusterAnswerInvalid'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'ClusterAnswerInvalid'],
  ['HPE_HEADER_OVERFLOW', 'ClusterAnswerInvalid'],
])('%s is %s, told by the code alone', (code, expected) => {
  const failure = explainThrown(systemError(code), request)
  expect(failure.code).toBe(expected)
  expect(failure.message).toContain(`Secret a/b: get: `)
  expect(failure.message).toContain(`(${code})`)
  expect(failure.message).not.toContain('c4n4ry')
})

test('a Failure stays what it is, and anything else is told by its place', () => {
  const failure = new Failure({ code: 'ClusterObjectMissing', message: 'x' })
  expect(explainThrown(failure, request)).toBe(failure)
  expect(explainThrown(new TypeError('c4n4ry'), request)).toMatchObject({ code: 'Internal' })
  expect(explainThrown(systemError('c4n4ry'), request).message).not.toContain('c4n4ry')
})

test.each([
  ['words of the server', 'words of the server'],
  ['on\none\t line\u0000 \u2028', 'on one line'],
  ['with abcdefg', 'with abcdefg'],
  ['with abcdefgh', ''],
  ['with opqrstuv, its end', ''],
  ['x'.repeat(300), 'x'.repeat(300)],
  ['x'.repeat(301), `${'x'.repeat(300)}…`],
  [undefined, ''],
  [7, ''],
])('of %j %j is quoted', (text, expected) => {
  expect(quote(text, ['abcdefghijklmnopqrstuv', 'short'])).toBe(expected)
})

test('the wait grows to its cap, is anywhere below it, and is what the server asks for at least', () => {
  const bounds = { first: 1_000, cap: 30_000 }
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 5_000].map((failures) => backoff(bounds, failures, 1))
  expect(ceilings).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  expect(backoff(bounds, 3, 0)).toBe(0)
  expect(backoff(bounds, 3, 0.5)).toBe(2_000)
  expect(backoff(bounds, 1, 0.5, 7_000)).toBe(7_000)
  expect(backoff(bounds, 1, 0.5, 99_000)).toBe(30_000)
})
