import {
  annotationOf,
  flagOf,
  type ProcessSetting,
  podEntries,
  settingsOf,
  variableOf,
} from '../../src/settings/index.ts'
import { anchor, code, formOf, heading, table } from './markdown.ts'

/** docs/reference/settings.md: what the operator decides, and what the sidecar is told. */
export const settingsPage = (): string =>
  [
    heading('Settings', 'For operators: everything that a process of Lanyard can be told at its start.'),
    '## The webhook',
    '',
    'In the file of `lanyard webhook --config FILE` (or of the variable `LANYARD_CONFIG`), a YAML mapping in which each dot',
    'of a key is one level; [config.schema.json](config.schema.json) is its JSON Schema. A variable wins over the file, and a',
    'flag over both. Every wrong key and value is reported at once.',
    '',
    table(
      ['Key in the file', 'What it does', 'Value', 'Default', 'Variable', 'Flag'],
      settingsOf('webhook').map(webhookRow),
    ),
    '## The sidecar',
    '',
    'The webhook writes these into each pod; there is nothing to set by hand. Beside them stand the',
    '[annotations](annotations.md) that the sidecar needs, in the same grammar.',
    '',
    table(
      ['Variable', 'What it says', 'Value', 'Default'],
      settingsOf('sidecar').map(([key, setting]) => [
        code(variableOf(key)),
        setting.doc,
        formOf(setting.kind),
        fallbackOf(setting),
      ]),
    ),
    table(['Variable', 'Annotation'], podVariables()),
  ].join('\n')

const webhookRow = ([key, setting]: readonly [string, ProcessSetting]): readonly string[] => [
  `${anchor(key)}${code(key)}`,
  setting.doc,
  formOf(setting.kind),
  fallbackOf(setting),
  code(variableOf(key)),
  code(`--${flagOf(key)}`),
]

const podVariables = (): readonly (readonly string[])[] =>
  podEntries.flatMap(([key, { env, annotation }]) =>
    env === undefined ? [] : [[code(env), `[${code(annotationOf(key))}](annotations.md#${annotation})`]],
  )

const fallbackOf = ({ default: fallback, required }: ProcessSetting): string =>
  required ? '**required**' : fallback === undefined ? 'none' : code(fallback)
