import { Failure } from '../../../src/errors/index.ts'

/** 2026-01-01T12:00:00Z */
export const noon = Date.UTC(2026, 0, 1, 12)
export const never = new AbortController().signal
export const roleArn = 'arn:aws:iam::123456789012:role/apps/shop-web'

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** Any part of it in a message is a leak. */
export const canary = 'c4n4ryS1gnature-c4n4ryS1gnature-c4n4ryS1gnature'

export const goodClaims = {
  iss: 'https://oidc.example.com/cluster',
  sub: 'system:serviceaccount:shop:web',
  aud: ['sts.amazonaws.com'],
  iat: noon / 1000 - 60,
  exp: noon / 1000 + 3600,
}

/** An unsigned token in the form of a signed one. */
export function makeToken(claims: unknown = goodClaims, header: unknown = { alg: 'RS256', kid: 'c4n4ry-kid' }): string {
  return `${encode(header)}.${encode(claims)}.${canary}`
}

/** What a promise is rejected with; fails when it is no Failure. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (thrown instanceof Failure) return thrown
  throw thrown
}
