import type { Milliseconds } from '../credentials/types.ts'
import { type Code, Failure } from '../errors/index.ts'
import { printable, redact } from './redact.ts'
import type { StsOperation } from './sts.ts'

type Row = {
  /** AWS's codes without their endings `Exception` and `Error`, which differ between servers and SDKs. */
  readonly aws: readonly string[]
  /** Where a code stands for several causes: what AWS's message must hold. */
  readonly message?: RegExp
  /** Where a code is about something else in each operation. */
  readonly operation?: StsOperation
  readonly code: Code
}

/** STS API, AssumeRoleWithWebIdentity, AssumeRoleWithSAML and AssumeRole, Errors, and Common Errors. The first row that fits counts. */
const rows: readonly Row[] = [
  { aws: ['AccessDenied'], operation: 'AssumeRole', code: 'StsChainDenied' },
  { aws: ['AccessDenied'], operation: 'AssumeRoleWithSAML', code: 'StsSamlDenied' },
  { aws: ['AccessDenied'], code: 'StsAccessDenied' },
  {
    aws: ['ExpiredToken', 'InvalidClientTokenId', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'RequestExpired'],
    operation: 'AssumeRole',
    code: 'StsChainCredentialsRejected',
  },
  { aws: ['ExpiredToken'], operation: 'AssumeRoleWithSAML', code: 'StsSamlExpired' },
  { aws: ['InvalidIdentityToken'], operation: 'AssumeRoleWithSAML', code: 'StsSamlRejected' },
  { aws: ['ExpiredToken'], code: 'StsTokenExpired' },
  { aws: ['InvalidIdentityToken'], message: /no openidconnect provider found/i, code: 'StsIdentityProviderUnknown' },
  { aws: ['InvalidIdentityToken'], message: /audience|required claim: aud\b/i, code: 'StsAudienceRejected' },
  { aws: ['InvalidIdentityToken'], message: /retrieve verification key/i, code: 'StsVerificationKeyMissing' },
  { aws: ['InvalidIdentityToken'], code: 'StsTokenRejected' },
  { aws: ['IDPCommunication'], code: 'StsIdentityProviderUnreachable' },
  { aws: ['IDPRejectedClaim'], code: 'StsClaimRejected' },
  { aws: ['MalformedPolicyDocument'], code: 'StsPolicyMalformed' },
  { aws: ['PackedPolicyTooLarge'], code: 'StsPolicyTooLarge' },
  { aws: ['RegionDisabled'], code: 'StsRegionDisabled' },
  { aws: ['Throttling', 'Throttled', 'RequestLimitExceeded', 'TooManyRequests', 'SlowDown'], code: 'StsThrottled' },
  { aws: ['ServiceUnavailable', 'InternalFailure', 'Internal', 'InternalServer'], code: 'StsUnavailable' },
  // MinIO and SeaweedFS have one code for nearly all; what it means stands in the message.
  { aws: ['InvalidParameterValue'], message: /\btoken is expired/i, code: 'StsTokenExpired' },
  {
    aws: ['InvalidParameterValue'],
    message: /`(azp|aud)` claim invalid|invalid token audience/i,
    code: 'StsAudienceRejected',
  },
  { aws: ['InvalidParameterValue'], message: /no public key found for kid/i, code: 'StsVerificationKeyMissing' },
  {
    aws: ['InvalidParameterValue'],
    message: /signature is invalid|verification error|invalid token (format|issuer)|missing required claims/i,
    code: 'StsTokenRejected',
  },
  { aws: ['InvalidParameterValue'], message: /RoleARN \S+ is not defined/, code: 'StsAccessDenied' },
  {
    aws: ['Validation', 'InvalidParameterValue'],
    message: /durationSeconds exceeds|at 'durationSeconds'.*less than or equal/i,
    code: 'StsDurationTooLong',
  },
  { aws: ['Validation', 'InvalidParameterValue', 'InvalidParameterCombination'], code: 'StsRequestInvalid' },
  {
    aws: ['MissingParameter', 'MissingAction', 'InvalidAction', 'MalformedQueryString', 'MalformedInput'],
    code: 'StsRequestInvalid',
  },
]

/** What is known of an error answer of STS. */
export type StsError = {
  readonly awsCode: string
  readonly message: string
  readonly httpStatus: number
  readonly requestId?: string | undefined
  readonly operation: StsOperation
  readonly endpoint: string
  readonly roleArn: string
  /** STS's clock minus the pod's, where it is large enough to matter. */
  readonly skew?: Milliseconds
  /** What was sent and must not come back in a message. */
  readonly secrets?: readonly string[]
}

/** An error answer of STS as our Failure: AWS's words and numbers in it, and nothing that could be a secret. */
export function toStsFailure(error: StsError): Failure {
  const { httpStatus, requestId, endpoint, roleArn, secrets, skew = 0 } = error
  const short = (text: string): string => redact(text, secrets, 80)
  const ids = [`HTTP ${httpStatus}`, ...(requestId === undefined ? [] : [`request id ${short(requestId)}`])].join(', ')
  const said = redact(error.message, secrets)
  const clock = skew === 0 ? '' : `; the pod's clock is ${Math.round(Math.abs(skew) / 1000)} s ${behindOrAhead(skew)}`
  const message = `${short(error.awsCode)} (${ids}) from ${endpoint} for ${roleArn}${said === '' ? '' : `: ${said}`}${clock}`
  return new Failure({ code: codeOf(error), message })
}

function codeOf({ awsCode, message, httpStatus, operation }: StsError): Code {
  const name = awsCode.replace(/(Exception|Error)+$/, '')
  const row = rows.find(
    (each) =>
      each.aws.includes(name) &&
      (each.operation === undefined || each.operation === operation) &&
      (each.message?.test(message) ?? true),
  )
  if (row !== undefined) return row.code
  // IAM throttles with several codes, and with this sentence in all of them.
  return /rate exceeded/i.test(message) ? 'StsThrottled' : (codeOfStatus(httpStatus) ?? 'StsOther')
}

function codeOfStatus(status: number): Code | undefined {
  if (status === 429) return 'StsThrottled'
  return status >= 500 ? 'StsUnavailable' : undefined
}

const behindOrAhead = (skew: Milliseconds): string => (skew > 0 ? "behind STS's" : "ahead of STS's")

/** An answer that is no document of STS, by its status: what stands before STS says that it is busy in its own words. */
export const foreignAnswer = (httpStatus: number, problem: string): Failure =>
  new Failure({ code: codeOfStatus(httpStatus) ?? 'StsAnswerInvalid', message: printable(problem) })

/** An answer that STS would not give; `problem` says what is wrong with it and quotes nothing of it. */
export function invalidAnswer(problem: string): Failure {
  return new Failure({ code: 'StsAnswerInvalid', message: printable(problem) })
}
