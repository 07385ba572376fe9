import type { Condition, Statement } from './document.ts'
import { hasVariable, isLike, passes } from './match.ts'

/** Who asks for the role, and how: `keys` are those of the request, such as `oidc.example.com:sub`. */
export type Request = {
  readonly action: string
  /** ARN of the IAM provider that the token is of. */
  readonly provider: string
  readonly keys: Readonly<Record<string, string>>
  /** The issuer whose tokens have more of them than are known here, as those of CI systems do. */
  readonly othersOf?: string | undefined
}

/** `none`: no statement allows it; `denied`: one denies it. */
export type Answer = 'allowed' | 'denied' | 'none'

/**
 * Whether the policy lets somebody in, by IAM's rules for the keys of tokens: a Deny wins over every Allow, all conditions of a
 * statement must hold, and each for any of its values (User Guide, "Policy evaluation logic"). What cannot be said from here,
 * by an operator that is not for texts, a variable, or a key that is of the call and not of the token (`aws:SourceIp`), goes in
 * favour of the one who asks: so `none` and `denied` are certain.
 */
export function evaluate(statements: readonly Statement[], request: Request): Answer {
  const matching = statements.filter((statement) => matches(statement, request))
  if (matching.some(({ effect }) => effect === 'Deny')) return 'denied'
  return matching.some(({ effect }) => effect === 'Allow') ? 'allowed' : 'none'
}

/** The kinds of principal that are `*` for somebody with a token as well; services are others. */
const ANYBODY = ['*', 'AWS', 'Federated']

export function matches(statement: Statement, request: Request): boolean {
  const { action, provider } = request
  const { actions, isNotAction, principals, isNotPrincipal, conditions, effect } = statement
  const isAction = actions.some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase()))
  const isPrincipal = principals.some(
    ({ kind, value }) => (value === '*' && ANYBODY.includes(kind)) || (kind === 'Federated' && value === provider),
  )
  return (
    isAction !== isNotAction &&
    isPrincipal !== isNotPrincipal &&
    conditions.every((condition) => holds(condition, request) ?? effect === 'Allow')
  )
}

/** Keys are compared whatever their case; undefined where it cannot be said. */
export function holds(
  condition: Condition,
  { keys, othersOf }: Omit<Request, 'action' | 'provider'>,
): boolean | undefined {
  const { operator, key, values, ifExists, forAll, forAny } = condition
  const value = valueOfKey(key, keys)
  if (value === undefined && (isKeyOf(key, othersOf) || !isOfToken(key))) return undefined
  if (operator.toLowerCase() === 'null') return values.includes(String(value === undefined))
  if (value !== undefined) return passesOne(condition, value)
  // ForAnyValue is false of a key that is not there, the negated ones too.
  return ifExists || forAll || (isNegated(operator) && !forAny)
}

function passesOne({ operator, values }: Condition, value: string): boolean | undefined {
  const fixed = values.filter((each) => !hasVariable(each))
  const result = passes(operator, value, fixed) ?? (mayPass(operator, value) ? undefined : false)
  // What a variable stands for can only let a positive one hold, and keep a negated one from it.
  return fixed.length < values.length && result === isNegated(operator) ? undefined : result
}

/** Of an operator that is none for texts: a text may be a number, a date, an address or a boolean as well. */
const mayPass = (operator: string, value: string): boolean =>
  isNegated(operator) || /^(arn|binary)/i.test(operator) || /^(true|false|[\d+-].*|[\da-f:.]+)$/i.test(value)

const valueOfKey = (key: string, keys: Request['keys']): string | undefined =>
  Object.entries(keys).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]

export const isKeyOf = (key: string, name: string | undefined): boolean =>
  name !== undefined && key.toLowerCase().startsWith(`${name.toLowerCase()}:`)

/** `aws:` and `sts:` are of the call: an address, a session's name, tags. */
export const isOfToken = (key: string): boolean => !/^(aws|sts):/i.test(key)

/** Such an operator also holds where the key is not there. */
export const isNegated = (operator: string): boolean => /not/i.test(operator)
