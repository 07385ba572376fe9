import { leafOf, type Schema, settingsSchema } from '../docs/schema.ts'
import { configSettings } from './configBlock.ts'
import { definitions } from './definitions.ts'
import { given } from './given.ts'
import { type ChartValue, type ChartValues, readValues } from './values.ts'

/** What an umbrella chart gives to every chart below it. */
const umbrella: Schema = {
  global: { type: 'object', description: 'Values of an umbrella chart; nothing here reads them.' },
  enabled: { type: 'boolean', description: "The condition of an umbrella chart's dependency; nothing here reads it." },
}

/** values.schema.json, which Helm holds every value to before it renders anything. In the dialect that every Helm 3 reads. */
export function chartSchema(valuesFile: string): string {
  const values = readValues(valuesFile)
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the Lanyard chart',
    description: 'For operators and their editors. Generated from values.yaml and the code by `npm run docs`.',
    type: 'object',
    additionalProperties: false,
    properties: { ...propertiesIn('', values), config: configSchema(), ...umbrella },
    // A section with everything commented out is null, which Helm takes for its removal.
    required: [...sectionNames('', values), 'config'],
    definitions,
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function propertiesIn(path: string, all: ChartValues): Schema {
  const nameOf = ({ key }: { readonly key: string }): string => key.slice(path.length)
  const isChild = (one: { readonly key: string }): boolean => one.key.startsWith(path) && !nameOf(one).includes('.')
  const leaves = all.values.filter(isChild).map((value) => [nameOf(value), leafSchema(value)])
  const sections = all.sections.filter(isChild).map((section) => {
    const inside = `${section.key}.`
    const required = sectionNames(inside, all)
    const shape = { type: 'object', additionalProperties: false, properties: propertiesIn(inside, all) }
    return [nameOf(section), { ...described(section.doc), ...shape, ...(required.length > 0 && { required }) }]
  })
  return Object.fromEntries([...leaves, ...sections])
}

const sectionNames = (path: string, { sections }: ChartValues): readonly string[] =>
  sections.flatMap(({ key }) => {
    const name = key.slice(path.length)
    return key.startsWith(path) && !name.includes('.') ? [name] : []
  })

const described = (doc: string): Schema => (doc === '' ? {} : { description: doc })

function leafSchema({ key, doc, schema, default: fallback }: ChartValue): Schema {
  if (typeof schema === 'string') {
    if (!Object.hasOwn(definitions, schema)) throw new Error(`${key} in values.yaml: there is no definition ${schema}`)
    // Beside a $ref nothing else counts in this dialect.
    return { ...described(doc), default: fallback, allOf: [{ $ref: `#/definitions/${schema}` }] }
  }
  if (typeof schema === 'object') return { ...described(doc), default: fallback, ...schema }
  const type = typeof fallback
  if (type !== 'string' && type !== 'boolean') throw new Error(`${key} in values.yaml needs a line "# @schema …"`)
  return { ...described(doc), default: fallback, type }
}

/** The settings; those that the chart gives are let through to a template, which can say what to set instead. */
function configSchema(): Schema {
  const open = configSettings().map(([key, setting]): [string, Schema] => [key, leafOf(setting)])
  const closed = Object.entries(given).map(([key, instead]): [string, Schema] => [
    key,
    { description: `Refused, since it is the chart's own. Set ${instead}.` },
  ])
  return { description: 'Settings of Lanyard.', ...settingsSchema([...open, ...closed]) }
}
