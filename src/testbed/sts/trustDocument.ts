import { TestbedError } from '../errors.ts'

/** One statement of a trust policy. */
export type TrustStatement = {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Principal?: '*' | Record<string, string | readonly string[]>
  Action?: string | readonly string[]
  /** Operator → condition key → value or values. */
  Condition?: Record<string, Record<string, string | readonly string[]>>
}

/** An IAM trust policy ("role trust policy" in the IAM User Guide). */
export type TrustPolicyDocument = {
  Version?: '2012-10-17' | '2008-10-17'
  Id?: string
  Statement: TrustStatement | readonly TrustStatement[]
}

type TrustPolicyOptions = {
  /** The issuer's url, as in the tokens' `iss`. */
  issuer: string
  accountId: string
  /** A `*` in it or in the service account stands for anything. */
  namespace: string
  serviceAccount: string
  /** @default 'sts.amazonaws.com' */
  audience?: string
  /** @default 'aws' */
  partition?: string
}

/** How IAM names a provider in ARNs and condition keys: the issuer without its scheme. */
export function providerName(issuer: string): string {
  return issuer.replace(/^https:\/\//, '')
}

/** The trust policy of least privilege: this provider, this service account of this namespace, this audience. */
export function trustPolicy(options: TrustPolicyOptions): TrustPolicyDocument {
  const { issuer, accountId, namespace, serviceAccount } = options
  const { audience = 'sts.amazonaws.com', partition = 'aws' } = options
  const provider = providerName(issuer)
  const isPattern = [namespace, serviceAccount].some((name) => name.includes('*'))
  const subject = { [`${provider}:sub`]: `system:serviceaccount:${namespace}:${serviceAccount}` }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:${partition}:iam::${accountId}:oidc-provider/${provider}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${provider}:aud`]: audience, ...(!isPattern && subject) },
          ...(isPattern && { StringLike: subject }),
        },
      },
    ],
  }
}

/** The statements as a list, whichever way the document writes them. */
export function statementsOf(document: TrustPolicyDocument): readonly TrustStatement[] {
  return [document.Statement].flat() as readonly TrustStatement[]
}

function problemOf(statement: TrustStatement): string | undefined {
  if (typeof statement !== 'object' || statement === null) return 'a statement is not an object'
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') return 'Effect must be Allow or Deny'
  if (!('Principal' in statement || 'NotPrincipal' in statement)) return 'missing required field Principal'
  if (!('Action' in statement || 'NotAction' in statement)) return 'missing required field Action'
  return 'Resource' in statement ? 'has prohibited field Resource' : undefined
}

/**
 * Refuses what IAM would refuse to store as a trust policy, so that a typing error shows at once and not as an
 * AccessDenied later.
 * @throws TestbedError
 */
export function checkTrustPolicy(role: string, document: TrustPolicyDocument): void {
  const statements = statementsOf(document)
  const isEmpty = statements.length === 0 || statements[0] === undefined
  const problem = isEmpty ? 'Statement is missing' : statements.map(problemOf).find((found) => found !== undefined)
  if (problem !== undefined) throw new TestbedError(`trustPolicy of role ${role}: malformed policy: ${problem}`)
}
