/** What a text was read as: a value, or what is wrong with it as the end of the sentence "the value …". */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly inside?: readonly InnerProblem[] }

/** What is wrong inside of a mapping: where (fields joined by dots), and what. */
export type InnerProblem = { readonly path: string } & (WrongValue | WrongField)

/** Of a value: the end of the sentence "the value …", and how it is to be. */
type WrongValue = { readonly problem: string; readonly form: string; readonly example: string }
/** Of a field that should not be there, whatever its value: a sentence, and what to do. */
type WrongField = { readonly message: string; readonly fix: string }

/** A form that a setting's text can have: the one grammar of annotations, variables, flags and files. */
export type Kind<T> = {
  /** What it must be, as in "must be …". */
  readonly form: string
  readonly example: string
  /** Pure; never throws. */
  readonly parse: (text: string) => Parsed<T>
  /** How the configuration file's schema calls it; a string or number, as YAML has it, where absent. */
  readonly schema?: 'boolean' | 'integer' | 'array' | 'string' | 'object'
  /** Of an object: the fields by the value of its `kind`; `named` where it is a mapping of names to such. */
  readonly variants?: Readonly<Record<string, Readonly<Record<string, FieldOf>>>>
  readonly named?: true
  /** What a schema can already say of the text: every text that is good matches it. */
  readonly pattern?: RegExp
}

type FieldOf = {
  readonly kind: Kind<unknown>
  readonly doc: string
  readonly default?: string
  readonly required?: true
}

export type ValueOf<K> = K extends Kind<infer T> ? T : never

export const good = <T>(value: T): Parsed<T> => ({ ok: true, value })
export const bad = (problem: string): { readonly ok: false; readonly problem: string } => ({ ok: false, problem })

/** The same kind with an example that fits the setting. */
export const like = <T>(kind: Kind<T>, example: string): Kind<T> => ({ ...kind, example })

/** The value for a message: quoted, and cut where somebody pasted a page. */
export const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)

/** A kind whose texts match one expression. */
export function textKind(
  form: string,
  example: string,
  pattern: RegExp,
  length?: readonly [min: number, max: number],
): Kind<string> {
  const [min, max] = length ?? [1, 2048]
  const range = min === max ? String(min) : `${min} to ${max}`
  const parse = (text: string): Parsed<string> => {
    if (text.length < min || text.length > max) return bad(`has ${text.length} characters, not ${range}`)
    return pattern.test(text) ? good(text) : bad(`is ${quote(text)}`)
  }
  return { form, example, parse, pattern }
}

export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  const form = values.map((value) => `"${value}"`).join(' or ')
  const parse = (text: string): Parsed<T> => {
    const found = values.find((value) => value === text)
    return found === undefined ? bad(`is ${quote(text)}`) : good(found)
  }
  return { form, example: values[0] ?? '', parse }
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

/** Whitespace-separated items of one kind: at least one, none twice, at most `max`. */
export function listOf<T>(item: Kind<T>, plural: string, max = 100): Kind<readonly T[]> {
  const parse = (text: string): Parsed<readonly T[]> => {
    const items = words(text)
    if (items.length === 0) return bad('is empty')
    if (items.length > max) return bad(`has ${items.length} items, more than ${max}`)
    const twice = items.find((word, index) => items.indexOf(word) !== index)
    if (twice !== undefined) return bad(`names ${quote(twice)} twice`)
    return parseAll(items, item)
  }
  return { form: `${plural}, separated by white space`, example: item.example, parse, schema: 'array' }
}

/** A list in which there may be nothing: an operator can empty what has a default. */
export const orNone = <T>(list: Kind<readonly T[]>): Kind<readonly T[]> => ({
  ...list,
  parse: (text) => (text.trim() === '' ? good([]) : list.parse(text)),
})

/** Whitespace-separated `NAME=VALUE` pairs, split at the first `=`, no name twice. */
export function pairsOf<T>(name: Kind<string>, value: Kind<T>, form: string, max = 100): Kind<ReadonlyMap<string, T>> {
  const pair = (text: string): Parsed<readonly [string, T]> => {
    const at = text.indexOf('=')
    if (at < 1) return bad(`has ${quote(text)}, which is no ${form}`)
    const left = name.parse(text.slice(0, at))
    if (!left.ok) return bad(`has the name ${quote(text.slice(0, at))}, which must be ${name.form}`)
    const right = value.parse(text.slice(at + 1))
    return right.ok
      ? good([left.value, right.value] as const)
      : bad(`for ${left.value} ${right.problem}, which must be ${value.form}`)
  }
  const parse = (text: string): Parsed<ReadonlyMap<string, T>> => {
    const items = words(text)
    if (items.length === 0) return bad('is empty')
    if (items.length > max) return bad(`has ${items.length} pairs, more than ${max}`)
    const pairs = parseAll(items, { form, example: '', parse: pair })
    if (!pairs.ok) return pairs
    const map = new Map(pairs.value)
    return map.size === items.length ? good(map) : bad('has a name twice')
  }
  return { form: `${form} pairs, separated by white space`, example: `${name.example}=${value.example}`, parse }
}

function parseAll<T>(items: readonly string[], item: Kind<T>): Parsed<readonly T[]> {
  const values: T[] = []
  for (const word of items) {
    const parsed = item.parse(word)
    // The commonest mistake, but a few kinds may hold a comma: so it is a hint behind what is wrong.
    if (!parsed.ok)
      return word.includes(',') ? bad(`${parsed.problem}; separate them by white space, not by commas`) : parsed
    values.push(parsed.value)
  }
  return good(values)
}
