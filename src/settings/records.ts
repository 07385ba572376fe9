/** Settings that are mappings of their own: each record has a `kind`, and by that its fields, declared once in a table. */
import { bad, good, type InnerProblem, type Kind, like, type Parsed, quote } from './kinds/kind.ts'
import { nearest } from './nearest.ts'
import { exampleOf, type Fields, type ValuesOf } from './processSetting.ts'
import { isMapping, textOfValue } from './textOfValue.ts'

export type Variants = Readonly<Record<string, Fields>>

/** A record's fields as texts, its kind and defaults among them: what travels to a pod. */
export type RecordTexts = Readonly<Record<string, string>>

/** What a record was read as: its kind, the values of that kind's fields, and the texts that they were read from. */
export type RecordOf<V extends Variants> = {
  readonly [K in keyof V & string]: { readonly kind: K; readonly texts?: RecordTexts } & ValuesOf<V[K]>
}[keyof V & string]

/** What the fields are together, though each is good: problems by the field that is named. */
export type Rule<T> = (record: T) => readonly InnerProblem[]

/** How a record is called, and one as an operator writes it. */
type Described = { readonly what: string; readonly example: Readonly<Record<string, unknown>> }

/** The kind of one record, whose text is JSON. */
export function recordOf<const V extends Variants>(
  variants: V,
  { what, example }: Described,
  rule: Rule<RecordOf<V>> = () => [],
): Kind<RecordOf<V>> {
  const form = `a mapping with the fields of ${what}`
  const parse = (text: string): Parsed<RecordOf<V>> => {
    const value = parseJson(text)
    return isMapping(value) ? readRecord(variants, value, rule) : bad('is no mapping')
  }
  return { form, example: JSON.stringify(example), parse, schema: 'object', variants }
}

/** The kind of a mapping of names to records, whose text is JSON. */
export function recordsOf<T>(name: Kind<string>, record: Kind<T>, what: string): Kind<ReadonlyMap<string, T>> {
  const parse = (text: string): Parsed<ReadonlyMap<string, T>> => {
    const value = parseJson(text)
    if (!isMapping(value)) return bad(Array.isArray(value) ? 'is a list' : 'is no mapping of names')
    const read = Object.entries(value).map(([key, one]) => ({ key, named: name.parse(key), of: readOne(record, one) }))
    const inside = read.flatMap(({ key, named, of }) => [
      ...(named.ok ? [] : [{ path: key, problem: `has a name that ${named.problem}`, form: name.form, example: '' }]),
      ...(of.ok ? [] : insideOf(key, of, record)),
    ])
    if (inside.length > 0) return { ...bad('has problems inside'), inside }
    return good(new Map(read.flatMap(({ key, of }) => (of.ok ? [[key, of.value] as const] : []))))
  }
  const form = `a mapping of names to ${what}`
  return {
    form,
    example: `{${JSON.stringify(name.example)}:${record.example}}`,
    parse,
    schema: 'object',
    named: true,
    ...(record.variants && { variants: record.variants }),
  }
}

const readOne = <T>(record: Kind<T>, value: unknown): Parsed<T> => record.parse(JSON.stringify(value) ?? '')

const insideOf = (key: string, failed: Parsed<unknown> & { ok: false }, record: Kind<unknown>): InnerProblem[] =>
  failed.inside === undefined
    ? [{ path: key, problem: failed.problem, form: record.form, example: record.example }]
    : failed.inside.map((problem) => ({ ...problem, path: `${key}.${problem.path}` }))

function readRecord<V extends Variants>(
  variants: V,
  mapping: Record<string, unknown>,
  rule: Rule<RecordOf<V>>,
): Parsed<RecordOf<V>> {
  const { kind } = mapping
  const fields = typeof kind === 'string' && Object.hasOwn(variants, kind) ? variants[kind] : undefined
  if (fields === undefined) return inner([kindProblem(kind, Object.keys(variants))])
  const values: Record<string, unknown> = {}
  const texts: Record<string, string> = { kind: String(kind) }
  const problems: InnerProblem[] = unknownFields(mapping, fields)
  for (const [name, field] of Object.entries(fields)) {
    const read = readField(mapping[name], name, field)
    if (read === undefined) continue
    if ('problem' in read) problems.push(read.problem)
    else [values[name], texts[name]] = [read.value, read.text]
  }
  const record = { kind, ...values, texts } as RecordOf<V>
  const found = problems.length > 0 ? problems : rule(record)
  return found.length > 0 ? inner(found) : good(record)
}

function kindProblem(kind: unknown, kinds: readonly string[]): InnerProblem {
  const problem = kind === undefined ? 'is missing' : `is ${quote(textOfValue(kind) ?? 'no text')}`
  return { path: 'kind', problem, form: `one of ${kinds.join(', ')}`, example: kinds[0] ?? '' }
}

const inner = (inside: readonly InnerProblem[]): Parsed<never> => ({ ...bad('has problems inside'), inside })

function unknownFields(mapping: Record<string, unknown>, fields: Fields): InnerProblem[] {
  const known = new Set(['kind', ...Object.keys(fields)])
  return Object.keys(mapping)
    .filter((name) => !known.has(name))
    .map((name) => ({
      path: name,
      message: `there is no such field${nearest(name, known)}`,
      fix: 'Rename or remove it',
    }))
}

function readField(
  value: unknown,
  path: string,
  field: Fields[string],
): { readonly value: unknown; readonly text: string } | { readonly problem: InnerProblem } | undefined {
  const { form } = field.kind
  const example = exampleOf(field)
  const isAbsent = value === undefined || value === null
  const text = (isAbsent ? field.default : textOfValue(value))?.trim()
  if (text === undefined) {
    if (!isAbsent) return { problem: { path, problem: 'is neither a text nor a list of texts', form, example } }
    return field.required ? { problem: { path, problem: 'is missing', form, example } } : undefined
  }
  const parsed = like(field.kind, example).parse(text)
  return parsed.ok ? { value: parsed.value, text } : { problem: { path, problem: parsed.problem, form, example } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Characters that Go's JSON escapes and JavaScript's does not: the chart's guard writes the same text by Helm. */
const GO_ESCAPES = /[<>&\u2028\u2029]/g

/** A record as one text for a pod's variable: its fields sorted, without those that are not for the pod. */
export function recordText(texts: RecordTexts, without: readonly string[] = []): string {
  const kept = Object.entries(texts).filter(([name]) => !without.includes(name))
  return textOfJson(Object.fromEntries(kept.sort(byName)))
}

/** Several, by their names; put together here, since an object would have names that are numbers before all others. */
export function recordsText(records: ReadonlyMap<string, RecordTexts>, without: readonly string[] = []): string {
  const each = [...records].sort(byName).map(([name, texts]) => `${textOfJson(name)}:${recordText(texts, without)}`)
  return `{${each.join(',')}}`
}

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1

const textOfJson = (value: object | string): string =>
  JSON.stringify(value).replace(
    GO_ESCAPES,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
