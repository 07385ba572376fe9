import type { Instant, Obtain } from '../../credentials/types.ts'
import { type Code, Failure } from '../../errors/index.ts'
import { printable } from '../redact.ts'
import type { SamlRequest, Sts } from '../sts.ts'
import { type AnswerLimits, defaultLimits, toCredentials } from '../toCredentials.ts'
import { type CheckedAssertion, checkResponse, type Expected } from './checkResponse.ts'
import { withOrigin } from './origin.ts'
import { type Redeemed, rememberRedeemed } from './replay.ts'
import type { ResponseSource, SamlResponse } from './source.ts'

export type SamlOptions = Omit<Expected, 'roleArn' | 'principalArn'> & {
  readonly now: () => Instant
  readonly limits?: AnswerLimits
  /** What this session has redeemed. */
  readonly redeemed?: Redeemed
}

/**
 * Redeems a SAML assertion for a role's credentials (STS API, AssumeRoleWithSAML): each attempt gets a new one from `source`,
 * judges it, and redeems it at once; none is kept. The session may be shorter than asked for, since the assertion can say so
 * (SessionNotOnOrAfter). Throws Failure: the source's, the assertion's, STS's, or StsAnswerInvalid when STS lies.
 */
export function saml(
  source: ResponseSource,
  sts: Pick<Sts, 'assumeRoleWithSaml'>,
  request: Omit<SamlRequest, 'assertion'>,
  { now, limits = defaultLimits, redeemed = rememberRedeemed(), ...addressee }: SamlOptions,
): Obtain {
  const expected: Expected = { ...addressee, roleArn: request.roleArn, principalArn: request.principalArn }
  return async (signal) => {
    const response = await source(signal)
    const checked = judge(response, expected, now(), redeemed)
    const assertion = Buffer.from(response.xml, 'utf8').toString('base64')
    try {
      const answer = await sts.assumeRoleWithSaml({ ...request, assertion }, signal)
      const credentials = toCredentials(answer, request, limits)
      redeemed.add(checked)
      return credentials
    } catch (thrown) {
      throw withClaims(thrown, checked, expected)
    }
  }
}

function judge(response: SamlResponse, expected: Expected, now: Instant, redeemed: Redeemed): CheckedAssertion {
  try {
    const checked = checkResponse(response.xml, expected, now, response.inResponseTo)
    redeemed.refuse(checked)
    return checked
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'SamlLoginRefused') response.onLoginRefused?.()
    throw withOrigin(thrown, { ...response, code: isStale(thrown, response) ? 'SamlFileStale' : undefined })
  }
}

/** What is only old in a file has not been replaced: its writer is to be looked at, not the identity provider. */
const STALE: ReadonlySet<Code> = new Set<Code>(['SamlTooOld', 'SamlExpired', 'SamlReplayed'])

const isStale = (thrown: unknown, { isFile }: SamlResponse): boolean =>
  isFile === true && thrown instanceof Failure && STALE.has(thrown.code)

/** Where STS and IAM's trust do not agree with the assertion, whoever repairs it compares them with what it says. */
const TRUST: ReadonlySet<Code> = new Set<Code>(['StsSamlDenied', 'StsSamlRejected', 'StsSamlExpired'])

/** Whose it is, when and for whom; nothing of the subject. */
function withClaims(
  thrown: unknown,
  { issuer, issued }: CheckedAssertion,
  { recipient, principalArn }: Expected,
): unknown {
  if (!(thrown instanceof Failure) || !TRUST.has(thrown.code)) return thrown
  const [first = { code: thrown.code, message: '' }, ...others] = thrown.problems
  const said = `issuer ${printable(issuer)}, IssueInstant ${new Date(issued).toISOString()}, recipient ${recipient}`
  return new Failure(
    { ...first, message: `${first.message}; the assertion for ${principalArn} says ${said}` },
    ...others,
  )
}
