import { StsFailure } from './failure.ts'
import type { FederatedCaller } from './federated.ts'
import { authorizeFederated } from './federated.ts'
import { providerArn } from './identifiers.ts'
import { verifyLoginToken } from './loginToken.ts'
import type { Parameters } from './parameters.ts'
import { checkText } from './parameters.ts'
import { compact } from './requestFacts.ts'
import type { RoleRequest } from './roleRequest.ts'
import { nameConstraint, readRoleRequest } from './roleRequest.ts'
import { describeCredentials, describeUser, issueSession, optionalElement } from './sessionAnswer.ts'
import { measureSessionPolicy } from './sessionPolicy.ts'
import { joinTags, noTags } from './tags.ts'
import { providerName } from './trustDocument.ts'
import type { Account, Action } from './types.ts'
import { readTagClaims, sourceIdentityOf } from './webIdentityTags.ts'
import { verifyWebIdentityToken } from './webIdentityToken.ts'

type WebIdentityRequest = RoleRequest & { sessionName: string; token: string; providerId: string | undefined }

/** Whoever the token is about, whichever kind it is of. */
type Identity = Pick<FederatedCaller, 'federated' | 'keys' | 'tags' | 'sourceIdentity'> & {
  subject: string
  audience: string
}

/** Constraints of the API reference, AssumeRoleWithWebIdentity, "Request Parameters". */
function readParameters(parameters: Parameters): WebIdentityRequest {
  const request = readRoleRequest(parameters, [
    ...checkText(parameters, 'RoleSessionName', { required: true, ...nameConstraint }),
    ...checkText(parameters, 'WebIdentityToken', { required: true, minimum: 4, maximum: 20_000, sensitive: true }),
    ...checkText(parameters, 'ProviderId', { minimum: 4, maximum: 2048 }),
  ])
  return {
    ...request,
    sessionName: parameters.get('RoleSessionName') ?? '',
    token: parameters.get('WebIdentityToken') ?? '',
    providerId: parameters.get('ProviderId'),
  }
}

function textsOf(claim: unknown): string[] {
  return [claim].flat().filter((one) => typeof one === 'string')
}

/** By a JSON web token; its condition keys are in "IAM and AWS STS condition context keys". */
async function identifyByToken(token: string, account: Account, now: number): Promise<Identity> {
  const { provider, subject, audience, claims } = await verifyWebIdentityToken(token, account.providers, now)
  const name = providerName(provider.url)
  return {
    subject,
    audience,
    federated: providerArn(account, provider.url),
    keys: [
      [`${name}:aud`, [audience]],
      [`${name}:oaud`, textsOf(claims.aud)],
      [`${name}:sub`, [subject]],
      [`${name}:amr`, textsOf(claims['amr'])],
    ],
    tags: joinTags(readTagClaims(claims)),
    sourceIdentity: sourceIdentityOf(claims),
  }
}

/** By an opaque access token, about which its provider is asked. */
async function identifyByLogin(token: string, providerId: string, account: Account): Promise<Identity> {
  const login = account.logins.get(providerId)
  if (login === undefined) throw new StsFailure('ValidationError', 'Invalid provider id')
  const { user, app, audience } = await verifyLoginToken(token, login)
  const userKey = providerId === 'www.amazon.com' ? 'user_id' : 'id'
  return {
    subject: user,
    audience,
    federated: providerId,
    keys: [
      [`${providerId}:app_id`, [app]],
      [`${providerId}:${userKey}`, [user]],
    ],
    tags: noTags,
    sourceIdentity: undefined,
  }
}

/** Exchanges a token of a known provider for credentials of a role that trusts it (AWS STS API Reference). */
export const assumeRoleWithWebIdentity: Action = async ({ parameters }, context) => {
  const { account, now } = context
  const request = readParameters(parameters)
  const { token, providerId, sessionName } = request
  const identity = await (providerId === undefined
    ? identifyByToken(token, account, now)
    : identifyByLogin(token, providerId, account))
  const { tags, sourceIdentity, federated, keys } = identity
  const packedPolicySize = measureSessionPolicy(request.policyText, request.policyArns, tags)
  const caller = { action: 'sts:AssumeRoleWithWebIdentity', federated, keys, sessionName, tags, sourceIdentity }
  const role = authorizeFederated(account, caller, request)
  const session = issueSession({ role, name: sessionName, request, tags, sourceIdentity }, context)
  const content = [
    ['Audience', identity.audience] as const,
    ...describeUser(session, account),
    ['Provider', federated] as const,
    describeCredentials(session, account),
    ['SubjectFromWebIdentityToken', identity.subject] as const,
    ...optionalElement('PackedPolicySize', packedPolicySize),
    ...optionalElement('SourceIdentity', sourceIdentity),
  ]
  const keysOf = tags.values.size > 0 ? [...tags.values.keys()] : undefined
  const transitiveTagKeys = tags.transitive.length > 0 ? tags.transitive : undefined
  return { content, role: role.arn, facts: compact({ sourceIdentity, tagKeys: keysOf, transitiveTagKeys }) }
}
