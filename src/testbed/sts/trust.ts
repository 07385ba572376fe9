import type { TrustPolicyDocument, TrustStatement } from './trustDocument.ts'
import { statementsOf } from './trustDocument.ts'

/** Who asks for what, as a trust policy sees it. */
type TrustRequest = {
  /** E.g. `sts:AssumeRoleWithWebIdentity`. */
  action: string
  /** ARN of the provider that vouches. */
  federated: string
  /** Condition keys of the request, in lower case (IAM's keys ignore case), each with its values. */
  keys: ReadonlyMap<string, readonly string[]>
}

/** `unknown` is what this evaluation does not understand: it must never let anybody in. */
type Match = 'yes' | 'no' | 'unknown'
type Operator = (actual: readonly string[], wanted: readonly string[]) => boolean

function isLike(value: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'su').test(value)
}

function some(test: (value: string, wanted: string) => boolean): Operator {
  return (actual, wanted) => actual.some((value) => wanted.some((one) => test(value, one)))
}

const isEqual = (value: string, wanted: string): boolean => value === wanted
const isEqualIgnoringCase = (value: string, wanted: string): boolean => value.toLowerCase() === wanted.toLowerCase()

/** A positive operator without a value does not match, a negative one does ("IAM JSON policy elements"). */
const operators: Record<string, Operator> = {
  stringequals: some(isEqual),
  stringnotequals: (actual, wanted) => !some(isEqual)(actual, wanted),
  stringequalsignorecase: some(isEqualIgnoringCase),
  stringlike: some(isLike),
  stringnotlike: (actual, wanted) => !some(isLike)(actual, wanted),
}

function matchCondition(condition: unknown, keys: TrustRequest['keys']): Match {
  if (condition === undefined) return 'yes'
  if (typeof condition !== 'object' || condition === null) return 'unknown'
  const results = Object.entries(condition).flatMap(([name, entries]: [string, unknown]): Match[] => {
    const operator = Object.hasOwn(operators, name.toLowerCase()) ? operators[name.toLowerCase()] : undefined
    if (operator === undefined || typeof entries !== 'object' || entries === null) return ['unknown']
    return Object.entries(entries).map(([key, value]: [string, unknown]) => matchEntry(operator, key, value, keys))
  })
  if (results.includes('no')) return 'no'
  return results.includes('unknown') ? 'unknown' : 'yes'
}

function matchEntry(operator: Operator, key: string, value: unknown, keys: TrustRequest['keys']): Match {
  const wanted = [value].flat()
  // Policy variables are not resolved here, so what they would stand for is not known.
  if (!wanted.every((one) => typeof one === 'string' && !one.includes('${'))) return 'unknown'
  return operator(keys.get(key.toLowerCase()) ?? [], wanted as string[]) ? 'yes' : 'no'
}

function matchPrincipal(principal: unknown, federated: string): Match {
  if (typeof principal !== 'object' || principal === null) return 'unknown'
  const { Federated = [], AWS = [] } = principal as Record<string, unknown>
  if ([Federated].flat().includes(federated)) return 'yes'
  return [Federated, AWS].flat().includes('*') ? 'unknown' : 'no'
}

function matchAction(actions: unknown, action: string): Match {
  const named = [actions].flat()
  if (!named.every((one) => typeof one === 'string')) return 'unknown'
  return named.some((one) => isLike(action.toLowerCase(), one.toLowerCase())) ? 'yes' : 'no'
}

function matchStatement(statement: TrustStatement, request: TrustRequest): Match {
  if ('NotPrincipal' in statement || 'NotAction' in statement) return 'unknown'
  const matches = [
    matchPrincipal(statement.Principal, request.federated),
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
