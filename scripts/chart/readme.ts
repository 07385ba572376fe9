import type { ProcessSetting } from '../../src/settings/index.ts'
import { code, table } from '../docs/markdown.ts'
import { configSettings } from './configBlock.ts'
import { given } from './given.ts'
import { readValues } from './values.ts'

/** An example, where it is shorter than a page. */
const exampleFor = ({ schema, example }: ProcessSetting['kind']): string =>
  schema === 'object' ? '; [its fields](../../docs/reference/identity-providers.md)' : `, like ${code(example)}`

/** The tables of charts/lanyard/README.md: every value, its default, what it does. */
export function valuesTables(valuesFile: string): string {
  const { values } = readValues(valuesFile)
  return [
    table(
      ['Value', 'Default', 'What it does'],
      values.map(({ key, doc, default: fallback }) => [code(key), code(JSON.stringify(fallback)), doc]),
    ),
    '### Settings of Lanyard',
    '',
    'They go as they are into the ConfigMap that the webhook reads; the same table with variables and flags is',
    '[settings.md](../../docs/reference/settings.md).',
    '',
    table(
      ['Value', 'Default', 'What it does'],
      configSettings().map(([key, { doc, default: fallback, kind }]) => [
        code(`config.${key}`),
        fallback === undefined ? `none${exampleFor(kind)}` : code(fallback),
        doc,
      ]),
    ),
    "Some settings are the chart's own, and refused under `config`:",
    '',
    table(
      ['Setting', 'Set instead'],
      Object.entries(given).map(([key, instead]) => [code(key), instead]),
    ),
  ].join('\n')
}
