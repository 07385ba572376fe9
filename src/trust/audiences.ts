import { conditionsOn, isEquals, quoted } from './conditions.ts'
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
  if (said.length === 0)
    return [{ verdict: 'fail', code: 'TrustAudienceMissing', where, message: `nothing is said of ${key}`, attack }]
  const fixed = said.filter(({ values }) => !values.some(hasVariable))
  if (fixed.some(({ operator, values }) => isEquals(operator) || !values.some(hasWildcard)))
    return fixed.flatMap(sharedAudiences)
  const verdict = fixed.length > 0 ? 'warn' : 'fail'
  const message = `${key} has a ${fixed.length > 0 ? 'wildcard' : 'variable'}`
  return [{ verdict, code: 'TrustAudienceMissing', where: said[0]?.at ?? where, message, attack }]
}

/** What API servers take as the audience of their own tokens: of every pod there is one, by itself. */
const API_SERVER = /^(https:\/\/)?kubernetes(\.default(\.svc(\.cluster\.local)?)?)?$|^(k3s|rke2|api)$/

function sharedAudiences({ at, key, values }: Condition): readonly Finding[] {
  const isIssuer = (value: string): boolean =>
    key.toLowerCase() === `${value.replace(/^https:\/\//, '')}:aud`.toLowerCase()
  return values
    .filter((value) => API_SERVER.test(value) || isIssuer(value))
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

/** Assertions for another partition, or for another service than AWS, let nobody in. */
export function recipientFindings(statement: Statement, partition: string): readonly Finding[] {
  const said = conditionsOn(statement, 'SAML:aud').filter(({ operator }) => isEquals(operator))
  const recipient = samlRecipient(partition)
  return said.flatMap(({ at, values }) =>
    values
      .filter((value) => `https://${RECIPIENT.exec(value)?.[1]}` !== recipient)
      .map((value) => ({
        verdict: 'fail',
        code: 'TrustAudienceOther',
        where: at,
        message: `${quoted(value)} is not where assertions for ${partition} are sent: that is ${recipient}`,
      })),
  )
}
