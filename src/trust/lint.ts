import { audienceFindings, recipientFindings } from './audiences.ts'
import { looseConditions, quoted, subjectFindings } from './conditions.ts'
import { parsePolicy, type Statement } from './document.ts'
import { isKeyOf, isNegated } from './evaluate.ts'
import { intendedFindings } from './intended.ts'
import { hasWildcard, isLike } from './match.ts'
import { principalFindings } from './principals.ts'
import { federatedIn, isSaml, publicFindings, unknownProviders } from './publicProviders.ts'
import type { Expected, TrustFinding } from './types.ts'
import { nameOfProvider } from './write.ts'

const WEB_IDENTITY = 'sts:AssumeRoleWithWebIdentity'
const SAML = 'sts:AssumeRoleWithSAML'

/**
 * The classic mistakes of a trust policy, by who gets in through each; and, as far as it is told, whether the one who should
 * gets in. A policy without findings lets in whom it names, and nobody else.
 */
export function lintPolicy(document: unknown, expected: Expected = {}): readonly TrustFinding[] {
  const parsed = parsePolicy(document)
  if (parsed.kind === 'malformed') return parsed.findings
  const allowing = parsed.statements.filter(({ effect }) => effect === 'Allow')
  const statements = parsed.statements.filter((statement) => !isOfTags(statement))
  const findings = allowing.flatMap((statement) => (isOfTags(statement) ? ofTags(statement) : ofStatement(statement)))
  if (allowing.every(isOfTags)) return [nobody, ...findings]
  return unique([...findings, ...intendedFindings(statements, expected)])
}

const nobody: TrustFinding = {
  verdict: 'fail',
  code: 'TrustActionMissing',
  where: 'Statement',
  message: 'no statement allows the role to anybody',
}

/** It gives nobody the role: tags and a source identity are for those who have it by another statement. */
const isOfTags = ({ effect, actions, isNotAction }: Statement): boolean =>
  effect === 'Allow' && !isNotAction && actions.every((action) => /^sts:(TagSession|SetSourceIdentity)$/i.test(action))

function unique(findings: readonly TrustFinding[]): readonly TrustFinding[] {
  const seen = new Set<string>()
  return findings.filter(({ code, where, message }) => {
    const id = JSON.stringify([code, where, message])
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

/** Whoever else is let in, it is not by such a statement. */
const ofTags = (statement: Statement): readonly TrustFinding[] => [
  ...principalFindings(statement).map(
    (finding): TrustFinding =>
      finding.code === 'TrustPrincipalWide' ? { ...finding, verdict: 'warn', attack: TAGS } : finding,
  ),
  ...unknownProviders(statement),
]

function ofStatement(statement: Statement): readonly TrustFinding[] {
  const federated = federatedIn(statement)
  return [
    ...principalFindings(statement),
    ...actionFindings(statement),
    ...unknownProviders(statement),
    ...federated.flatMap((provider) => ofProvider(statement, provider)),
    ...mixedKeys(statement, federated),
    ...(federated.length > 0 ? looseConditions(statement) : []),
  ]
}

function ofProvider(statement: Statement, provider: string): readonly TrustFinding[] {
  const name = nameOfProvider(provider)
  if (name !== undefined)
    return [
      ...subjectFindings(statement, `${name}:sub`),
      ...audienceFindings(statement, `${name}:aud`),
      ...foreignKeys(statement, name),
      ...needed(statement, WEB_IDENTITY),
    ]
  if (isSaml(provider))
    return [
      ...audienceFindings(statement, 'SAML:aud'),
      ...recipientFindings(statement, provider.split(':')[1] ?? ''),
      ...needed(statement, SAML),
    ]
  const findings = publicFindings(statement, provider)
  return findings === undefined ? [] : [...findings, ...needed(statement, WEB_IDENTITY)]
}

const TAGS = 'Whoever is let in can also set session tags or a source identity, by which other policies may decide.'

function actionFindings({ at, actions, isNotAction }: Statement): readonly TrustFinding[] {
  const where = `${at}.${isNotAction ? 'NotAction' : 'Action'}`
  const wide = { verdict: 'warn', code: 'TrustActionWide', where, attack: TAGS } as const
  if (isNotAction) return [{ ...wide, message: 'it says what is not allowed, and so allows all else' }]
  return actions
    .filter(hasWildcard)
    .map((action) => ({ ...wide, message: `${quoted(action)} fits more than one action` }))
}

function needed({ at, actions, isNotAction }: Statement, action: string): readonly TrustFinding[] {
  const isThere = actions.some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase()))
  if (isThere !== isNotAction) return []
  const message = `it does not allow ${action}`
  return [{ verdict: 'fail', code: 'TrustActionMissing', where: `${at}.Action`, message }]
}

/** A key of another issuer is in no token of this one: the condition then holds for nobody, or for everybody. */
function foreignKeys({ principals, conditions }: Statement, name: string): readonly TrustFinding[] {
  const names = principals.flatMap(({ value }) => nameOfProvider(value) ?? [])
  return conditions
    .filter(({ key }) => /:(sub|aud|amr|azp|oaud)$/i.test(key) && !/^(saml|sts|aws):/i.test(key))
    .filter(({ key }) => !names.some((each) => isKeyOf(key, each)))
    .map(({ at, key }) => ({
      verdict: 'fail',
      code: 'TrustIssuerWrong',
      where: at,
      message: `${quoted(key)} is no key of tokens of ${name}, which its principal names`,
    }))
}

/** All conditions of a statement must hold, and a token is of one issuer. */
function mixedKeys({ at, conditions }: Statement, federated: readonly string[]): readonly TrustFinding[] {
  const asking = conditions.filter(
    ({ operator, ifExists, forAll }) => !(isNegated(operator) || /^null$/i.test(operator) || ifExists || forAll),
  )
  const isAsked = (name: string): boolean => asking.some(({ key }) => isKeyOf(key, name))
  const names = federated.map((provider) => nameOfProvider(provider) ?? provider)
  const asked = [...new Set(names)].filter(isAsked)
  if (asked.length < 2) return []
  const message = `it asks for keys of ${asked.map(quoted).join(' and ')}, and no token has those of both: each needs a statement of its own`
  return [{ verdict: 'fail', code: 'TrustIssuerWrong', where: `${at}.Condition`, message }]
}
