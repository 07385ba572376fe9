import { conditionsOn, isEquals, lacksArn, literal, noArn, nothingOf, quoted } from './conditions.ts'
import type { Condition, Statement } from './document.ts'
import { isNegated } from './evaluate.ts'
import { hasVariable, hasWildcard } from './match.ts'
import type { TrustFinding } from './types.ts'
import { samlRecipient } from './write.ts'

type Finding = TrustFinding

/** What is said of the audience. */
export function audienceFindings(statement: Statement, key: string): readonly Finding[] {
  const said = conditionsOn(statement, key).filter(({ operator }) => !isNegated(operator))
  const where = `${statement.at}.Condition`
  const attack =
    'Whoever gets hold of a token that was made for another service of that issuer can use it for the role.'
  const missing = {
    code: 'TrustAudienceMissing',
    attack,
    ...(isForPods(statement) ? {} : { fix: fixOf(key) }),
  } as const
  if (said.length === 0) return [{ verdict: 'fail', ...missing, where, message: nothingOf(statement, key) }]
  const closed = said.find(isClosed)
  if (closed !== undefined)
    return closed.values.map((value) => (lacksArn(closed) ? noArn : literal)('TrustAudienceOther', closed.at, value))
  const fixed = said.filter(({ values }) => !values.some(hasVariable))
  if (fixed.some(({ operator, values }) => isEquals(operator) || !values.some(hasWildcard)))
    return isForPods(statement) ? fixed.flatMap(sharedAudiences) : []
  const isAny = fixed.every(({ values }) => values.some((value) => /^\*+$/.test(value)))
  const verdict = isAny ? 'fail' : 'warn'
  const message = `${key} has a ${fixed.length > 0 ? 'wildcard' : 'variable'}`
  return [{ verdict, ...missing, where: said[0]?.at ?? where, message }]
}

const fixOf = (key: string): string =>
  key === 'SAML:aud'
    ? 'Add StringEquals on SAML:aud with where assertions are sent to: https://signin.aws.amazon.com/saml, or that of the partition.'
    : `Add StringEquals on ${key} with the audience that its tokens have for AWS.`

/** It lets in nobody; a `?` may well be meant as it is. */
export const isClosed = (condition: Condition): boolean =>
  lacksArn(condition) || (isEquals(condition.operator) && condition.values.every((value) => value.includes('*')))

/** What API servers take as the audience of their own tokens: of every pod there is one, by itself. */
const API_SERVER = /^(https:\/\/)?kubernetes(\.default(\.svc(\.cluster\.local)?)?)?$|^(k3s|rke2|api)$/

/** Of other issuers these audiences say nothing of the kind. */
const isForPods = ({ conditions }: Statement): boolean =>
  conditions.some(
    ({ key, values }) => /:sub$/i.test(key) && values.some((value) => value.startsWith('system:serviceaccount:')),
  )

/** Whether an audience is that of tokens for the API server; `name` is the issuer without https://. */
export const isApiServers = (audience: string, name: string): boolean =>
  API_SERVER.test(audience.toLowerCase()) || audience.replace(/^https:\/\//i, '').toLowerCase() === name.toLowerCase()

function sharedAudiences({ at, key, values }: Condition): readonly Finding[] {
  const name = key.slice(0, key.lastIndexOf(':'))
  return values
    .filter((value) => isApiServers(value, name))
    .map((value) => ({
      verdict: 'warn',
      code: 'TrustAudienceShared',
      where: at,
      message: `${quoted(value)} is the audience of the token that each pod has for the API server`,
      attack:
        'Whoever gets hold of such a token, which pods hand to the servers they talk to, can use it for the role.',
    }))
}

/** AWS's sign-in pages, of which regions have their own (User Guide, "Available keys for SAML-based AWS STS federation"). */
const RECIPIENT = /^https:\/\/(?:[a-z0-9-]+\.)?(signin\.[a-z0-9.-]+\/saml)(?:\/acs\/\w+)?$/

/** Assertions for another partition, or for another service than AWS, let nobody in; one of several that fits does. */
export function recipientFindings(statement: Statement, partition: string): readonly Finding[] {
  const recipient = samlRecipient(partition)
  if (recipient === undefined) return []
  const fits = (value: string): boolean => hasWildcard(value) || `https://${RECIPIENT.exec(value)?.[1]}` === recipient
  return conditionsOn(statement, 'SAML:aud')
    .filter(({ operator, values }) => !isNegated(operator) && !values.some(fits))
    .map(({ at, values }) => ({
      verdict: 'fail',
      code: 'TrustAudienceOther',
      where: at,
      message: `${values.slice(0, 3).map(quoted).join(', ')} is not where assertions for ${partition} are sent: that is ${recipient}`,
      fix: `Write ${recipient} under StringEquals.`,
    }))
}
