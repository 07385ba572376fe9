import { createHash } from 'node:crypto'
import { TestbedError } from '../errors.ts'
import type { Dialect } from './dialects.ts'
import { providerName } from './trustDocument.ts'
import type { KnownRole, Role } from './types.ts'

/** What ARNs say of an account. */
export type Owner = { accountId: string; partition: string; dialect: Pick<Dialect, 'account' | 'partition'> }

function accountOf({ accountId, dialect }: Owner): string {
  return dialect.account === 'none' ? '' : accountId
}

/** The ARN of an OpenID Connect provider. */
export function providerArn(owner: Owner, issuer: string): string {
  return `arn:${owner.partition}:iam::${accountOf(owner)}:oidc-provider/${providerName(issuer)}`
}

/** The ARN of a SAML provider. */
export function samlProviderArn(owner: Owner, name: string): string {
  return `arn:${owner.partition}:iam::${accountOf(owner)}:saml-provider/${name}`
}

/** The ARN of a role's session: it has no path, unlike the role's. */
export function assumedRoleArn(owner: Owner, role: KnownRole, sessionName: string): string {
  return `arn:${owner.partition}:sts::${accountOf(owner)}:assumed-role/${role.name}/${sessionName}`
}

/** Every name by which a trust policy may mean a session ("AWS JSON policy elements: Principal"). */
export function principalNames(owner: Owner, role: KnownRole, sessionName: string): string[] {
  const account = accountOf(owner)
  const root = `arn:${owner.partition}:iam::${account}:root`
  return [role.arn, assumedRoleArn(owner, role, sessionName), root, ...(account === '' ? [] : [account])]
}

/** Whether a text is the ARN of a role as this STS writes them, or AWS's of any account. */
export function isRoleArn(arn: string): boolean {
  return /^arn:[\w-]{1,20}:iam::(?:\d{12})?:role\/.+$/.test(arn)
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
export function knowRole(owner: Owner, role: Role): KnownRole {
  const { name, path = '/', trustPolicy, maxSessionDuration = 3600, mayAssume = ['*'] } = role
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
    throw new TestbedError(`role ${name}: the name must be 1 to 64 characters of A-Z a-z 0-9 _ + = , . @ -`)
  }
  if (!/^\/(?:[\x21-\x7e]+\/)?$/.test(path)) {
    throw new TestbedError(`role ${name}: path ${path} must begin and end with a slash`)
  }
  if (!Number.isInteger(maxSessionDuration) || maxSessionDuration < 3600 || maxSessionDuration > 43_200) {
    throw new TestbedError(`role ${name}: maxSessionDuration must be 3600 to 43200 seconds`)
  }
  const partition = owner.dialect.partition ?? owner.partition
  const arn = `arn:${partition}:iam::${accountOf(owner)}:role${path}${name}`
  return { name, arn, id: roleId(arn), trustPolicy, maxSessionDuration, mayAssume }
}
