import type { Condition, Statement } from './document.ts'
import { isNegated, isOfToken } from './evaluate.ts'
import { hasVariable, hasWildcard } from './match.ts'
import { isForEverybody, isOfGitHub, isOfOne, isOfOwner, isOwned, namesOwner } from './owners.ts'
import type { TrustFinding } from './types.ts'

type Finding = TrustFinding

/** Operators by which a condition can name who gets in. */
const isLikeOperator = (operator: string): boolean => /^(stringlike|arnlike|arnequals)$/i.test(operator)
/** By an operator for ARNs, and without one: then it holds for nobody. */
export const lacksArn = ({ operator, values }: Condition): boolean =>
  /^arn(equals|like)$/i.test(operator) && !values.some((value) => value.startsWith('arn:'))
export const isEquals = (operator: string): boolean => /^stringequals(ignorecase)?$/i.test(operator)
/** `Null: false` says that the key is there, and nothing of its value. */
const saysValue = ({ operator }: Condition): boolean => !/^null$/i.test(operator)

const isOn = (condition: Condition, key: string): boolean => condition.key.toLowerCase() === key.toLowerCase()

/** Those that can name a subject or an audience: `NumericGreaterThan` fits nearly all that are numbers. */
const isNaming = ({ operator, values }: Condition): boolean =>
  /^(string|arn)/i.test(operator) ||
  (/^numericequals$/i.test(operator) && values.every((value) => /^-?\d+$/.test(value)))

export const conditionsOn = ({ conditions }: Statement, key: string): readonly Condition[] =>
  conditions.filter((condition) => isOn(condition, key) && isNaming(condition))

export const nothingOf = ({ conditions }: Statement, key: string): string =>
  conditions.some((condition) => isOn(condition, key) && saysValue(condition) && !isNaming(condition))
    ? `${key} is not compared as a text`
    : `nothing is said of ${key}`

/** What the way a condition is put lets in, whatever it names: of tags, `ForAllValues` is what AWS recommends. */
export function looseConditions(statement: Statement): readonly Finding[] {
  const ofTokens = statement.conditions.filter((condition) => saysValue(condition) && isOfToken(condition.key))
  return ofTokens.flatMap(({ at, key, forAll, ifExists }) => [
    ...(forAll ? [forAllValues(at, key)] : []),
    ...(ifExists ? [exists(at, key)] : []),
  ])
}

