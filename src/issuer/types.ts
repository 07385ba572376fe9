import type { Code } from '../errors/index.ts'

/** OpenID Connect Discovery 1.0, section 3: what is read of the document. */
export type Discovery = { readonly issuer: string; readonly jwksUri: string }

/** A public key of a JWKS (RFC 7517), as far as keys are compared: nothing private. */
export type PublicKey = {
  readonly kid: string
  readonly kty: 'RSA' | 'EC'
  readonly alg?: string
  /** RFC 7638: the same key has the same, whatever it is called. */
  readonly thumbprint: string
}

/** One thing that is wrong or worth a look; the code says the cause and the fix. */
export type IssuerFinding = { readonly verdict: 'warn' | 'fail'; readonly code: Code; readonly message: string }
