import { describe, expect, it } from 'vitest'
import { computeSignature, type SignatureScope, type SignedRequest } from '../../../src/testbed/sts/signature.ts'

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const timestamp = '20150830T123600Z'
const example = { host: 'example.amazonaws.com', 'x-amz-date': timestamp }

function sign(
  request: Partial<Omit<SignedRequest, 'headers'>>,
  headers: Record<string, string> = example,
  service = 'service',
): string {
  const names = Object.keys(headers).sort()
  const scope: SignatureScope = { timestamp, date: '20150830', region: 'us-east-1', service, signedHeaders: names }
  const whole = { method: 'GET', path: '/', query: '', body: '', ...request, headers: new Map(Object.entries(headers)) }
  return computeSignature(whole, scope, secret)
}

/** The published examples of AWS: the Signature Version 4 test suite, and ListUsers of the IAM documentation. */
describe('computeSignature gives the known answers', () => {
  it('get-vanilla', () => {
    expect(sign({})).toBe('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')
  })

  it('get-vanilla-query-order-key-case', () => {
    const signature = 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'
    expect(sign({ query: 'Param2=value2&Param1=value1' })).toBe(signature)
  })

  it('post-vanilla', () => {
    expect(sign({ method: 'POST' })).toBe('5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b')
  })

  it('post-x-www-form-urlencoded', () => {
    const headers = { ...example, 'content-type': 'application/x-www-form-urlencoded' }
    const signature = 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'
    expect(sign({ method: 'POST', body: 'Param1=value1' }, headers)).toBe(signature)
  })

  it('ListUsers of IAM', () => {
    const headers = {
      host: 'iam.amazonaws.com',
      'x-amz-date': timestamp,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    }
    const signature = '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7'
    expect(sign({ query: 'Action=ListUsers&Version=2010-05-08' }, headers, 'iam')).toBe(signature)
  })
})

describe('computeSignature', () => {
  it('trims header values and folds their spaces', () => {
    expect(sign({}, { ...example, host: '  example.amazonaws.com ' })).toBe(sign({}))
    expect(sign({}, { ...example, a: 'b   c' })).toBe(sign({}, { ...example, a: 'b c' }))
  })

  it('sorts equal names by value, and encodes what encodeURIComponent leaves', () => {
    expect(sign({ query: 'a=2&a=1' })).toBe(sign({ query: 'a=1&a=2' }))
    expect(sign({ query: "a=!'()*" })).toBe(sign({ query: 'a=%21%27%28%29%2A' }))
  })

  it('leaves out the signature itself, and nothing else', () => {
    expect(sign({ query: 'a=1&X-Amz-Signature=00' })).toBe(sign({ query: 'a=1' }))
    expect(sign({ query: 'a=1&X-Amz-Date=00' })).not.toBe(sign({ query: 'a=1' }))
  })

  it.each<[string, Partial<Omit<SignedRequest, 'headers'>>]>([
    ['method', { method: 'PUT' }],
    ['path', { path: '/x' }],
    ['query', { query: 'a' }],
    ['body', { body: ' ' }],
  ])('covers the %s', (_name, change) => {
    expect(sign(change)).not.toBe(sign({}))
  })
})
