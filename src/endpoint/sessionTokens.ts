import { timingSafeEqual } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import type { SessionTokens } from './protocol/imds.ts'

/** Six bytes hold every instant before the year 10889. */
const EXPIRES_BYTES = 6
const MAC_BYTES = 32
const TOKEN_LENGTH = Math.ceil(((EXPIRES_BYTES + MAC_BYTES) * 4) / 3)

/**
 * IMDSv2 session tokens that say themselves when they end, vouched for by HMAC-SHA-256 (RFC 2104): nothing is kept of them.
 * The key is 32 random bytes. Under another key they are none, and a client gets another at the 401; Go's first SDK loses
 * the call that meets it, so the key is worth keeping over a restart.
 */
export function createSessionTokens(key: Uint8Array): SessionTokens {
  const mac = hmacSha256(key)
  return {
    mint: (instant) => {
      const expires = Buffer.alloc(EXPIRES_BYTES)
      expires.writeUIntBE(instant, 0, EXPIRES_BYTES)
      return Buffer.concat([expires, mac(expires)]).toString('base64url')
    },
    verify: (token, now) => {
      if (token.length !== TOKEN_LENGTH) return false
      const bytes = Buffer.from(token, 'base64url')
      // Decoding forgives much: only the one spelling counts.
      if (bytes.toString('base64url') !== token) return false
      const expires = bytes.subarray(0, EXPIRES_BYTES)
      return timingSafeEqual(mac(expires), bytes.subarray(EXPIRES_BYTES)) && expires.readUIntBE(0, EXPIRES_BYTES) > now
    },
  }
}
