import type { Milliseconds, Obtain, SessionCredentials } from '../credentials/types.ts'
import { type Code, Failure } from '../errors/index.ts'
import { parseAssumedRole, parseRole } from './arns.ts'
import type { TokenSource } from './identityToken.ts'
import type { IdentityToken } from './jwt.ts'
import { printable } from './redact.ts'
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
    const token = await source(signal)
    try {
      const answer = await sts.assumeRoleWithWebIdentity({ ...request, token: token.raw }, signal)
      return toCredentials(answer, request, limits)
    } catch (thrown) {
      throw withClaims(thrown, token)
    }
  }
}

/** Where STS and IAM's trust do not agree with the token, whoever repairs it compares them with what the token says. */
const trustFailures: ReadonlySet<Code> = new Set<Code>([
  'StsAccessDenied',
  'StsIdentityProviderUnknown',
  'StsAudienceRejected',
  'StsTokenRejected',
  'StsVerificationKeyMissing',
])

/** The claims are not secret, unlike the token. */
function withClaims(thrown: unknown, { subject, issuer, audiences }: IdentityToken): unknown {
  if (!(thrown instanceof Failure) || !trustFailures.has(thrown.code)) return thrown
  const [first = { code: thrown.code, message: '' }, ...others] = thrown.problems
  const claims = Object.entries({ sub: subject, iss: issuer, aud: audiences.join(' ') })
    .map(([name, value]) => `${name} ${printable(value)}`)
    .join(', ')
  return new Failure({ ...first, message: `${first.message}; the token says ${claims}` }, ...others)
}

type Asked = Pick<WebIdentityRequest, 'roleArn' | 'durationSeconds'>

function toCredentials(answer: StsAnswer, asked: Asked, limits: AnswerLimits): SessionCredentials {
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
