import { createHash } from 'node:crypto'
import type { FederatedCaller } from './federated.ts'
import { authorizeFederated } from './federated.ts'
import type { Parameters } from './parameters.ts'
import { checkText } from './parameters.ts'
import { compact } from './requestFacts.ts'
import type { RoleRequest } from './roleRequest.ts'
import { arnConstraint, readRoleRequest } from './roleRequest.ts'
import type { SamlAttributes } from './saml/attributes.ts'
import { readAttributes } from './saml/attributes.ts'
import type { SamlSubject } from './saml/checkAssertion.ts'
import { checkAssertion } from './saml/checkAssertion.ts'
import { invalidAssertion, readResponse } from './saml/readResponse.ts'
import { describeCredentials, describeUser, issueSession, optionalElement } from './sessionAnswer.ts'
import { measureSessionPolicy } from './sessionPolicy.ts'
import { joinTags } from './tags.ts'
import type { Account, Action, KnownSamlProvider } from './types.ts'

type SamlRequest = RoleRequest & { principalArn: string; assertion: string }

/** Constraints of the API reference, AssumeRoleWithSAML, "Request Parameters". */
function readParameters(parameters: Parameters): SamlRequest {
  const request = readRoleRequest(parameters, [
    ...checkText(parameters, 'PrincipalArn', arnConstraint),
    ...checkText(parameters, 'SAMLAssertion', { required: true, minimum: 4, maximum: 100_000, sensitive: true }),
  ])
  const [principalArn = '', assertion = ''] = [parameters.get('PrincipalArn'), parameters.get('SAMLAssertion')]
  return { ...request, principalArn, assertion }
}

type Verified = { provider: KnownSamlProvider; subject: SamlSubject; attributes: SamlAttributes }

/** @throws StsFailure InvalidIdentityToken, ExpiredTokenException or IDPRejectedClaim. */
function verify(request: SamlRequest, { samlProviders, partition }: Account, now: number): Verified {
  const provider = samlProviders.get(request.principalArn)
  if (provider === undefined) throw invalidAssertion("Specified provider doesn't exist")
  const assertion = readResponse(request.assertion, provider)
  const subject = checkAssertion(assertion, { provider, partition, now })
  const attributes = readAttributes(assertion)
  const isNamed = attributes.pairs.some(([role, saml]) => role === request.roleArn && saml === request.principalArn)
  if (isNamed) return { provider, subject, attributes }
  throw invalidAssertion("SAML Assertion doesn't contain the requested Role and Metadata in the attributes")
}

/** One user of one provider of one account, without its name (AWS STS API, NameQualifier). */
function nameQualifier({ subject, provider }: Verified, { accountId }: Account): string {
  return createHash('sha1').update(`${subject.issuer}${accountId}/${provider.name}`).digest('base64')
}

/** "IAM and AWS STS condition context keys", Available keys for SAML-based AWS STS federation. */
function conditionKeys(verified: Verified, account: Account): FederatedCaller['keys'] {
  const { subject, provider } = verified
  return [
    ['saml:aud', [subject.recipient]],
    ['saml:iss', [subject.issuer]],
    ['saml:sub', [subject.nameId]],
    ['saml:sub_type', [subject.type]],
    ['saml:doc', [`${account.accountId}/${provider.name}`]],
    ['saml:namequalifier', [nameQualifier(verified, account)]],
  ]
}

/** Exchanges a SAML response for credentials of a role that trusts its provider (AWS STS API Reference). */
export const assumeRoleWithSaml: Action = async ({ parameters }, context) => {
  const { account, now } = context
  const request = readParameters(parameters)
  const verified = verify(request, account, now)
  const { subject, provider, attributes } = verified
  const { sessionName, sourceIdentity } = attributes
  const tags = joinTags(attributes.tags)
  const packedPolicySize = measureSessionPolicy(request.policyText, request.policyArns, tags)
  const about = { action: 'sts:AssumeRoleWithSAML', federated: provider.arn, sessionName, tags, sourceIdentity }
  const role = authorizeFederated(account, { ...about, keys: conditionKeys(verified, account) }, request)
  const latest = subject.sessionEnd
  const session = issueSession({ role, name: sessionName, request, tags, sourceIdentity, latest }, context)
  const content = [
    ['Audience', subject.recipient] as const,
    ...describeUser(session, account),
    describeCredentials(session, account),
    ['Issuer', subject.issuer] as const,
    ['NameQualifier', nameQualifier(verified, account)] as const,
    ...optionalElement('PackedPolicySize', packedPolicySize),
    ...optionalElement('SourceIdentity', sourceIdentity),
    ['Subject', subject.nameId] as const,
    ['SubjectType', subject.type] as const,
  ]
  const tagKeys = tags.values.size > 0 ? [...tags.values.keys()] : undefined
  const transitiveTagKeys = tags.transitive.length > 0 ? tags.transitive : undefined
  return { content, role: role.arn, facts: compact({ sessionName, sourceIdentity, tagKeys, transitiveTagKeys }) }
}
