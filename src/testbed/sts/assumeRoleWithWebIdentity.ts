import { StsFailure } from './failure.ts'
import { assumedRoleArn, providerArn } from './identifiers.ts'
import type { Parameters } from './parameters.ts'
import { checkNumber, checkText, readInteger, readMembers, refuseViolations } from './parameters.ts'
import { measureSessionPolicy } from './sessionPolicy.ts'
import { isTrusted } from './trust.ts'
import { providerName } from './trustDocument.ts'
import type { Account, Action, ActionContext, KnownRole, Session } from './types.ts'
import type { WebIdentity } from './webIdentityToken.ts'
import { verifyWebIdentityToken } from './webIdentityToken.ts'
import type { XmlElement } from './xml.ts'

type WebIdentityParameters = {
  roleArn: string
  sessionName: string
  token: string
  /** Seconds. */
  duration: number
  packedPolicySize: number | undefined
}

const arnLength = { minimum: 20, maximum: 2048 }

/** Constraints of the API reference, AssumeRoleWithWebIdentity, "Request Parameters". */
function readParameters(parameters: Parameters): WebIdentityParameters {
  const duration = readInteger(parameters, 'DurationSeconds')
  const policyArns = readMembers(parameters, 'PolicyArns', 'arn')
  const tooMany = "Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10"
  const name = { required: true, minimum: 2, maximum: 64, pattern: '[\\w+=,.@-]*' }
  refuseViolations([
    ...checkText(parameters, 'RoleArn', { required: true, ...arnLength }),
    ...checkText(parameters, 'RoleSessionName', name),
    ...checkText(parameters, 'WebIdentityToken', { required: true, minimum: 4, maximum: 20_000, sensitive: true }),
    ...checkText(parameters, 'Policy', { minimum: 1, maximum: 2048 }),
    ...checkNumber(duration, 'DurationSeconds', [900, 43_200]),
    ...policyArns.flatMap((arn, at) =>
      checkText(new Map([[`PolicyArns.${at + 1}.arn`, arn]]), `PolicyArns.${at + 1}.arn`, arnLength),
    ),
    ...(policyArns.length > 10 ? [tooMany] : []),
  ])
  const roleArn = parameters.get('RoleArn') ?? ''
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(roleArn))
    throw new StsFailure('ValidationError', 'Request ARN is invalid')
  return {
    roleArn,
    sessionName: parameters.get('RoleSessionName') ?? '',
    token: parameters.get('WebIdentityToken') ?? '',
    duration: duration ?? 3600,
    packedPolicySize: measureSessionPolicy(parameters.get('Policy'), policyArns),
  }
}

function textsOf(claim: unknown): string[] {
  return [claim].flat().filter((one) => typeof one === 'string')
}

/** The condition keys of a web identity ("IAM and AWS STS condition context keys"). */
function conditionKeys(identity: WebIdentity, federated: string, sessionName: string): Map<string, string[]> {
  const { provider, subject, audience, claims } = identity
  const entries: [key: string, values: string[]][] = [
    [`${providerName(provider.url)}:aud`, [audience]],
    [`${providerName(provider.url)}:oaud`, textsOf(claims.aud)],
    [`${providerName(provider.url)}:sub`, [subject]],
    [`${providerName(provider.url)}:amr`, textsOf(claims['amr'])],
    ['aws:FederatedProvider', [federated]],
    ['sts:RoleSessionName', [sessionName]],
  ]
  return new Map(entries.map(([key, values]) => [key.toLowerCase(), values]))
}

/** An unknown role and a mistrusted caller get the same answer, so that nobody can ask which roles there are. */
function authorize(account: Account, identity: WebIdentity, request: WebIdentityParameters): KnownRole {
  const action = 'sts:AssumeRoleWithWebIdentity'
  const federated = providerArn(account, identity.provider.url)
  const keys = conditionKeys(identity, federated, request.sessionName)
  const role = account.roles.get(request.roleArn)
  if (role === undefined || !isTrusted(role.trustPolicy, { action, federated, keys })) {
    throw new StsFailure('AccessDenied', `Not authorized to perform ${action}`, { status: 403 })
  }
  if (request.duration <= role.maxSessionDuration) return role
  const message = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
  throw new StsFailure('ValidationError', message)
}

function issueSession(role: KnownRole, request: WebIdentityParameters, context: ActionContext): Session {
  const duration = Math.min(request.duration, context.sessionLimit)
  const expiration = (Math.floor(context.now / 1000) + duration) * 1000
  return context.sessions.issue({ role, name: request.sessionName, expiration })
}

function describeCredentials(session: Session): XmlElement {
  return [
    'Credentials',
    [
      ['AccessKeyId', session.accessKeyId],
      ['SecretAccessKey', session.secretAccessKey],
      ['SessionToken', session.sessionToken],
      ['Expiration', new Date(session.expiration).toISOString().replace('.000Z', 'Z')],
    ],
  ]
}

/** Exchanges a token of a known provider for credentials of a role that trusts it (AWS STS API Reference). */
export const assumeRoleWithWebIdentity: Action = async ({ parameters }, context) => {
  const { account } = context
  const request = readParameters(parameters)
  const identity = await verifyWebIdentityToken(request.token, account.providers, context.now)
  const role = authorize(account, identity, request)
  const session = issueSession(role, request, context)
  const { packedPolicySize } = request
  const content: XmlElement[] = [
    ['Audience', identity.audience],
    [
      'AssumedRoleUser',
      [
        ['AssumedRoleId', `${role.id}:${session.name}`],
        ['Arn', assumedRoleArn(account, role, session.name)],
      ],
    ],
    ['Provider', providerArn(account, identity.provider.url)],
    describeCredentials(session),
    ['SubjectFromWebIdentityToken', identity.subject],
    ...(packedPolicySize === undefined ? [] : [['PackedPolicySize', String(packedPolicySize)] as const]),
  ]
  return { content, role: role.arn }
}
