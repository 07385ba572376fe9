import { createHash } from 'node:crypto'
import { type PodUserRole, USER_LENGTH, USER_PLACEHOLDER } from '../settings/index.ts'
import type { VerifiedUser } from './types.ts'

/** Each part with its length before it, so that nothing can be moved from one part to the next. */
const framed = (parts: readonly string[]): string => parts.map((part) => `${part.length}:${part}`).join('')
const hash = (...parts: readonly string[]): string => createHash('sha256').update(framed(parts)).digest('base64url')

/**
 * The user's name for machines: always the same for a subject of an issuer, and no personal data. It is the session name
 * that CloudTrail records (STS API, RoleSessionName: 2 to 64 characters of `[\w+=,.@-]`) and what `{user}` stands for.
 */
export const nameUser = ({ issuer, subject }: Pick<VerifiedUser, 'issuer' | 'subject'>): string =>
  `u-${hash(issuer, subject)}`.slice(0, USER_LENGTH)

/** What a role is for one user. */
export type Grant = {
  /** The name that the app calls it by. */
  readonly alias: string
  readonly roleArn: string
  readonly policy?: string
  readonly policyArns?: readonly string[]
  readonly durationSeconds: number
}

export function grantOf(alias: string, role: PodUserRole, user: string): Grant {
  const { roleArn, sessionPolicy, sessionPolicyArns, sessionDuration } = role
  return {
    alias,
    roleArn,
    durationSeconds: sessionDuration,
    ...(sessionPolicy !== undefined && { policy: sessionPolicy.replaceAll(USER_PLACEHOLDER, user) }),
    ...(sessionPolicyArns !== undefined && { policyArns: sessionPolicyArns }),
  }
}

/** What credentials are kept under: whatever makes them other credentials is in it. */
export function cacheKey(provider: string, { issuer, subject, audience }: VerifiedUser, grant: Grant): string {
  const { alias, roleArn, policy = '', policyArns = [], durationSeconds } = grant
  const policies = hash(policy, ...policyArns)
  return hash(provider, issuer, subject, audience, alias, roleArn, policies, String(durationSeconds))
}
