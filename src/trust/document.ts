import { isObject } from '../json/index.ts'
import type { TrustFinding } from './types.ts'

/** What is judged of a statement; everything as a list, whatever the policy has. */
export type Statement = {
  readonly at: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly isNotAction: boolean
  /** By kind: Federated, AWS, Service; `*` alone is kind `*`. */
  readonly principals: readonly { readonly kind: string; readonly value: string }[]
  readonly isNotPrincipal: boolean
  readonly conditions: readonly Condition[]
}

export type Condition = {
  readonly at: string
  /** Without `ForAllValues:` and `IfExists`: `StringEquals`. */
  readonly operator: string
  readonly forAll: boolean
  readonly forAny: boolean
  readonly ifExists: boolean
  readonly key: string
  readonly values: readonly string[]
}

export type Parsed =
  | { readonly kind: 'policy'; readonly statements: readonly Statement[] }
  | { readonly kind: 'malformed'; readonly findings: readonly TrustFinding[] }

/** IAM User Guide, "IAM JSON policy elements reference". */
const ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Condition']
const PRINCIPALS = ['AWS', 'Federated', 'Service', 'CanonicalUser']
const MOST_STATEMENTS = 100

/** The statements of a trust policy, or what of it IAM would not take. */
export function parsePolicy(document: unknown): Parsed {
  const findings: TrustFinding[] = []
  const refuse = (where: string, message: string): void =>
    void findings.push({ verdict: 'fail', code: 'TrustPolicyMalformed', where, message })
  if (!isObject(document)) refuse('', 'it is no JSON object')
  const given = isObject(document) ? document['Statement'] : []
  const list = Array.isArray(given) ? given : [given]
  if (list.length > MOST_STATEMENTS) refuse('Statement', `there are more than ${MOST_STATEMENTS}`)
  if (isObject(document) && (given === undefined || list.length === 0)) refuse('Statement', 'there is none')
  const statements = list.slice(0, MOST_STATEMENTS).flatMap((each: unknown, index) => {
    const at = Array.isArray(given) ? `Statement[${index}]` : 'Statement'
    return each === undefined ? [] : (parseStatement(each, at, refuse) ?? [])
  })
  return findings.length > 0 ? { kind: 'malformed', findings } : { kind: 'policy', statements }
}

type Refuse = (where: string, message: string) => void

function parseStatement(given: unknown, at: string, refuse: Refuse): Statement | undefined {
  if (!isObject(given)) return void refuse(at, 'it is no object')
  for (const name of Object.keys(given))
    if (!ELEMENTS.includes(name)) refuse(`${at}.${name.slice(0, 40)}`, unknownElement(name))
  const { Effect: effect } = given
  if (effect !== 'Allow' && effect !== 'Deny') return void refuse(`${at}.Effect`, 'it is neither Allow nor Deny')
  const isNotAction = 'NotAction' in given
  const isNotPrincipal = 'NotPrincipal' in given
  const actions = textsOf(given[isNotAction ? 'NotAction' : 'Action'], `${at}.Action`, refuse)
  const principals = readPrincipals(given[isNotPrincipal ? 'NotPrincipal' : 'Principal'], `${at}.Principal`, refuse)
  const conditions = readConditions(given['Condition'], `${at}.Condition`, refuse)
  return { at, effect, actions, isNotAction, principals, isNotPrincipal, conditions }
}

const unknownElement = (name: string): string =>
  name === 'Resource' || name === 'NotResource'
    ? 'a trust policy has none: the role is the resource'
    : 'IAM knows no such element'

function readPrincipals(given: unknown, at: string, refuse: Refuse): Statement['principals'] {
  if (given === '*') return [{ kind: '*', value: '*' }]
  if (!isObject(given)) {
    refuse(at, 'it must be "*" or an object')
    return []
  }
  return Object.entries(given).flatMap(([kind, values]) => {
    if (!PRINCIPALS.includes(kind)) refuse(`${at}.${kind.slice(0, 40)}`, `it is none of ${PRINCIPALS.join(', ')}`)
    return textsOf(values, `${at}.${kind}`, refuse).map((value) => ({ kind, value }))
  })
}

function readConditions(given: unknown, at: string, refuse: Refuse): readonly Condition[] {
  if (given === undefined) return []
  if (!isObject(given)) {
    refuse(at, 'it is no object')
    return []
  }
  return Object.entries(given).flatMap(([name, keys]) => {
    if (!isObject(keys)) {
      refuse(`${at}.${name.slice(0, 60)}`, 'it is no object')
      return []
    }
    if (!OPERATOR.test(readOperator(name).operator)) refuse(`${at}.${name.slice(0, 60)}`, 'IAM knows no such operator')
    return Object.entries(keys).map(([key, values]) => ({
      at: `${at}.${name}`,
      ...readOperator(name),
      key,
      values: textsOf(values, `${at}.${name}.${key}`, refuse),
    }))
  })
}

/** IAM User Guide, "IAM JSON policy elements: Condition operators". */
const OPERATOR =
  /^(String(Not)?(Equals(IgnoreCase)?|Like)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)$/i

/** IAM User Guide, "Condition operators", "Set operators". */
function readOperator(name: string): Pick<Condition, 'operator' | 'forAll' | 'forAny' | 'ifExists'> {
  const match = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/i.exec(name)
  return {
    operator: match?.[2] ?? '',
    forAll: match?.[1]?.toLowerCase() === 'forallvalues',
    forAny: match?.[1]?.toLowerCase() === 'foranyvalue',
    ifExists: match?.[3] !== undefined,
  }
}

function textsOf(given: unknown, at: string, refuse: Refuse): readonly string[] {
  const values: readonly unknown[] = Array.isArray(given) ? given : [given]
  // A condition may have a bool or a number, which IAM reads as their text.
  const texts = values.map((value) => (typeof value === 'boolean' || typeof value === 'number' ? String(value) : value))
  const isWhole = texts.every((value): value is string => typeof value === 'string')
  if (isWhole && texts.length > 0) return texts
  refuse(at, 'it is no text and no list of texts')
  return []
}
