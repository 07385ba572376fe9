import { conditionsOn, quoted } from './conditions.ts'
import type { Statement } from './document.ts'
import { evaluate, holds, isNegated, matches, type Request } from './evaluate.ts'
import { passes } from './match.ts'
import type { Expected, TrustFinding } from './types.ts'
import { nameOfProvider } from './write.ts'

type Intended = Expected & { readonly name: string }

/** Why a token of this issuer is kept out; `own` are the statements that trust the issuer. Nothing where it is let in, or where nobody is known. */
export function subjectKept(
  statements: readonly Statement[],
  own: readonly Statement[],
  intended: Intended,
): readonly TrustFinding[] {
  const { name, subject, audience } = intended
  if (subject === undefined) return audience === undefined ? [] : audienceOther(own, name, audience)
  const requests = own.flatMap((statement) => requestsBy(statement, intended))
  if (requests.some((request) => evaluate(statements, request) === 'allowed')) return []
  const naming = own.filter((statement) =>
    requests.some((request) => conditionsOn(statement, `${name}:sub`).every((each) => holds(each, request) ?? true)),
  )
  if (naming.length > 0) return keptOut(statements, naming, requests, intended)
  return [subjectOther(own, name, subject), ...(audience === undefined ? [] : audienceOther(own, name, audience))]
}

/** The subject is let in, by these statements: what else keeps the token out. */
function keptOut(
  statements: readonly Statement[],
  naming: readonly Statement[],
  requests: readonly Request[],
  { name, subject, audience }: Intended,
): readonly TrustFinding[] {
  const isAllowed = naming.some((statement) => requests.some((request) => matches(statement, request)))
  const denying = statements.find((each) => each.effect === 'Deny' && requests.some((one) => matches(each, one)))
  const denied: readonly TrustFinding[] =
    denying === undefined
      ? []
      : [{ verdict: 'fail', code: 'TrustDenied', where: denying.at, message: `it denies the role to ${subject}` }]
  if (isAllowed) return denied
  const other = audience === undefined ? [] : audienceOther(naming, name, audience)
  if (other.length > 0) return other
  const unmet = naming
    .flatMap(({ conditions }) => conditions)
    .find((condition) => requests.every((request) => holds(condition, request) === false))
  // An action that is missing has been told of already.
  if (unmet === undefined) return denied
  const message = `${quoted(unmet.key)} is asked for, and does not hold for the token of ${quoted(subject ?? '')}`
  return [{ verdict: 'fail', code: 'TrustConditionOther', where: unmet.at, message, wants: unmet.values }]
}

const subjectOther = (own: readonly Statement[], name: string, subject: string): TrustFinding => {
  const wants = subjectsOf(own, name)
  return {
    verdict: 'fail',
    code: 'TrustSubjectOther',
    where: `${own[0]?.at}.Condition`,
    message: `${quoted(subject)} is not let in${named(wants)}`,
    wants,
  }
}

/** As the token is: without an audience that is known, as the statement itself wants it. */
function requestsBy(statement: Statement, { name, subject = '', audience }: Intended): readonly Request[] {
  const wanted = conditionsOn(statement, `${name}:aud`).flatMap(({ values }) => values)
  const provider = statement.principals.find(({ value }) => nameOfProvider(value) === name)?.value ?? ''
  return (audience === undefined ? [...wanted, 'sts.amazonaws.com'] : [audience]).map((aud) => ({
    action: 'sts:AssumeRoleWithWebIdentity',
    provider,
    keys: { [`${name}:sub`]: subject, [`${name}:aud`]: aud },
    // Of a service account's token IAM knows these two.
    hasOthers: !subject.startsWith('system:serviceaccount:'),
  }))
}

function audienceOther(own: readonly Statement[], name: string, audience: string): readonly TrustFinding[] {
  const all = own.map((statement) => conditionsOn(statement, `${name}:aud`))
  const isLetIn = all.some((conditions) =>
    conditions.every(({ operator, values }) => passes(operator, audience, values) ?? true),
  )
  const [first] = all.flat()
  if (isLetIn || first === undefined) return []
  const message = `it wants ${first.values.map(quoted).join(' or ')}, and the token is for ${quoted(audience)}`
  return [{ verdict: 'fail', code: 'TrustAudienceOther', where: first.at, message, wants: first.values }]
}

const FEW = 3

/** Whom it names instead. */
const subjectsOf = (own: readonly Statement[], name: string): readonly string[] =>
  own.flatMap((statement) =>
    conditionsOn(statement, `${name}:sub`)
      .filter(({ operator }) => !isNegated(operator))
      .flatMap(({ values }) => values),
  )

function named(others: readonly string[]): string {
  if (others.length === 0) return ''
  const more = others.length > FEW ? ` and ${others.length - FEW} more` : ''
  return `; it names ${others.slice(0, FEW).map(quoted).join(', ')}${more}`
}
