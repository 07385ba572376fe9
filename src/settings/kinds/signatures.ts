import { listOf, oneOf } from './kind.ts'

/** Signatures that tokens may carry; none with a shared secret, and not `none`. */
export const SIGNATURES = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export const signatures = listOf(oneOf(...SIGNATURES), 'signature algorithms of JWS', SIGNATURES.length)
