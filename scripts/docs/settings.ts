import {
  annotationOf,
  exampleOf,
  flagOf,
  like,
  type ProcessSetting,
  podEntries,
  settingsOf,
  variableOf,
} from '../../src/settings/index.ts'
import { chapterOf, FIELDS } from './identityProviders.ts'
import { anchor, code, formOf, heading, table } from './markdown.ts'

/** A whole file to begin with, shown on the page. */
export const EXAMPLE_FILE = `# config.yaml
tls:
  certFile: /etc/lanyard/tls/tls.crt
  keyFile: /etc/lanyard/tls/tls.key
sidecar:
  image: registry.example.com/lanyard:0.1.0
  meshContainers: [istio-init, istio-validation, istio-proxy, linkerd-*]
aws:
  region: eu-west-1
  accountId: "111122223333"
`

/** docs/reference/settings.md: what the operator decides, and what the sidecar is told. */
export const settingsPage = (): string =>
  [
    heading('Settings', 'For operators: everything that a process of Lanyard can be told at its start.'),
    '## The webhook',
    '',
    `\`\`\`yaml\n${EXAMPLE_FILE}\`\`\``,
    '',
    'In the file of `lanyard webhook --config FILE` (or of the variable `LANYARD_CONFIG`), a YAML mapping in which each dot',
    'of a key is one level; [config.schema.json](config.schema.json) is its JSON Schema. A variable wins over the file, and a',
    'flag over both. Every wrong key and value is reported at once.',
    '',
    'A list may be a YAML list, as here, or a text with white space between its items. Keys may be nested, as here, or flat',
    '(`tls.certFile: …`; the schema knows the nested ones alone). Variables that are not in the table are ignored, and so are',
    '`tcp://…` and its like in those that are: kubelet writes them for Services named like Lanyard.',
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
    table(['Variable', 'What it says', 'Value', 'Default'], settingsOf('sidecar').map(podRow)),
    table(['Variable', 'Annotation'], podVariables()),
    '## The broker',
    '',
    'The container beside the sidecar that gets credentials for the users of an app. The webhook writes these too.',
    '',
    table(['Variable', 'What it says', 'Value', 'Default'], settingsOf('broker').map(podRow)),
  ].join('\n')

const podRow = ([key, setting]: readonly [string, ProcessSetting]): readonly string[] => [
  code(variableOf(key)),
  setting.doc,
  formIn(key, setting),
  fallbackOf(setting),
]

/** What is a mapping itself has a page of its own. */
function formIn(key: string, setting: ProcessSetting): string {
  const { kind } = setting
  if (kind.schema !== 'object') return formOf(like(kind, exampleOf(setting)))
  const words = kind.form.charAt(0).toUpperCase() + kind.form.slice(1)
  return `${words}: [its fields](${FIELDS}#${chapterOf(key)})`
}

const webhookRow = ([key, setting]: readonly [string, ProcessSetting]): readonly string[] => [
  `${anchor(key)}${code(key)}`,
  setting.doc,
  formIn(key, setting),
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
