import type { Condition, Statement } from './document.ts'
import { isNegated } from './evaluate.ts'
import { hasVariable, hasWildcard } from './match.ts'
import type { TrustFinding } from './types.ts'

type Finding = TrustFinding

/** Operators by which a condition can name who gets in. */
const isLikeOperator = (operator: string): boolean => /^(string|arn)like$/i.test(operator)
const isEquals = (operator: string): boolean => /^(stringequals(ignorecase)?|arnequals)$/i.test(operator)
/** `Null: false` says that the key is there, and nothing of its value. */
const saysValue = ({ operator }: Condition): boolean => !/^null$/i.test(operator)

export const conditionsOn = ({ conditions }: Statement, key: string): readonly Condition[] =>
  conditions.filter((condition) => condition.key.toLowerCase() === key.toLowerCase() && saysValue(condition))

/** What the way a condition is put lets in, whatever it names. */
export function looseConditions(statement: Statement): readonly Finding[] {
  return statement.conditions.filter(saysValue).flatMap((condition) => {
    const { at, key, forAll, ifExists } = condition
    return [...(forAll ? [forAllValues(at, key)] : []), ...(ifExists ? [exists(at, key)] : [])]
  })
}

const forAllValues = (where: string, key: string): Finding => ({
  verdict: 'fail',
  code: 'TrustForAllValues',
  where,
  message: `it holds as well where a token has no ${key}`,
  attack: `Whoever gets a token of that provider without ${key} has the role.`,
})

const exists = (where: string, key: string): Finding => ({
  verdict: 'warn',
  code: 'TrustIfExists',
  where,
  message: `it holds as well where a token has no ${key}`,
  attack: `Whoever gets a token of that provider without ${key} has the role.`,
})

/** What is said of the subject, of a provider that issues tokens for many. */
export function subjectFindings(statement: Statement, key: string): readonly Finding[] {
  const said = conditionsOn(statement, key)
  const positive = said.filter(({ operator }) => !isNegated(operator))
  if (said.length === 0)
    return [
      {
        verdict: 'fail',
        code: 'TrustSubjectMissing',
        where: `${statement.at}.Condition`,
        message: `nothing is said of ${key}`,
        attack: 'Every pod of the cluster, whatever its namespace, can have the role: its own token is enough.',
      },
    ]
  if (positive.length === 0) return said.map(negated)
  // All conditions must hold, so the narrowest decides.
  const holes = positive.map(wideSubjects)
  const narrowest = holes.find((findings) => findings.length === 0)
  return narrowest ?? holes[0] ?? []
}

const negated = ({ at, key }: Condition): Finding => ({
  verdict: 'fail',
  code: 'TrustConditionNegated',
  where: at,
  message: `it says which ${key} may not have the role`,
  attack: 'Everybody else can have it: a service account that nobody thought of, or one that is made for it.',
})

function wideSubjects({ at, operator, values }: Condition): readonly Finding[] {
  const fixed = values.filter((value) => !hasVariable(value))
  return [
    ...values.filter(hasVariable).map((value) => variable(at, value)),
    ...(/^stringequalsignorecase$/i.test(operator) ? [ignoresCase(at)] : []),
    ...(isEquals(operator) ? fixed.filter(hasWildcard).map((value) => literal(at, value)) : []),
    ...(isLikeOperator(operator) ? fixed.filter(hasWildcard).map((value) => wildcard(at, value)) : []),
  ]
}

/** What it stands for is in part the caller's to say: the name of the session, or the subject of the token itself. */
const variable = (where: string, value: string): Finding => ({
  verdict: 'fail',
  code: 'TrustSubjectWildcard',
  where,
  message: `${quoted(value)} has a variable, which is filled in from the request itself`,
  attack: 'Whoever asks fills it in, so that his own subject fits.',
})

const ignoresCase = (where: string): Finding => ({
  verdict: 'warn',
  code: 'TrustSubjectWildcard',
  where,
  message: 'capitals make no difference to it',
  attack: 'Where the issuer tells subjects apart by capitals, each spelling of this one can have the role.',
})

const literal = (where: string, value: string): Finding => ({
  verdict: 'fail',
  code: 'TrustSubjectOther',
  where,
  message: `${quoted(value)} is compared as it is by StringEquals: its * stands for itself, and lets nobody in`,
})

/** Within one namespace whoever may make service accounts there gets in; beyond it, whoever may make a namespace. */
function wildcard(where: string, value: string): Finding {
  const inOne = /^system:serviceaccount:([a-z0-9-]+):[^:]*$/.exec(value)
  return {
    verdict: inOne === null ? 'fail' : 'warn',
    code: 'TrustSubjectWildcard',
    where,
    message: `${quoted(value)} fits more than one subject`,
    attack:
      inOne === null
        ? 'Whoever can make a namespace or a service account whose name fits can have the role.'
        : `Whoever can make service accounts in namespace ${inOne[1]}, or pods with one that fits, can have the role.`,
  }
}

/** What is said of the audience. */
export function audienceFindings(statement: Statement, key: string): readonly Finding[] {
  const said = conditionsOn(statement, key).filter(({ operator }) => !isNegated(operator))
  const where = `${statement.at}.Condition`
  const attack =
    'Whoever gets hold of a token that was made for another service of that issuer can use it for the role.'
  if (said.length === 0)
    return [{ verdict: 'fail', code: 'TrustAudienceMissing', where, message: `nothing is said of ${key}`, attack }]
  const fixed = said.filter(({ values }) => !values.some(hasVariable))
  if (fixed.some(({ operator, values }) => isEquals(operator) || !values.some(hasWildcard))) return []
  const verdict = fixed.length > 0 ? 'warn' : 'fail'
  const message = `${key} has a ${fixed.length > 0 ? 'wildcard' : 'variable'}`
  return [{ verdict, code: 'TrustAudienceMissing', where: said[0]?.at ?? where, message, attack }]
}

export const quoted = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 119)}…` : text)
