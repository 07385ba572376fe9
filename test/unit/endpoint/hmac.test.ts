import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hmacSha256 } from '../../../src/endpoint/hmac.ts'

describe('hmacSha256', () => {
  it.each([
    // RFC 4231, test cases 1 to 3.
    ['0b'.repeat(20), '4869205468657265', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      '4a656665',
      '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  ])('agrees with the vector of the key %s', (key, message, mac) => {
    expect(hmacSha256(Buffer.from(key, 'hex'))(Buffer.from(message, 'hex')).toString('hex')).toBe(mac)
  })

  it("is Node's for every key of a block at most, however often it is asked", () => {
    const keys = fc.uint8Array({ maxLength: 64 })
    fc.assert(
      fc.property(keys, fc.array(fc.uint8Array({ maxLength: 200 })), (key, messages) => {
        const mac = hmacSha256(key)
        for (const message of messages) expect(mac(message)).toEqual(createHmac('sha256', key).update(message).digest())
      }),
    )
  })

  it('refuses a key that would have to be hashed first', () => {
    expect(() => hmacSha256(new Uint8Array(65))).toThrow('the key has 65 bytes, 64 at most are allowed')
  })
})
