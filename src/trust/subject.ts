import { isClosed } from './audiences.ts'
import { conditionsOn, lacksArn, quoted } from './conditions.ts'
import type { Condition, Statement } from './document.ts'
import { evaluate, holds, isKeyOf, isNegated, matches, type Request } from './evaluate.ts'
import type { Expected, TrustFinding } from './types.ts'
import { nameOfProvider } from './write.ts'

type Intended = Expected & { readonly name: string }

/**
 * Why a token of this issuer is kept out; `own` are the statements that trust the issuer. Nothing where it is let in, or where
 * nobody is known.
 */
export function subjectKept(
  statements: readonly Statement[],
  own: readonly Statement[],
  intended: Intended,
): readonly TrustFinding[] {
  const { name, subject, audience } = intended
  if (subject === undefined) return audience === undefined ? [] : audienceOther(own, name, audience)
  const requests = own.flatMap((statement) => requestsBy(statement, intended))
  if (requests.some((request) => evaluate(statements, request) === 'allowed')) return []
  const naming = own.filter((statement) => requests.some((request) => isNaming(statement, request, name)))
  if (naming.length > 0) return keptOut(statements, naming, requests, intended)
  return [subjectOther(own, name, subject), ...(audience === undefined ? [] : audienceOther(own, name, audience))]
}

/** Who is not excluded is not named yet: nothing more may be advised of such a statement. */
function isNaming(statement: Statement, request: Request, name: string): boolean {
  const said = conditionsOn(statement, `${name}:sub`)
  return said.some(({ operator }) => !isNegated(operator)) && isMet(said, request)
}

const isMet = (conditions: readonly Condition[], request: Pick<Request, 'keys'>): boolean =>
  conditions.every((condition) => holds(condition, request) ?? true)

/** The subject is let in, by these statements: what else keeps the token out. */
function keptOut(
  statements: readonly Statement[],
  naming: readonly Statement[],
  requests: readonly Request[],
  { name, subject = '', audience }: Intended,
): readonly TrustFinding[] {
  if (naming.some((statement) => requests.some((request) => matches(statement, request))))
    return denied(statements, requests, subject)
  const other = audience === undefined ? [] : audienceOther(naming, name, audience)
  if (other.length > 0) return other
  const unmet = firstUnmet(naming, requests, name)
  if (unmet === undefined) return denied(statements, requests, subject)
  const message = `the condition on ${quoted(unmet.key)} does not hold for the token of ${quoted(subject)}`
  return [{ verdict: 'fail', code: 'TrustConditionOther', where: unmet.at, message, wants: unmet.values }]
}

/** Of a statement whose audience is right; an action that is missing, and keys of other issuers, have been told of already. */
function firstUnmet(naming: readonly Statement[], requests: readonly Request[], name: string): Condition | undefined {
  const fitting = requests.flatMap((request) =>
    naming
      .filter((statement) => isMet(conditionsOn(statement, `${name}:aud`), request))
      .map(({ conditions }) => conditions.filter((condition) => holds(condition, request) === false)),
  )
  return fitting.flat().find(({ key }) => isKeyOf(key, name) || /^saml:/i.test(key) || !/:(sub|aud)$/i.test(key))
}

function denied(
  statements: readonly Statement[],
  requests: readonly Request[],
  subject: string,
): readonly TrustFinding[] {
  const denying = statements.find((each) => each.effect === 'Deny' && requests.some((one) => matches(each, one)))
  if (denying === undefined) return []
  return [{ verdict: 'fail', code: 'TrustDenied', where: denying.at, message: `it denies the role to ${subject}` }]
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
    othersOf: subject.startsWith('system:serviceaccount:') ? undefined : name,
  }))
}

function audienceOther(own: readonly Statement[], name: string, audience: string): readonly TrustFinding[] {
  const all = own.map((statement) => conditionsOn(statement, `${name}:aud`))
  const request = { keys: { [`${name}:aud`]: audience } }
  const unmet = all.flat().find((condition) => holds(condition, request) === false)
  // Of a wildcard that stands for itself it has been told.
  if (all.some((conditions) => isMet(conditions, request)) || unmet === undefined || isClosed(unmet)) return []
  const { at, operator, values } = unmet
  const found = { verdict: 'fail', code: 'TrustAudienceOther', where: at } as const
  const those = values.map(quoted).join(' or ')
  if (isNegated(operator)) return [{ ...found, message: `it excludes ${those}, which the token is for` }]
  return [{ ...found, message: `it wants ${those}, and the token is for ${quoted(audience)}`, wants: values }]
}

const FEW = 3

/** Whom it names instead. */
const subjectsOf = (own: readonly Statement[], name: string): readonly string[] =>
  own.flatMap((statement) =>
    conditionsOn(statement, `${name}:sub`)
      .filter((condition) => !isNegated(condition.operator) && !lacksArn(condition))
      .flatMap(({ values }) => values),
  )

function named(others: readonly string[]): string {
  if (others.length === 0) return ''
  const more = others.length > FEW ? ` and ${others.length - FEW} more` : ''
  return `; it names ${others.slice(0, FEW).map(quoted).join(', ')}${more}`
}
