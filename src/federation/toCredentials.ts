import type { Milliseconds, SessionCredentials } from '../credentials/types.ts'
import { isSessionOf, parseRole } from './arns.ts'
import { measureSkew } from './skew.ts'
import type { RoleRequest, StsAnswer } from './sts.ts'
import { invalidAnswer } from './stsErrors.ts'

/** How far STS's expiry may be from what was asked for. */
export type AnswerLimits = {
  /** Less than that is not worth having: the hard stop lies at 60 s. */
  readonly leastLife: Milliseconds
  /** How much longer than asked is taken for rounding. */
  readonly slack: Milliseconds
}

export const defaultLimits: AnswerLimits = { leastLife: 60_000, slack: 300_000 }

type Asked = Pick<RoleRequest, 'roleArn' | 'durationSeconds'>

/** What STS answered as credentials of the role that was asked for. Throws Failure StsAnswerInvalid when STS lies. */
export function toCredentials(
  answer: StsAnswer,
  asked: Asked,
  limits: AnswerLimits = defaultLimits,
): SessionCredentials {
  const { date, localTime } = answer
  const issued = date ?? localTime
  const expires = checkExpiry(answer.expires, issued, asked, limits)
  return {
    accessKeyId: present('AccessKeyId', answer.accessKeyId),
    secretAccessKey: present('SecretAccessKey', answer.secretAccessKey),
    sessionToken: present('SessionToken', answer.sessionToken),
    // How far the pod's clock is behind STS's nobody knows without a Date: it must not add to what was asked for.
    expires: date === undefined ? Math.min(expires, localTime + asked.durationSeconds * 1000) : expires,
    issued,
    skew: measureSkew(date, localTime),
    roleArn: asked.roleArn,
    ...checkRole(answer.assumedRoleArn, asked),
  }
}

function present(field: string, value: string | undefined): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalidAnswer(`the answer of STS has no ${field}`)
}

function checkExpiry(
  expires: number | undefined,
  issued: number,
  asked: Asked,
  { leastLife, slack }: AnswerLimits,
): number {
  if (expires === undefined || !Number.isFinite(expires)) throw invalidAnswer('the answer of STS has no Expiration')
  const life = expires - issued
  if (life >= leastLife && life <= asked.durationSeconds * 1000 + slack) return expires
  const seconds = Math.round(life / 1000)
  throw invalidAnswer(`STS gave credentials for ${seconds} s, where ${asked.durationSeconds} s were asked for`)
}

/**
 * Credentials of another role than the one asked for would be the gravest lie of all. MinIO alone says nothing of the role,
 * and has the policies of one that it knows by its token.
 */
function checkRole(
  assumedRoleArn: string | undefined,
  { roleArn }: Asked,
): Pick<SessionCredentials, 'assumedRoleArn' | 'accountId'> {
  const role = parseRole(roleArn)
  if (role?.partition === 'minio' && (assumedRoleArn ?? '') === '')
    return { assumedRoleArn: roleArn, accountId: role.accountId }
  const arn = present('AssumedRoleUser.Arn', assumedRoleArn)
  if (role === undefined || !isSessionOf(role, arn)) {
    throw invalidAnswer(`STS gave credentials that are not of the role ${roleArn}`)
  }
  return { assumedRoleArn: arn, accountId: role.accountId }
}
