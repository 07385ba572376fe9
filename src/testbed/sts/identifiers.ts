import { createHash } from 'node:crypto'
import { TestbedError } from '../errors.ts'
import { providerName } from './trustDocument.ts'
import type { KnownRole, Role } from './types.ts'

type Owner = { accountId: string; partition: string }

/** The ARN of an OpenID Connect provider. */
export function providerArn({ accountId, partition }: Owner, issuer: string): string {
  return `arn:${partition}:iam::${accountId}:oidc-provider/${providerName(issuer)}`
}

/** The ARN of a role's session: it has no path, unlike the role's. */
export function assumedRoleArn({ accountId, partition }: Owner, role: KnownRole, sessionName: string): string {
  return `arn:${partition}:sts::${accountId}:assumed-role/${role.name}/${sessionName}`
}

/** An id in IAM's shape: `AROA` and 17 characters of base 32 (IAM User Guide, "IAM identifiers"). */
function roleId(arn: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const digest = createHash('sha256').update(arn).digest()
  return `AROA${Array.from(digest.subarray(0, 17), (byte) => alphabet[byte % 32]).join('')}`
}

/**
 * Fills in what IAM would.
 * @throws TestbedError for a role that IAM would not create.
 */
export function knowRole({ accountId, partition }: Owner, role: Role): KnownRole {
  const { name, path = '/', trustPolicy, maxSessionDuration = 3600 } = role
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
    throw new TestbedError(`role ${name}: the name must be 1 to 64 characters of A-Z a-z 0-9 _ + = , . @ -`)
  }
  if (!/^\/(?:[\x21-\x7e]+\/)?$/.test(path)) {
    throw new TestbedError(`role ${name}: path ${path} must begin and end with a slash`)
  }
  if (!Number.isInteger(maxSessionDuration) || maxSessionDuration < 3600 || maxSessionDuration > 43_200) {
    throw new TestbedError(`role ${name}: maxSessionDuration must be 3600 to 43200 seconds`)
  }
  const arn = `arn:${partition}:iam::${accountId}:role${path}${name}`
  return { name, arn, id: roleId(arn), trustPolicy, maxSessionDuration }
}
