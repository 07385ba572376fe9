import { StsFailure } from './failure.ts'
import { isRoleArn } from './identifiers.ts'
import type { Parameters } from './parameters.ts'
import { checkNumber, checkText, readInteger, readMembers, refuseViolations } from './parameters.ts'
import type { PolicyDocument } from './sessionPolicy.ts'
import { readSessionPolicy } from './sessionPolicy.ts'

/** What every operation asks for that gives a role's credentials. */
export type RoleRequest = {
  roleArn: string
  /** Seconds. */
  duration: number
  policyText: string | undefined
  policy: PolicyDocument | undefined
  policyArns: readonly string[]
}

const arnLength = { minimum: 20, maximum: 2048 }

/** Constraints of RoleSessionName and SourceIdentity (STS API). */
export const nameConstraint = { minimum: 2, maximum: 64, pattern: '[\\w+=,.@-]*' }
/** Constraints of an ARN that has to be there. */
export const arnConstraint = { required: true, ...arnLength }

/**
 * Reads what the operations have in common, and refuses everything that is wrong with a request at once.
 * @param own what the operation found wrong with parameters of its own.
 * @throws StsFailure ValidationError, MalformedInput or MalformedPolicyDocument.
 */
export function readRoleRequest(parameters: Parameters, own: readonly string[]): RoleRequest {
  const duration = readInteger(parameters, 'DurationSeconds')
  const policyArns = readMembers(parameters, 'PolicyArns', 'arn')
  const tooMany = "Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10"
  refuseViolations([
    ...checkText(parameters, 'RoleArn', arnConstraint),
    ...own,
    ...checkText(parameters, 'Policy', { minimum: 1, maximum: 2048 }),
    ...checkNumber(duration, 'DurationSeconds', [900, 43_200]),
    ...policyArns.flatMap((arn, at) =>
      checkText(new Map([[`PolicyArns.${at + 1}.arn`, arn]]), `PolicyArns.${at + 1}.arn`, arnLength),
    ),
    ...(policyArns.length > 10 ? [tooMany] : []),
  ])
  const roleArn = parameters.get('RoleArn') ?? ''
  if (!isRoleArn(roleArn)) throw new StsFailure('ValidationError', 'Request ARN is invalid')
  const policyText = parameters.get('Policy')
  return { roleArn, duration: duration ?? 3600, policyText, policy: readSessionPolicy(policyText), policyArns }
}
