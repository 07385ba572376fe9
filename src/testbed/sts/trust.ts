import type { Match } from './conditions.ts'
import { isLike, matchCondition } from './conditions.ts'
import type { TrustPolicyDocument, TrustStatement } from './trustDocument.ts'
import { statementsOf } from './trustDocument.ts'

/** Who asks, by each of its names that a trust policy may use. */
export type Principal = {
  /** `Federated`: a provider that vouches. `AWS`: a session, which its role and its account stand for as well. */
  kind: 'Federated' | 'AWS'
  names: readonly string[]
}

/** Who asks for what, as a trust policy sees it. */
export type TrustRequest = {
  /** E.g. `sts:AssumeRoleWithWebIdentity`. */
  action: string
  principal: Principal
  /** Condition keys of the request, in lower case (IAM's keys ignore case), each with its values. */
  keys: ReadonlyMap<string, readonly string[]>
}

/** Everybody is every AWS principal; for a federated one that is not decided here, which lets nobody in. */
function matchPrincipal(principal: unknown, { kind, names }: Principal): Match {
  const everybody: Match = kind === 'AWS' ? 'yes' : 'unknown'
  if (principal === '*') return everybody
  if (typeof principal !== 'object' || principal === null) return 'unknown'
  const { Federated = [], AWS = [] } = principal as Record<string, unknown>
  const own = [kind === 'AWS' ? AWS : Federated].flat()
  if (own.some((name) => typeof name === 'string' && name !== '*' && names.includes(name))) return 'yes'
  if ([AWS].flat().includes('*')) return everybody
  return [Federated].flat().includes('*') && kind === 'Federated' ? 'unknown' : 'no'
}

function matchAction(actions: unknown, action: string): Match {
  const named = [actions].flat()
  if (!named.every((one) => typeof one === 'string')) return 'unknown'
  return named.some((one) => isLike(action.toLowerCase(), one.toLowerCase())) ? 'yes' : 'no'
}

function matchStatement(statement: TrustStatement, request: TrustRequest): Match {
  if ('NotPrincipal' in statement || 'NotAction' in statement) return 'unknown'
  const matches = [
    matchPrincipal(statement.Principal, request.principal),
    matchAction(statement.Action, request.action),
    matchCondition(statement.Condition, request.keys),
  ]
  if (matches.includes('no')) return 'no'
  return matches.includes('unknown') ? 'unknown' : 'yes'
}

/**
 * Whether a trust policy lets a request in, by IAM's rule ("Policy evaluation logic"): some statement allows it and
 * none denies it. Fails closed: an Allow that is not understood allows nothing, a Deny that is not understood denies.
 */
export function isTrusted(document: TrustPolicyDocument, request: TrustRequest): boolean {
  const judged = statementsOf(document).map((statement) => ({
    effect: statement.Effect,
    match: matchStatement(statement, request),
  }))
  if (judged.some(({ effect, match }) => effect !== 'Allow' && match !== 'no')) return false
  return judged.some(({ effect, match }) => effect === 'Allow' && match === 'yes')
}
