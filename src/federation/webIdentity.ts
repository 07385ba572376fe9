import type { Obtain } from '../credentials/types.ts'
import { type Code, Failure } from '../errors/index.ts'
import type { TokenSource } from './identityToken.ts'
import type { IdentityToken } from './jwt.ts'
import { printable } from './redact.ts'
import type { Sts, WebIdentityRequest } from './sts.ts'
import { type AnswerLimits, defaultLimits, toCredentials } from './toCredentials.ts'

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
function withClaims(thrown: unknown, { subject, issuer, audiences, authorizedParty }: IdentityToken): unknown {
  if (!(thrown instanceof Failure) || !trustFailures.has(thrown.code)) return thrown
  const [first = { code: thrown.code, message: '' }, ...others] = thrown.problems
  const party = authorizedParty === undefined ? {} : { azp: authorizedParty }
  const claims = Object.entries({ sub: subject, iss: issuer, aud: audiences.join(' '), ...party })
    .map(([name, value]) => `${name} ${printable(value)}`)
    .join(', ')
  return new Failure({ ...first, message: `${first.message}; the token says ${claims}` }, ...others)
}
