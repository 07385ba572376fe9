import { hash } from 'node:crypto'

/** Of SHA-256. */
const BLOCK_BYTES = 64

/**
 * HMAC-SHA-256 under a key of at most 64 bytes (RFC 2104, section 2); throws RangeError for a longer one. By hashes of one
 * shot: `createHmac` makes a native object each time, and what many of them leave behind the process cannot give back.
 */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Buffer {
  if (key.length > BLOCK_BYTES)
    throw new RangeError(`the key has ${key.length} bytes, ${BLOCK_BYTES} at most are allowed`)
  const padded = (pad: number): Uint8Array => Uint8Array.from({ length: BLOCK_BYTES }, (_, at) => (key[at] ?? 0) ^ pad)
  const inner = padded(0x36)
  const outer = padded(0x5c)
  return (message) => sha256(outer, sha256(inner, message))
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer')
