import { quoted } from './conditions.ts'
import type { Condition, Statement } from './document.ts'
import { isNegated } from './evaluate.ts'
import { hasVariable, hasWildcard } from './match.ts'
import type { TrustFinding } from './types.ts'

const everybody = 'Everybody who has an AWS account, or a token that IAM takes, can have the role.'

/** Who may ask at all, and is not an IAM provider. */
export function principalFindings(statement: Statement): readonly TrustFinding[] {
  const { at, principals, isNotPrincipal, conditions } = statement
  const where = `${at}.${isNotPrincipal ? 'NotPrincipal' : 'Principal'}`
  const wide = { code: 'TrustPrincipalWide', where } as const
  if (isNotPrincipal)
    return [{ verdict: 'fail', ...wide, message: 'it says who may not have the role', attack: everybody }]
  const narrowing = conditions.filter(isNarrowing)
  return principals.flatMap(({ kind, value }) => principalFinding(kind, value, where, narrowing) ?? [])
}

function principalFinding(
  kind: string,
  value: string,
  where: string,
  narrowing: readonly Condition[],
): TrustFinding | undefined {
  const wide = { code: 'TrustPrincipalWide', where } as const
  if (kind === '*' || value === '*') return anybody(kind, where, narrowing[0])
  if (kind === 'AWS' && /^(\d{12}|arn:[^:]+:iam::\d{12}:root)$/.test(value))
    return narrowing.some(({ values }) => values.every(isOneCaller))
      ? undefined
      : { verdict: 'warn', ...wide, ...account(value) }
  const isNowhere = kind === 'AWS' && /^arn:[^:]+:(iam|sts)::(?!\d{12}:)/.test(value)
  if (!isNowhere && (kind === 'Service' || !hasWildcard(value))) return undefined
  const message = hasWildcard(value)
    ? `${quoted(value)} has a wildcard, and IAM takes none within a principal`
    : `${quoted(value)} is no ARN of anything in an account of 12 digits`
  return { verdict: 'fail', code: 'TrustPolicyMalformed', where, message }
}

/** Services have none of the keys that narrow. */
function anybody(kind: string, where: string, narrowing: Condition | undefined): TrustFinding {
  const finding = {
    code: 'TrustPrincipalWide',
    where,
    message: kind === '*' ? 'it is "*"' : `it is ${kind}: "*"`,
    fix: 'Name who may ask: the ARN of an IAM provider as Federated, of a role as AWS, or a service.',
  } as const
  if (narrowing === undefined || kind === 'Service') return { verdict: 'fail', ...finding, attack: everybody }
  return { verdict: 'warn', ...finding, attack: `Whoever has an ${narrowing.key} that fits can have the role.` }
}

const account = (value: string) => ({
  message: `${value} is a whole account`,
  attack: 'Whoever is allowed sts:AssumeRole in that account can have the role.',
  fix: 'Name the ARN of the role or user that may ask; of a vendor, with sts:ExternalId as a condition as well.',
})

/** It names the callers, their account or their organisation, as the roles of IAM Identity Center are trusted. */
const isNarrowing = ({ key, operator, forAll, ifExists, values }: Condition): boolean =>
  /^aws:Principal(Arn|Account|OrgID|OrgPaths)$/i.test(key) &&
  /^(string|arn)/i.test(operator) &&
  !(isNegated(operator) || forAll || ifExists) &&
  values.every(isOfOne)

/** Or the roles of IAM Identity Center, whose names nobody else can give. */
const isOneCaller = (value: string): boolean =>
  /^arn:[^:]*:(iam|sts)::\d{12}:((role|user|assumed-role)\/[^*?]+$|assumed-role\/[^*?/]+\/|role\/aws-reserved\/)/.test(
    value,
  )

/** The account or the organisation is whole in front of any wildcard. */
const isOfOne = (value: string): boolean =>
  !hasVariable(value) && (!hasWildcard(value) || /^(arn:[^:]*:(iam|sts)::\d{12}:|o-[a-z0-9]+\/)/.test(value))
