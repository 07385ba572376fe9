import { exampleOf, type ProcessSetting, settingsOf } from '../../src/settings/index.ts'

export type Schema = { readonly [key: string]: unknown }
type Section = { [name: string]: Section | Schema }

/** docs/reference/config.schema.json: the configuration file of the webhook, for editors and charts. */
export function schemaPage(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of the Lanyard webhook',
    description: 'For operators and their editors. Generated from the code by `npm run docs`.',
    ...settingsSchema(settingsOf('webhook').map(([key, setting]) => [key, leafOf(setting)])),
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

/** The schema of a mapping in which each dot of a key is one level, from the schema of each key. */
export function settingsSchema(leaves: readonly (readonly [key: string, leaf: Schema])[]): Schema {
  const root: Section = {}
  for (const [key, leaf] of leaves) {
    const path = key.split('.')
    const last = path.pop() ?? key
    let section = root
    for (const name of path) {
      section[name] ??= {}
      section = section[name] as Section
    }
    section[last] = { leaf }
  }
  return sectionOf(root)
}

/** A section with everything commented out is null in YAML. */
const sectionOf = (section: Section): Schema => ({
  type: ['object', 'null'],
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries(section).map(([name, value]) => [
      name,
      'leaf' in value ? value['leaf'] : sectionOf(value as Section),
    ]),
  ),
})

/** No setting is required here: a variable or a flag may give it. */
export function leafOf(setting: ProcessSetting): Schema {
  const { kind, doc, default: fallback, required } = setting
  const ending = required ? ' Required, here or by its variable or flag.' : ''
  return {
    description: `${doc} It is ${kind.form}.${ending}`,
    ...typeOf(kind),
    ...(fallback !== undefined && { default: typedValue(kind, fallback) }),
    examples: [typedValue(kind, exampleOf(setting))],
  }
}

function typeOf(kind: ProcessSetting['kind']): Schema {
  if (kind.variants !== undefined) return objectOf(kind, kind.variants)
  if (kind.schema === 'integer') return { type: 'integer', ...boundsOf(kind) }
  if (kind.schema === 'boolean') return { type: 'boolean' }
  if (kind.schema === 'array') return { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] }
  const values = choicesOf(kind)
  if (values.length > 0) return { enum: values }
  if (kind.schema === 'string') return { type: 'string', ...patternOf(kind) }
  // YAML takes a version or a CPU quantity for a number, and so is the file read.
  return { type: ['string', 'number'], ...patternOf(kind) }
}

type Variants = NonNullable<ProcessSetting['kind']['variants']>

/** A record, or a mapping of names to records. */
function objectOf({ named }: ProcessSetting['kind'], variants: Variants): Schema {
  const record = recordOf(variants)
  return named ? { type: 'object', additionalProperties: record } : record
}

/** Its `kind` says which fields there are: a field of another kind, or of none, is refused. */
function recordOf(variants: Variants): Schema {
  const rules = Object.entries(variants).map(([kind, fields]) => ({
    if: { properties: { kind: { const: kind } }, required: ['kind'] },
    // biome-ignore lint/suspicious/noThenProperty: the schema's word.
    then: fieldsOf(kind, fields),
  }))
  const kind = { description: 'What it is, and so which fields it has.', enum: Object.keys(variants) }
  return { type: 'object', properties: { kind }, required: ['kind'], allOf: rules }
}

function fieldsOf(kind: string, fields: Variants[string]): Schema {
  const all = Object.entries(fields)
  const required = all.filter(([, field]) => field.required).map(([name]) => name)
  return {
    additionalProperties: false,
    properties: { kind: { const: kind }, ...Object.fromEntries(all.map(([name, field]) => [name, fieldOf(field)])) },
    ...(required.length > 0 && { required }),
  }
}

/** What is a text is one in YAML too: as a number it would not be in pods as it was written. */
function fieldOf({ kind, doc, default: fallback }: Variants[string][string]): Schema {
  const { type, ...rest } = typeOf(kind)
  return {
    description: `${doc} It is ${kind.form}.`,
    ...(type !== undefined && { type: Array.isArray(type) ? 'string' : type }),
    ...rest,
    ...(fallback !== undefined && { default: typedValue(kind, fallback) }),
  }
}

/** Helm's schemas have Go's expressions (RE2): no look-around, no repetition above 1,000. */
function patternOf({ pattern }: ProcessSetting['kind']): Schema {
  const source = pattern?.source ?? ''
  const isBeyond = /\(\?[=!<]|\\[0ukpP]|\{\d*,?\d{4,}\}/.test(source)
  return source === '' || isBeyond ? {} : { pattern: source }
}

export const typedValue = (kind: ProcessSetting['kind'], text: string): unknown => {
  if (kind.schema === 'integer') return Number(text)
  if (kind.schema === 'boolean') return text === 'true'
  if (kind.schema === 'object') return JSON.parse(text)
  return text
}

/** The values of a kind whose form is nothing but a choice: `"deny" or "warn"`. */
function choicesOf({ form, parse }: ProcessSetting['kind']): readonly string[] {
  const choices = form.split(' or ').map((part) => /^"([^"]*)"$/.exec(part)?.[1])
  const values = choices.filter((choice) => choice !== undefined)
  return values.length === choices.length && values.every((value) => parse(value).ok) ? values : []
}

/** The bounds that the form names, `from A to B`, where the kind holds to them. */
function boundsOf({ form, parse }: ProcessSetting['kind']): Schema {
  const [, minimum, maximum] = / from (\d+) to (\d+)$/.exec(form) ?? []
  if (minimum === undefined || maximum === undefined || !parse(minimum).ok || !parse(maximum).ok) return {}
  return { minimum: Number(minimum), maximum: Number(maximum) }
}
