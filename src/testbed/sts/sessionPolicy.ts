import { deflateRawSync } from 'node:zlib'
import { isLike } from './conditions.ts'
import { StsFailure } from './failure.ts'
import type { SessionTags } from './tags.ts'
import { noTags } from './tags.ts'

/** A session policy, its form checked. */
export type PolicyDocument = { Statement: readonly Statement[] }
type Statement = { Effect: 'Allow' | 'Deny'; Action?: unknown; Resource?: unknown }

/** Characters that the inline session policy and the policy ARNs may have together. */
const plainTextLimit = 2048

function malformed(message: string): StsFailure {
  return new StsFailure('MalformedPolicyDocument', message)
}

function parseJson(policy: string): unknown {
  try {
    return JSON.parse(policy)
  } catch {
    throw malformed('This policy contains invalid Json')
  }
}

function readStatement(statement: unknown): Statement {
  if (typeof statement !== 'object' || statement === null) throw malformed('Syntax errors in policy.')
  if ('Principal' in statement || 'NotPrincipal' in statement) {
    throw malformed('Policy document should not specify a principal.')
  }
  const effect = 'Effect' in statement ? statement.Effect : undefined
  const isWhole =
    ('Action' in statement || 'NotAction' in statement) && ('Resource' in statement || 'NotResource' in statement)
  if (!isWhole || (effect !== 'Allow' && effect !== 'Deny')) throw malformed('Syntax errors in policy.')
  return { ...statement, Effect: effect }
}

/**
 * Reads an inline session policy.
 * @throws StsFailure MalformedPolicyDocument.
 */
export function readSessionPolicy(policy: string | undefined): PolicyDocument | undefined {
  if (policy === undefined) return undefined
  const document = parseJson(policy)
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    throw malformed('Syntax errors in policy.')
  }
  const statements = [document.Statement].flat()
  if (statements.length === 0) throw malformed('Syntax errors in policy.')
  return { Statement: statements.map(readStatement) }
}

function packedSize({ values, transitive }: SessionTags): number {
  return values.size === 0 ? 0 : deflateRawSync(JSON.stringify([[...values], transitive])).length
}

/**
 * Checks the session policies and tags of a request and answers PackedPolicySize, a percentage of the room that they
 * take, or nothing where there are none. Policies are measured as plain text and tags compressed, each for itself: AWS's
 * packing is not documented.
 * @throws StsFailure MalformedPolicyDocument or PackedPolicyTooLarge.
 */
export function measureSessionPolicy(
  policy: string | undefined,
  policyArns: readonly string[],
  tags: SessionTags = noTags,
): number | undefined {
  readSessionPolicy(policy)
  const size = Math.max((policy?.length ?? 0) + policyArns.join('').length, packedSize(tags))
  if (size === 0) return undefined
  const percent = Math.ceil((size / plainTextLimit) * 100)
  if (size > plainTextLimit) {
    const what = tags.values.size === 0 ? 'session policies' : 'session policies and session tags'
    throw new StsFailure('PackedPolicyTooLarge', `Packed size of ${what} consumes ${percent}% of allotted space.`)
  }
  return percent
}

/** Managed policies that are known to allow the assuming of roles. */
const powerful = /^arn:[\w-]+:iam::aws:policy\/(AdministratorAccess|PowerUserAccess)$/

const textsOf = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string')

/** What a statement says by `Not…` or under a condition is not decided here: it denies, and allows nothing. */
function applies(statement: Statement, action: string, resource: string): boolean {
  const { Effect, Action, Resource } = statement
  const isPlain = !('NotAction' in statement || 'NotResource' in statement || 'Condition' in statement)
  if (!isPlain && Effect === 'Allow') return false
  const names = 'NotAction' in statement ? ['*'] : textsOf(Action)
  const resources = 'NotResource' in statement ? ['*'] : textsOf(Resource)
  return (
    names.some((name) => isLike(action.toLowerCase(), name.toLowerCase())) &&
    resources.some((one) => isLike(resource, one))
  )
}

/** Whether session policies leave an action on a resource; without any, they do. */
export function leavesAllowed(
  session: { policy?: PolicyDocument | undefined; policyArns?: readonly string[] },
  action: string,
  resource: string,
): boolean {
  const { policy, policyArns = [] } = session
  if (policy === undefined && policyArns.length === 0) return true
  const matching = (policy?.Statement ?? []).filter((statement) => applies(statement, action, resource))
  if (matching.some(({ Effect }) => Effect === 'Deny')) return false
  return matching.length > 0 || policyArns.some((arn) => powerful.test(arn))
}
