import type { Instant, Milliseconds, SessionCredentials } from '../credentials/index.ts'
import { type Code, Failure, toFailure } from '../errors/index.ts'
import { type AnswerLimits, type Sts, toCredentials, type WebIdentityRequest } from '../federation/index.ts'
import type { Grant } from './names.ts'
import type { Obtained } from './sessions.ts'
import type { Presented, VerifiedUser } from './types.ts'

/** STS rounds and its Date has whole seconds; beyond that nothing outlives what the operator has set. */
const limits: AnswerLimits = { leastLife: 60_000, slack: 60_000 }

/** AWS's SDKs ask for other credentials five minutes before the end: they must not get the same again. */
const LEAD: Milliseconds = 300_000
const LEAST_LEAD: Milliseconds = 60_000

export type Exchange = {
  readonly grant: Grant
  /** The user's name for machines. */
  readonly user: string
  readonly verified: VerifiedUser
  readonly token: Presented['token']
  readonly providerId: WebIdentityRequest['providerId']
}

/**
 * A user's token for credentials of a role (STS API, AssumeRoleWithWebIdentity), and until when they may be given out
 * again: not beyond the token's own end. Throws Failure, without the user's subject in it.
 */
export async function exchange(
  sts: Pick<Sts, 'assumeRoleWithWebIdentity'>,
  { grant, user, verified, token, providerId }: Exchange,
  signal: AbortSignal,
): Promise<Obtained> {
  const { alias: _, ...asked } = grant
  const request = { ...asked, roleSessionName: user, token, ...(providerId !== undefined && { providerId }) }
  try {
    const answer = await sts.assumeRoleWithWebIdentity(request, signal)
    const credentials = toCredentials(answer, request, limits)
    return { credentials, until: keptUntil(credentials, verified.expires) }
  } catch (thrown) {
    throw forUsers(toFailure(thrown), verified.subject)
  }
}

/** When they expire by the pod's clock. */
export const expiryOf = ({ expires, skew }: SessionCredentials): Instant => expires - skew

function keptUntil(credentials: SessionCredentials, tokenExpires: Instant = Number.POSITIVE_INFINITY): Instant {
  const life = credentials.expires - credentials.issued
  const lead = Math.max(LEAST_LEAD, Math.min(LEAD, life / 2))
  return Math.min(expiryOf(credentials) - lead, tokenExpires)
}

const TRUST =
  "Let the role's trust policy allow sts:AssumeRoleWithWebIdentity for the provider of the user, with its :aud (of Amazon and Facebook :app_id) as the app's client ID."
const IAM_PROVIDER =
  "Create the IAM OIDC provider with exactly the issuer of the provider of the user, and the app's client ID as its audience."
const POLICY = 'Have the operator correct the sessionPolicy of the role in userRoles.'

/** What to change where it is not what it is for the identity of a pod. */
const fixes: Partial<Record<Code, string>> = {
  StsAccessDenied: TRUST,
  StsAudienceRejected: IAM_PROVIDER,
  StsIdentityProviderUnknown: IAM_PROVIDER,
  StsIdentityProviderUnreachable: "Look at whether the provider's discovery document and keys can be reached by STS.",
  StsVerificationKeyMissing: "Look at the provider's keys; after a change of keys this passes by itself.",
  StsTokenExpired: "Have the user log in again; if it lasts, look at the node's clock.",
  StsTokenRejected: "Compare the token's issuer, audience and key with the IAM OIDC provider.",
  StsPolicyMalformed: POLICY,
  StsPolicyTooLarge: POLICY,
  StsDurationTooLong: "Shorten the sessionDuration of the role in userRoles, or raise the role's MaxSessionDuration.",
  StsRegionDisabled: 'Activate it, or have the operator choose another region.',
}

/** STS may repeat whose token it was: that is personal data, and what is logged and answered must hold none. */
function forUsers({ problems }: Failure, subject: string): Failure {
  const [first, ...others] = problems.map(({ code, message, fix = fixes[code], ...where }) => ({
    ...where,
    code,
    message: message.replaceAll(subject, '[user]'),
    ...(fix !== undefined && { fix }),
  }))
  return first === undefined ? toFailure(undefined) : new Failure(first, ...others)
}
