/** How IAM compares texts (User Guide, "IAM JSON policy elements: Condition operators"). */

/** `*` stands for any text, `?` for one character: without a regular expression, which a hostile pattern could slow down. */
export function isLike(text: string, pattern: string): boolean {
  let [at, star, from] = [0, -1, 0]
  let next = 0
  while (at < text.length) {
    const sign = pattern[next]
    if (sign === '*') {
      star = next
      from = at
      next += 1
    } else if (sign === '?' || sign === text[at]) {
      at += 1
      next += 1
    } else if (star >= 0) {
      next = star + 1
      from += 1
      at = from
    } else return false
  }
  return [...pattern.slice(next)].every((sign) => sign === '*')
}

/** `${…}`; `${*}`, `${?}` and `${$}` are the signs themselves (User Guide, "IAM policy elements: Variables and tags"). */
export const hasVariable = (text: string): boolean => /\$\{(?![*?$]\})/.test(text)

export const hasWildcard = (text: string): boolean => /[*?]/.test(text)

/** Whether a value passes the operator for one of the texts; undefined where the operator is none for texts. */
export function passes(operator: string, value: string, texts: readonly string[]): boolean | undefined {
  const lower = operator.toLowerCase()
  switch (lower) {
    case 'stringequals':
      return texts.includes(value)
    case 'stringnotequals':
      return !texts.includes(value)
    case 'stringequalsignorecase':
      return texts.some((text) => text.toLowerCase() === value.toLowerCase())
    case 'stringnotequalsignorecase':
      return !texts.some((text) => text.toLowerCase() === value.toLowerCase())
    case 'stringlike':
      return texts.some((text) => isLike(value, text))
    case 'stringnotlike':
      return !texts.some((text) => isLike(value, text))
    case 'arnlike':
    case 'arnequals':
      return isSameArn(value, texts)
    case 'arnnotlike':
    case 'arnnotequals': {
      const isSame = isSameArn(value, texts)
      return isSame === undefined ? undefined : !isSame
    }
    default:
      return undefined
  }
}

/** What is no ARN fits none, not even `*`; of those that are, parts with wildcards are compared each by itself, which is not done here. */
function isSameArn(value: string, texts: readonly string[]): boolean | undefined {
  if (!/^arn:([^:]*:){4}/.test(value)) return false
  return texts.includes(value) || (texts.some(hasWildcard) ? undefined : false)
}
