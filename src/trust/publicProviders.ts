import { audienceFindings } from './audiences.ts'
import { conditionsOn, quoted, subjectFindings } from './conditions.ts'
import type { Condition, Statement } from './document.ts'
import { isNegated } from './evaluate.ts'
import { hasVariable, hasWildcard } from './match.ts'
import type { TrustFinding } from './types.ts'

/** Providers that IAM knows by itself, of which everybody can get a token, and the key that says for which application. */
const PUBLIC: ReadonlyMap<string, string> = new Map([
  ['cognito-identity.amazonaws.com', 'aud'],
  ['cognito-identity-us-gov.amazonaws.com', 'aud'],
  ['accounts.google.com', 'aud'],
  ['graph.facebook.com', 'app_id'],
  ['www.amazon.com', 'app_id'],
])

export const federatedIn = ({ principals }: Statement): readonly string[] =>
  principals.filter(({ kind }) => kind === 'Federated').map(({ value }) => value)

export const isSaml = (provider: string): boolean => /:saml-provider\//.test(provider)

/** With an account of 12 digits: what stands for one in examples is none. */
const isWhole = /^arn:[^:]+:iam::\d{12}:(oidc|saml)-provider\/./

/** What is named as one and is none; of a wildcard its principal tells. */
export const unknownProviders = (statement: Statement): readonly TrustFinding[] =>
  federatedIn(statement)
    .filter((provider) => !isWhole.test(provider))
    .filter((provider) => !PUBLIC.has(provider) && !hasWildcard(provider))
    .map((provider) => ({
      verdict: 'fail',
      code: 'TrustPolicyMalformed',
      where: `${statement.at}.Principal.Federated`,
      message: `${quoted(provider)} is neither the ARN of an IAM provider nor one of those that IAM knows by itself`,
    }))

/** Undefined where the provider is none of these. */
export function publicFindings(statement: Statement, provider: string): readonly TrustFinding[] | undefined {
  const key = PUBLIC.get(provider)
  if (key === undefined) return undefined
  return [...audienceFindings(statement, `${provider}:${key}`), ...everyUser(statement, provider)]
}

/** An application has any number of users, whom its audience does not tell apart; it may well be meant for all of them. */
function everyUser(statement: Statement, provider: string): readonly TrustFinding[] {
  const where = `${statement.at}.Condition`
  const wide = (message: string, attack: string, fix: string): TrustFinding => ({
    ...{ verdict: 'warn', code: 'TrustSubjectMissing', where, message, attack, fix },
  })
  if (provider.startsWith('cognito-identity')) {
    const isNamed = ['amr', 'sub'].some((key) => conditionsOn(statement, `${provider}:${key}`).some(isDefinite))
    const fix = `Write ForAnyValue:StringEquals on ${provider}:amr with authenticated, if guests are not meant.`
    const message = `it does not ask that ${provider}:amr is "authenticated", as it is of whoever has logged in`
    return isNamed ? [] : [wide(message, GUESTS, fix)]
  }
  if (provider !== 'accounts.google.com') return []
  const key = `${provider}:sub`
  return conditionsOn(statement, key).length === 0
    ? [
        wide(
          `nothing is said of ${key}`,
          'Every user of the application can have the role.',
          `Add StringEquals on ${key} with who is meant.`,
        ),
      ]
    : subjectFindings(statement, key).map((finding) => ({ ...finding, verdict: 'warn' }))
}

const GUESTS = 'Guests, who have logged in nowhere, can have the role where the identity pool lets them in.'

const isDefinite = ({ operator, values }: Condition): boolean =>
  !isNegated(operator) &&
  !values.some((value) => value === 'unauthenticated' || hasWildcard(value) || hasVariable(value))
