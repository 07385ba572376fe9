import type { Milliseconds, Obtain, SessionCredentials } from '../credentials/types.ts'
import { parseAssumedRole, parseRole } from './arns.ts'
import type { TokenSource } from './identityToken.ts'
import { measureSkew } from './skew.ts'
import type { Sts, StsAnswer, WebIdentityRequest } from './sts.ts'
import { invalidAnswer } from './stsErrors.ts'

/** How far STS's expiry may be from what was asked for. */
export type AnswerLimits = {
  /** Less than that is not worth having: the hard stop lies at 60 s. */
  readonly leastLife: Milliseconds
  /** How much longer than asked is taken for rounding. */
  readonly slack: Milliseconds
}

const defaultLimits: AnswerLimits = { leastLife: 60_000, slack: 300_000 }

/**
 * Exchanges an identity token for a role's credentials (STS API, AssumeRoleWithWebIdentity); the token is taken from
 * `source` anew at every attempt. Throws Failure: the source's, STS's, or StsAnswerInvalid when STS lies, and then
 * nothing of the answer is kept.
 */
export function webIdentity(
  source: TokenSource,
  sts: Pick<Sts, 'assumeRoleWithWebIdentity'>,
  request: Omit<WebIdentityRequest, 'token'>,
  limits: AnswerLimits = defaultLimits,
): Obtain {
  return async (signal) => {
    const { raw } = await source(signal)
    const answer = await sts.assumeRoleWithWebIdentity({ ...request, token: raw }, signal)
    return toCredentials(answer, request, limits)
  }
}

type Asked = Pick<WebIdentityRequest, 'roleArn' | 'durationSeconds'>

function toCredentials(answer: StsAnswer, asked: Asked, limits: AnswerLimits): SessionCredentials {
  const { date, localTime } = answer
  const issued = date ?? localTime
  return {
    accessKeyId: present('AccessKeyId', answer.accessKeyId),
    secretAccessKey: present('SecretAccessKey', answer.secretAccessKey),
    sessionToken: present('SessionToken', answer.sessionToken),
    expires: checkExpiry(answer.expires, issued, asked, limits),
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

/** Credentials of another role than the one asked for would be the gravest lie of all. */
function checkRole(
  assumedRoleArn: string | undefined,
  { roleArn }: Asked,
): Pick<SessionCredentials, 'assumedRoleArn' | 'accountId'> {
  const role = parseRole(roleArn)
  const arn = present('AssumedRoleUser.Arn', assumedRoleArn)
  const assumed = parseAssumedRole(arn)
  if (assumed === undefined || assumed.name !== role?.name || assumed.accountId !== role.accountId) {
    throw invalidAnswer(`STS gave credentials that are not of the role ${roleArn}`)
  }
  return { assumedRoleArn: arn, accountId: assumed.accountId }
}
