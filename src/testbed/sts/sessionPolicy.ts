import { StsFailure } from './failure.ts'

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

function checkStatement(statement: unknown): void {
  if (typeof statement !== 'object' || statement === null) throw malformed('Syntax errors in policy.')
  if ('Principal' in statement || 'NotPrincipal' in statement) {
    throw malformed('Policy document should not specify a principal.')
  }
  const effect = 'Effect' in statement ? statement.Effect : undefined
  const isWhole =
    (effect === 'Allow' || effect === 'Deny') &&
    ('Action' in statement || 'NotAction' in statement) &&
    ('Resource' in statement || 'NotResource' in statement)
  if (!isWhole) throw malformed('Syntax errors in policy.')
}

function checkDocument(policy: string): void {
  const document = parseJson(policy)
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    throw malformed('Syntax errors in policy.')
  }
  const statements = [document.Statement].flat()
  if (statements.length === 0) throw malformed('Syntax errors in policy.')
  for (const statement of statements) checkStatement(statement)
}

/**
 * Checks the session policies of a request and answers PackedPolicySize, a percentage of the room that they take, or
 * nothing where there are none. What it measures is plain text: AWS's packing is not documented.
 * @throws StsFailure MalformedPolicyDocument or PackedPolicyTooLarge.
 */
export function measureSessionPolicy(policy: string | undefined, policyArns: readonly string[]): number | undefined {
  if (policy !== undefined) checkDocument(policy)
  const size = (policy?.length ?? 0) + policyArns.join('').length
  if (size === 0) return undefined
  const percent = Math.ceil((size / plainTextLimit) * 100)
  if (size > plainTextLimit) {
    throw new StsFailure(
      'PackedPolicyTooLarge',
      `Packed size of session policies consumes ${percent}% of allotted space.`,
    )
  }
  return percent
}
