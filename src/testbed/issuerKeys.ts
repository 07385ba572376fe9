import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'

/** A signing key with the half of it that is published. */
type SigningKey = { kid: string; privateKey: CryptoKey; jwk: JWK }

/** The keys of an issuer: one signs, and all but the unpublished one are in the JWKS. */
export type KeyRing = {
  current(): SigningKey
  published(): JWK[]
  /** A key that no JWKS ever shows; made when first asked for. */
  unpublished(): Promise<SigningKey>
  rotate(): Promise<string>
  retire(): void
}

async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 })
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'RS256' } }
}

/** Makes a ring of one RS256 key, 2048 bits as kube-apiserver's are. */
export async function createKeyRing(): Promise<KeyRing> {
  let current = await generateSigningKey()
  let previous: SigningKey[] = []
  let unpublished: Promise<SigningKey> | undefined
  return {
    current: () => current,
    published: () => [current, ...previous].map((key) => key.jwk),
    unpublished: () => {
      unpublished ??= generateSigningKey()
      return unpublished
    },
    rotate: async () => {
      const next = await generateSigningKey()
      previous = [current, ...previous]
      current = next
      return next.kid
    },
    retire: () => {
      previous = []
    },
  }
}
