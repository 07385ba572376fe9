import { stringify } from 'yaml'
import {
  exampleOf,
  identityProviderKinds,
  like,
  type ProcessSetting,
  settingsOf,
  userProviderKinds,
  userRoleKinds,
} from '../../src/settings/index.ts'
import { anchor, code, formOf, heading, table } from './markdown.ts'

/** The name of the page. */
export const FIELDS = 'identity-providers.md'

type Fields = Readonly<Record<string, ProcessSetting>>
type Chapter = {
  readonly title: string
  readonly about: string
  readonly kinds: Readonly<Record<string, Fields>>
}

/** By the setting that the mapping is. */
const chapters: Readonly<Record<string, Chapter>> = {
  identityProviders: {
    title: 'Identity providers',
    about:
      'Where the identity of pods comes from, if not from their ServiceAccount alone. A pod chooses one by [`lanyard.dev/identity-provider`](annotations.md#identity-provider), in the namespaces that its `namespaces` names. A Secret, a ConfigMap and a volume are those of the pod: Lanyard reads none by itself and copies none.',
    kinds: identityProviderKinds,
  },
  userProviders: {
    title: 'Providers of users',
    about:
      "Who vouches for the users of an app, where its pods ask for [`lanyard.dev/user-credentials`](annotations.md#user-credentials). Which users' tokens a pod can have exchanged is decided by the roles below.",
    kinds: userProviderKinds,
  },
  userRoles: {
    title: 'Roles of users',
    about:
      'What users can become. An app names a role by its name here, never by an ARN. A pod whose namespace has no role is denied when it asks.',
    kinds: userRoleKinds,
  },
}

/** Which chapter has the fields of a setting, be it that of a webhook or of what it writes into pods. */
export function chapterOf(key: string): string {
  if (Object.hasOwn(chapters, key)) return key
  if (key === 'broker.providers') return 'userProviders'
  return key === 'broker.roles' ? 'userRoles' : 'identityProviders'
}

/** docs/reference/identity-providers.md: what the settings that are mappings themselves can hold. */
export const identityProvidersPage = (): string =>
  [
    heading(
      'Identity providers',
      'For operators: what an identity provider, a provider of users and a role of users can say, kind by kind.',
    ),
    'Each is a mapping of names to records in the [file of the webhook](settings.md#the-webhook), below `config` in the chart. The',
    '`kind` of a record decides which fields it has; a field that it does not have, or a name that is none, is refused with everything',
    'else that is wrong. A list is a YAML list of texts, or a text with white space between its items.',
    '',
    ...Object.entries(chapters).map(chapter),
  ].join('\n')

function chapter([key, { title, about, kinds }]: readonly [string, Chapter]): string {
  const setting = settingsOf('webhook').find(([name]) => name === key)?.[1]
  const example = setting === undefined ? {} : { [key]: JSON.parse(setting.kind.example) as unknown }
  return [
    `## ${anchor(key)}${title}`,
    '',
    about,
    '',
    `\`\`\`yaml\n${stringify(example, { lineWidth: 0 })}\`\`\``,
    '',
    ...Object.entries(kinds).map(([kind, fields]) => section(key, kind, fields)),
  ].join('\n')
}

const section = (key: string, kind: string, fields: Fields): string =>
  [
    `### ${anchor(`${key}.${kind}`)}\`kind: ${kind}\``,
    '',
    table(
      ['Field', 'What it says', 'Value', 'Default'],
      Object.entries(fields).map(([name, field]) => [
        code(name),
        field.doc,
        formOf(like(field.kind, exampleOf(field))),
        fallbackOf(field),
      ]),
    ),
  ].join('\n')

const fallbackOf = ({ required, default: fallback }: ProcessSetting): string =>
  required ? '**required**' : fallback === undefined ? 'none' : code(fallback)