const forAllValues = (where: string, key: string): Finding => ({
  verdict: 'fail',
  code: 'TrustForAllValues',
  where,
  message: `it holds as well where a token has no ${key}`,
  attack: `Whoever gets a token of that provider without ${key} has the role.`,
  ...(/:amr$/i.test(key) && { fix: 'Write ForAnyValue in place of ForAllValues.' }),
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
  const isNobodyElses = isOfOne(key) || statement.conditions.some((condition) => isOfOwner(condition, key))
  if (said.length === 0) return [unsaid(statement, key, isNobodyElses)]
  if (positive.length === 0) return said.map(negated)
  // All conditions must hold, so the narrowest decides.
  const holes = positive.map((condition) => wideSubjects(condition, isNobodyElses))
  const narrowest = holes.find((findings) => findings.length === 0)
  return narrowest ?? holes[0] ?? []
}

function unsaid(statement: Statement, key: string, isNobodyElses: boolean): Finding {
  const where = `${statement.at}.Condition`
  const missing = { code: 'TrustSubjectMissing', where, message: nothingOf(statement, key) } as const
  if (!isNobodyElses && !isForEverybody(key)) return { verdict: 'fail', ...missing, attack: ANYBODY }
  const fix = `Add StringEquals on ${key} with the repository, project or job that is meant.`
  if (isNobodyElses) return { verdict: 'warn', ...missing, attack: othersThatFit('', true), fix }
  return { verdict: 'fail', ...missing, attack: 'Everybody who has an account there can have the role.', fix }
}

const ANYBODY =
  'Whoever can get a token of that issuer can have the role: of a cluster, every pod, whatever its namespace.'

const negated = ({ at, key }: Condition): Finding => ({
  verdict: 'fail',
  code: 'TrustConditionNegated',
  where: at,
  message: `it says which ${key} may not have the role`,
  attack: 'Everybody else can have it: a service account that nobody thought of, or one that is made for it.',
})

function wideSubjects(condition: Condition, isNobodyElses: boolean): readonly Finding[] {
  const { at, key, operator, values } = condition
  const fixed = values.filter((value) => !hasVariable(value))
  if (lacksArn(condition)) return values.map((value) => noArn('TrustSubjectOther', at, value))
  return [
    ...values.filter(hasVariable).map((value) => variable(at, value)),
    ...(/^stringequalsignorecase$/i.test(operator) ? [ignoresCase(at)] : []),
    ...(isEquals(operator)
      ? fixed.filter((value) => value.includes('*')).map((value) => literal('TrustSubjectOther', at, value))
      : []),
    ...(isLikeOperator(operator)
      ? fixed.filter(hasWildcard).map((value) => wildcard(condition, value, isNobodyElses))
      : []),
    ...(isOfGitHub(key) && !isNobodyElses
      ? fixed.filter((value) => !hasWildcard(value)).flatMap((value) => unowned(at, value))
      : []),
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

export const literal = (code: Finding['code'], where: string, value: string): Finding => ({
  verdict: 'fail',
  code,
  where,
  message: `${quoted(value)} is compared as it is by StringEquals: its * stands for itself, and lets nobody in`,
  fix: 'Name it whole; or where each that fits is meant, write StringLike.',
})

export const noArn = (code: Finding['code'], where: string, value: string): Finding => ({
  verdict: 'fail',
  code,
  where,
  message: `${quoted(value)} is compared as an ARN, which it is not: it lets nobody in`,
  fix: 'Write StringEquals.',
})

const SERVICE_ACCOUNT = 'system:serviceaccount:'

/** Within one namespace, or one owner of another issuer's, whoever may act there gets in; beyond it, anybody else may. */
function wildcard({ at, key }: Condition, value: string, isNobodyElses: boolean): Finding {
  const fixed = /^[^*?]*/.exec(value)?.[0] ?? ''
  const mayBePods = !(isNobodyElses || isForEverybody(key))
  const isPods = mayBePods && (fixed.startsWith(SERVICE_ACCOUNT) || SERVICE_ACCOUNT.startsWith(fixed))
  const namespace = /^system:serviceaccount:([a-z0-9-]+):[^:]*$/.exec(value)?.[1]
  const isNarrow = isPods ? namespace !== undefined : isOwned(fixed) || isNobodyElses
  return {
    verdict: isNarrow ? 'warn' : 'fail',
    code: 'TrustSubjectWildcard',
    where: at,
    message: `${quoted(value)} fits more than one subject`,
    attack: isPods ? podsThatFit(namespace) : othersThatFit(fixed, isNarrow),
    ...(!isPods && { fix: 'Name the repository, project or job whole, by StringEquals.' }),
  }
}

/** There, whoever has a repository chooses of which claims its subject is made: one without an owner can be anybody's. */
function unowned(where: string, value: string): readonly Finding[] {
  if (namesOwner(value)) return []
  const isWorkflow = /(^|:)job_workflow_ref:[^:/]+\//.test(value)
  const attack = isWorkflow
    ? 'Whoever can call that workflow can have the role: of a public one, everybody.'
    : 'Whoever has a repository there can make its subject that one, and have the role.'
  const message = `${quoted(value)} names no owner`
  const fix = 'Have the subject begin with repo:OWNER/REPOSITORY, or name the repository_id beside it, by StringEquals.'
  return [{ verdict: isWorkflow ? 'warn' : 'fail', code: 'TrustSubjectWildcard', where, message, attack, fix }]
}

const podsThatFit = (namespace: string | undefined): string =>
  namespace === undefined
    ? 'Whoever can make a namespace or a service account whose name fits can have the role.'
    : `Whoever can make service accounts in namespace ${namespace}, or pods with one that fits, can have the role.`

const othersThatFit = (fixed: string, isNarrow: boolean): string =>
  isNarrow
    ? `Whatever runs ${fixed === '' ? 'there' : `below ${quoted(fixed)}`} can have the role: each branch, pull request or job of whoever may start one there.`
    : 'Whoever has an account with that issuer and can choose a name that fits can have the role.'

export const quoted = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 119)}…` : text)
