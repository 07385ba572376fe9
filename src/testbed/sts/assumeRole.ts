import { authenticate } from './authenticate.ts'
import { isLike } from './conditions.ts'
import { StsFailure } from './failure.ts'
import { furtherActions } from './federated.ts'
import { assumedRoleArn, principalNames } from './identifiers.ts'
import type { Parameters } from './parameters.ts'
import { checkText } from './parameters.ts'
import type { RoleRequest } from './roleRequest.ts'
import { nameConstraint, readRoleRequest } from './roleRequest.ts'
import { checkDuration, describeCredentials, describeUser, issueSession, optionalElement } from './sessionAnswer.ts'
import { leavesAllowed, measureSessionPolicy } from './sessionPolicy.ts'
import type { GivenTags, SessionTags } from './tags.ts'
import { joinTags, noTags, readTags, tagKeys, tagViolations } from './tags.ts'
import { isTrusted } from './trust.ts'
import type { Account, Action, KnownRole, Session } from './types.ts'

type AssumeRoleRequest = RoleRequest & {
  sessionName: string
  tags: GivenTags
  externalId: string | undefined
  sourceIdentity: string | undefined
}

const roleChainLimit = 3600

/** Constraints of the API reference, AssumeRole, "Request Parameters". */
function readParameters(parameters: Parameters): AssumeRoleRequest {
  const tags = readTags(parameters)
  const request = readRoleRequest(parameters, [
    ...checkText(parameters, 'RoleSessionName', { required: true, ...nameConstraint }),
    ...checkText(parameters, 'ExternalId', { minimum: 2, maximum: 1224, pattern: '[\\w+=,.@:/\\-]*' }),
    ...checkText(parameters, 'SourceIdentity', nameConstraint),
    ...tagViolations(tags),
  ])
  const sessionName = parameters.get('RoleSessionName') ?? ''
  const [externalId, sourceIdentity] = [parameters.get('ExternalId'), parameters.get('SourceIdentity')]
  return { ...request, sessionName, tags, externalId, sourceIdentity }
}

/** What the session is to carry, from the request and from the session that asks. */
type Carried = { tags: SessionTags; sourceIdentity: string | undefined }

/** IAM User Guide, "Monitor and control actions taken with assumed roles": once set, a source identity stays. */
function carry(caller: Session, request: AssumeRoleRequest): Carried {
  const { sourceIdentity: held } = caller
  const { sourceIdentity: wanted } = request
  if (held !== undefined && wanted !== undefined && held !== wanted) {
    throw new StsFailure('ValidationError', 'The source identity is already set for this assume role session')
  }
  return { tags: joinTags(request.tags, caller.tags), sourceIdentity: wanted ?? held }
}

function conditionKeys(account: Account, caller: Session, request: AssumeRoleRequest, carried: Carried) {
  const one = (key: string, value: string | undefined): [string, string[]][] =>
    value === undefined ? [] : [[key, [value]]]
  const all: [key: string, values: string[]][] = [
    ...tagKeys(carried.tags),
    ...[...(caller.tags ?? noTags).values].flatMap(([key, value]) => one(`aws:PrincipalTag/${key}`, value)),
    ...one('aws:PrincipalArn', caller.role.arn),
    ...one('aws:PrincipalAccount', account.accountId),
    ...one('aws:PrincipalType', 'AssumedRole'),
    ...one('aws:userid', `${caller.role.id}:${caller.name}`),
    ...one('aws:SourceIdentity', caller.sourceIdentity),
    ...one('sts:ExternalId', request.externalId),
    ...one('sts:RoleSessionName', request.sessionName),
    ...one('sts:SourceIdentity', carried.sourceIdentity),
  ]
  return new Map(all.map(([key, values]) => [key.toLowerCase(), values]))
}

/** What the role of the session that asks allows, and its session policies leave. */
function mayAsk({ role, policy, policyArns = [] }: Session, action: string, roleArn: string): boolean {
  const isPermitted = role.mayAssume.some((pattern) => isLike(roleArn, pattern))
  return isPermitted && leavesAllowed({ policy, policyArns }, action, roleArn)
}

/** @throws StsFailure AccessDenied, which names the first action that is not allowed, whoever does not allow it. */
function authorize(account: Account, caller: Session, request: AssumeRoleRequest, carried: Carried): KnownRole {
  const { roleArn } = request
  const role = account.roles.get(roleArn)
  const keys = conditionKeys(account, caller, request, carried)
  const principal = { kind: 'AWS' as const, names: principalNames(account, caller.role, caller.name) }
  const isAllowed = (action: string): boolean =>
    role !== undefined && mayAsk(caller, action, roleArn) && isTrusted(role.trustPolicy, { action, principal, keys })
  const actions = ['sts:AssumeRole', ...furtherActions(carried.tags, carried.sourceIdentity)]
  const denied = actions.find((action) => !isAllowed(action))
  if (role !== undefined && denied === undefined) return role
  const user = assumedRoleArn(account, caller.role, caller.name)
  const message = `User: ${user} is not authorized to perform: ${denied ?? 'sts:AssumeRole'} on resource: ${roleArn}`
  throw new StsFailure('AccessDenied', message, { status: 403 })
}

/** Every session here is a role's, so that assuming a role with it is always role chaining. */
function checkChain({ duration }: RoleRequest): void {
  if (duration <= roleChainLimit) return
  throw new StsFailure(
    'ValidationError',
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  )
}

/** Exchanges the credentials of a session for those of another role that trusts it (AWS STS API Reference). */
export const assumeRole: Action = async (signed, context) => {
  const { account } = context
  const caller = authenticate(signed, context)
  const request = readParameters(signed.parameters)
  const carried = carry(caller, request)
  const packedPolicySize = measureSessionPolicy(request.policyText, request.policyArns, carried.tags)
  const role = authorize(account, caller, request, carried)
  checkChain(request)
  checkDuration(role, request)
  const session = issueSession({ role, name: request.sessionName, request, ...carried }, context)
  return {
    content: [
      ...describeUser(session, account),
      describeCredentials(session, account),
      ...optionalElement('PackedPolicySize', packedPolicySize),
      ...optionalElement('SourceIdentity', carried.sourceIdentity),
    ],
    role: role.arn,
    accessKeyId: caller.accessKeyId,
    facts: factsOf(carried),
  }
}

/** With what was inherited. */
function factsOf({ tags, sourceIdentity }: Carried) {
  return {
    ...(tags.values.size > 0 && { tagKeys: [...tags.values.keys()] }),
    ...(tags.transitive.length > 0 && { transitiveTagKeys: tags.transitive }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  }
}
