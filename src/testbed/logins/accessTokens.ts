import { randomBytes } from 'node:crypto'

/** What a token stands for. */
export type Grant<User> = {
  user: User
  /** The app that it was issued to, by the id that the provider's API calls it. */
  app: string
  /** Epoch milliseconds. */
  issued: number
  expires: number
}

/** The access tokens that a provider has issued. */
export type AccessTokens<User> = {
  issue(grant: Grant<User>): string
  /** What a token stands for, expired or not; undefined for one that was never issued, or was revoked. */
  find(token: string): Grant<User> | undefined
  revoke(token: string): void
}

/**
 * Opaque tokens: random, and only their provider knows what they stand for. The newest 10,000 are kept.
 * @param prefix what this provider's tokens begin with.
 */
export function createAccessTokens<User>(prefix: string): AccessTokens<User> {
  const grants = new Map<string, Grant<User>>()
  return {
    issue: (grant) => {
      const token = `${prefix}${randomBytes(48).toString('base64url')}`
      grants.set(token, grant)
      const [oldest] = grants.keys()
      if (grants.size > 10_000 && oldest !== undefined) grants.delete(oldest)
      return token
    },
    find: (token) => grants.get(token),
    revoke: (token) => {
      grants.delete(token)
    },
  }
}
