/** `unknown` is what this evaluation does not understand: it must never let anybody in. */
export type Match = 'yes' | 'no' | 'unknown'

type Keys = ReadonlyMap<string, readonly string[]>
type Test = (value: string, wanted: string) => boolean
type Operator = (actual: readonly string[], wanted: readonly string[]) => boolean

/**
 * `*` stands for anything, `?` for one character. By hand rather than by a regular expression, which a pattern of many
 * asterisks keeps busy for ever: session policies come from whoever asks.
 */
export function isLike(value: string, pattern: string): boolean {
  const [text, wanted] = [[...value], [...pattern]]
  let at = 0
  let wantedAt = 0
  /** Where to go on when what follows the last asterisk does not fit. */
  let retry: { at: number; wantedAt: number } | undefined
  while (at < text.length) {
    if (wanted[wantedAt] === '*') {
      wantedAt += 1
      retry = { at, wantedAt }
    } else if (wanted[wantedAt] === '?' || (wantedAt < wanted.length && wanted[wantedAt] === text[at])) {
      at += 1
      wantedAt += 1
    } else if (retry !== undefined) {
      retry = { at: retry.at + 1, wantedAt: retry.wantedAt }
      at = retry.at
      wantedAt = retry.wantedAt
    } else return false
  }
  return wanted.slice(wantedAt).every((character) => character === '*')
}

/** Each of the six parts for itself: a `*` does not cross a colon but in the last. */
function isLikeArn(value: string, pattern: string): boolean {
  const split = (arn: string): string[] => {
    const parts = arn.split(':')
    return [...parts.slice(0, 5), parts.slice(5).join(':')]
  }
  const wanted = split(pattern)
  return split(value).every((part, at) => isLike(part, wanted[at] ?? ''))
}

const isEqual: Test = (value, wanted) => value === wanted
const isEqualIgnoringCase: Test = (value, wanted) => value.toLowerCase() === wanted.toLowerCase()

const tests: Record<string, Test> = {
  stringequals: isEqual,
  stringequalsignorecase: isEqualIgnoringCase,
  stringlike: isLike,
  arnequals: isLikeArn,
  arnlike: isLikeArn,
}

function some(test: Test): Operator {
  return (actual, wanted) => actual.some((value) => wanted.some((one) => test(value, one)))
}

/** Every value there is has to match; where there is none, that holds as well ("Multivalued context keys"). */
function every(test: Test): Operator {
  return (actual, wanted) => actual.every((value) => wanted.some((one) => test(value, one)))
}

/** Without its set operator, its `Not` and its `IfExists`. */
type ParsedName = { set: string | undefined; base: string; negated: boolean; ifExists: boolean }

function parseName(name: string): ParsedName {
  const [, set, rest = ''] = /^(?:(forallvalues|foranyvalue):)?(.*)$/s.exec(name.toLowerCase()) ?? []
  const ifExists = rest.endsWith('ifexists')
  const plain = ifExists ? rest.slice(0, -'ifexists'.length) : rest
  const base = plain.replace(/^(string|arn)not/, '$1')
  return { set, base, negated: base !== plain, ifExists }
}

/** A positive operator without a value does not match, a negative one does ("IAM JSON policy elements"). */
function findOperator(name: string): Operator | undefined {
  if (name.toLowerCase() === 'null') return (actual, wanted) => wanted.includes(String(actual.length === 0))
  const { set, base, negated, ifExists } = parseName(name)
  const test = Object.hasOwn(tests, base) ? tests[base] : undefined
  if (test === undefined || (negated && set !== undefined)) return undefined
  const positive = set === 'forallvalues' ? every(test) : some(test)
  const operator: Operator = negated ? (actual, wanted) => !positive(actual, wanted) : positive
  return ifExists ? (actual, wanted) => actual.length === 0 || operator(actual, wanted) : operator
}

function matchEntry(operator: Operator, key: string, value: unknown, keys: Keys): Match {
  const wanted = [value].flat().map((one) => (typeof one === 'boolean' ? String(one) : one))
  // Policy variables are not resolved here, so what they would stand for is not known.
  if (!wanted.every((one): one is string => typeof one === 'string' && !one.includes('${'))) return 'unknown'
  return operator(keys.get(key.toLowerCase()) ?? [], wanted) ? 'yes' : 'no'
}

/** Whether every entry of a Condition holds; `keys` are in lower case. */
export function matchCondition(condition: unknown, keys: Keys): Match {
  if (condition === undefined) return 'yes'
  if (typeof condition !== 'object' || condition === null) return 'unknown'
  const results = Object.entries(condition).flatMap(([name, entries]: [string, unknown]): Match[] => {
    const operator = findOperator(name)
    if (operator === undefined || typeof entries !== 'object' || entries === null) return ['unknown']
    return Object.entries(entries).map(([key, value]: [string, unknown]) => matchEntry(operator, key, value, keys))
  })
  if (results.includes('no')) return 'no'
  return results.includes('unknown') ? 'unknown' : 'yes'
}
