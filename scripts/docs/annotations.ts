import { annotationOf, type PodSetting, podEntries, STATUS_ANNOTATION, settingsOf } from '../../src/settings/index.ts'
import { anchor, code, formOf, heading, table } from './markdown.ts'

/** docs/reference/annotations.md: what a pod can ask for. */
export function annotationsPage(): string {
  const rows = podEntries.map(([key, setting]) => [
    `${anchor(setting.annotation)}${code(annotationOf(key))}`,
    [setting.doc, ...notesOf(setting)].join(' '),
    formOf(setting.kind),
    defaultOf(setting),
  ])
  return [
    heading(
      'Annotations',
      'For app developers: what you can write on a pod (in a Deployment, on its pod template), its ServiceAccount or its namespace.',
    ),
    'A pod is left alone unless it has one of these itself, be it `lanyard.dev/inject: "true"` alone; in a namespace that the operator',
    'has labelled `lanyard.dev/injection=enabled`, its ServiceAccount or the namespace may speak for it. The pod comes before the',
    'ServiceAccount, that before the namespace: [decisions](../decisions.md) has it row by row. Annotations are texts, so quote `"true"`',
    'and numbers.',
    'Every problem of a pod is reported at once, by the codes of [errors.md](errors.md#at-admission).',
    '',
    table(['Annotation', 'What it does', 'Value', 'Otherwise'], rows),
    `Lanyard writes ${code(STATUS_ANNOTATION)} on the pods that it injects into, and never reads it.`,
    '',
  ].join('\n')
}

const notesOf = ({ on, direct }: PodSetting): readonly string[] => [
  ...(on === undefined ? [] : [`It belongs on the ${on}, not on the pod.`]),
  ...(direct === undefined ? ['Not in direct mode.'] : []),
]

function defaultOf({ operator, otherwise }: PodSetting): string {
  if (operator === undefined) return otherwise ?? ''
  const setting = settingsOf('webhook').find(([key]) => key === operator)?.[1]
  const value = setting?.default === undefined ? '' : ` (${code(setting.default)})`
  const rest = otherwise === undefined ? '' : `; else ${otherwise}`
  return `the operator's [${code(operator)}](settings.md#${operator})${value}${rest}`
}
