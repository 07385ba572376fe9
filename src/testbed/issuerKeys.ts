import type { CryptoKey, JWK } from 'jose'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { certifySigningKey } from './signingCertificate.ts'

/** A signing key with the half of it that is published. */
type SigningKey = { kid: string; privateKey: CryptoKey; jwk: JWK; thumbprint?: string }

/** The keys of an issuer: one signs, and all but the unpublished one are in the JWKS. */
export type KeyRing = {
  current(): SigningKey
  published(): JWK[]
  /** A key that no JWKS ever shows; made when first asked for. */
  unpublished(): Promise<SigningKey>
  rotate(): Promise<string>
  retire(): void
}

async function generateSigningKey(certifyAt: (() => number) | undefined): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 })
  const bare = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(bare)
  const jwk = { ...bare, kid, use: 'sig', alg: 'RS256' }
  if (certifyAt === undefined) return { kid, privateKey, jwk }
  const { x5c, thumbprint } = await certifySigningKey({ privateKey, publicKey }, certifyAt())
  return { kid, privateKey, jwk: { ...jwk, x5c: [x5c] }, thumbprint }
}

/**
 * Makes a ring of one RS256 key, 2048 bits as kube-apiserver's are. With a clock for their validity, its keys have
 * certificates, which kube-apiserver's have not.
 */
export async function createKeyRing(certifyAt?: () => number): Promise<KeyRing> {
  let current = await generateSigningKey(certifyAt)
  let previous: SigningKey[] = []
  let unpublished: Promise<SigningKey> | undefined
  return {
    current: () => current,
    published: () => [current, ...previous].map((key) => key.jwk),
    unpublished: () => {
      unpublished ??= generateSigningKey(certifyAt)
      return unpublished
    },
    rotate: async () => {
      const next = await generateSigningKey(certifyAt)
      previous = [current, ...previous]
      current = next
      return next.kid
    },
    retire: () => {
      previous = []
    },
  }
}
