import { audienceFindings, recipientFindings } from './audiences.ts'
import { conditionsOn, looseConditions, quoted, subjectFindings } from './conditions.ts'
import { parsePolicy, type Statement } from './document.ts'
import { isNegated } from './evaluate.ts'
import { intendedFindings } from './intended.ts'
import { hasWildcard, isLike } from './match.ts'
import { principalFindings } from './principals.ts'
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
  const statements = parsed.statements.filter((statement) => !isOfTags(statement))
  const allowing = statements.filter(({ effect }) => effect === 'Allow')
  if (allowing.length === 0) return [nobody]
  return unique([...allowing.flatMap(ofStatement), ...intendedFindings(statements, expected)])
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

function ofStatement(statement: Statement): readonly TrustFinding[] {
  const federated = statement.principals.filter(({ kind }) => kind === 'Federated').map(({ value }) => value)
  return [
    ...principalFindings(statement),
    ...actionFindings(statement),
    ...federated.flatMap((provider) => ofProvider(statement, provider)),
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
  if (/:saml-provider\//.test(provider))
    return [
      ...audienceFindings(statement, 'SAML:aud'),
      ...recipientFindings(statement, provider.split(':')[1] ?? ''),
      ...needed(statement, SAML),
    ]
  const key = PUBLIC.get(provider)
  if (key === undefined) return hasWildcard(provider) ? [] : [noProvider(statement, provider)]
  return [
    ...audienceFindings(statement, `${provider}:${key}`),
    ...everyUser(statement, provider),
    ...needed(statement, WEB_IDENTITY),
  ]
}

/** Providers that IAM knows by itself, of which everybody can get a token, and the key that says for which application. */
const PUBLIC: ReadonlyMap<string, string> = new Map([
  ['cognito-identity.amazonaws.com', 'aud'],
  ['cognito-identity-us-gov.amazonaws.com', 'aud'],
  ['accounts.google.com', 'aud'],
  ['graph.facebook.com', 'app_id'],
  ['www.amazon.com', 'app_id'],
])

const noProvider = ({ at }: Statement, provider: string): TrustFinding => ({
  verdict: 'fail',
  code: 'TrustPolicyMalformed',
  where: `${at}.Principal.Federated`,
  message: `${quoted(provider)} is neither the ARN of an IAM provider nor one of those that IAM knows by itself`,
})

/** An application has any number of users, whom its audience does not tell apart; it may well be meant for all of them. */
function everyUser(statement: Statement, provider: string): readonly TrustFinding[] {
  const where = `${statement.at}.Condition`
  const nothing = (key: string, attack: string): TrustFinding => ({
    ...{ verdict: 'warn', code: 'TrustSubjectMissing', where, attack },
    message: `nothing is said of ${provider}:${key}`,
  })
  if (provider.startsWith('cognito-identity')) {
    const positive = conditionsOn(statement, `${provider}:amr`).filter(({ operator }) => !isNegated(operator))
    return positive.length > 0 || conditionsOn(statement, `${provider}:sub`).length > 0
      ? []
      : [
          nothing(
            'amr, which says "authenticated" of whoever has logged in',
            'Guests, who have logged in nowhere, can have the role where the identity pool lets them in.',
          ),
        ]
  }
  if (provider !== 'accounts.google.com') return []
  const key = `${provider}:sub`
  return conditionsOn(statement, key).length === 0
    ? [nothing('sub', 'Every user of the application can have the role.')]
    : subjectFindings(statement, key).map((finding) => ({ ...finding, verdict: 'warn' }))
}

function actionFindings({ at, actions, isNotAction }: Statement): readonly TrustFinding[] {
  const where = `${at}.${isNotAction ? 'NotAction' : 'Action'}`
  const attack = 'Whoever is let in can also set session tags or a source identity, by which other policies may decide.'
  const wide = { verdict: 'warn', code: 'TrustActionWide', where, attack } as const
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
    .filter(({ key }) => /:(sub|aud|amr|azp|oaud)$/.test(key) && !/^(saml|sts|aws):/i.test(key))
    .filter(({ key }) => !names.some((each) => key.toLowerCase().startsWith(`${each.toLowerCase()}:`)))
    .map(({ at, key }) => ({
      verdict: 'fail',
      code: 'TrustIssuerWrong',
      where: at,
      message: `${quoted(key)} is no key of tokens of ${name}, which its principal names`,
    }))
}
