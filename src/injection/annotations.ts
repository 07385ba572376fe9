import { fixOf, type Problem } from '../errors/index.ts'
import {
  ANNOTATION_PREFIX,
  annotationOf,
  isLater,
  nearest,
  type PodKey,
  type PodValues,
  podEntries,
  type Read,
  readPodSettings,
  STATUS_ANNOTATION,
} from '../settings/index.ts'

type Annotations = Readonly<Record<string, string>>

export const fieldOf = (key: PodKey): string => `metadata.annotations[${annotationOf(key)}]`
const ownText = (annotations: Annotations, name: string): string | undefined =>
  Object.hasOwn(annotations, name) ? annotations[name] : undefined

/** Whether the pod says anything to us; the status is ours and says nothing. */
export const isAddressed = (annotations: Annotations): boolean =>
  Object.keys(annotations).some((name) => name.startsWith(ANNOTATION_PREFIX) && name !== STATUS_ANNOTATION)

export const isOptedOut = (annotations: Annotations): boolean =>
  ownText(annotations, annotationOf('inject'))?.trim() === 'false'

/** What the pod asks for, every problem at once: unknown names, values that do not parse, what is not supported yet. */
export function readAnnotations(annotations: Annotations): Read<PodValues> {
  const { values, problems } = readPodSettings(
    (key) => ownText(annotations, annotationOf(key)),
    fieldOf,
    'AnnotationInvalid',
  )
  return { values, problems: [...unknown(annotations), ...problems, ...notYet(annotations, values)] }
}

const MOST_UNKNOWN = 10

/** A pod may carry thousands; the first ones are told with a suggestion, the rest are counted. */
function unknown(annotations: Annotations): Problem[] {
  const known = new Set([STATUS_ANNOTATION, ...podEntries.map(([key]) => annotationOf(key))])
  const names = Object.keys(annotations).filter((name) => name.startsWith(ANNOTATION_PREFIX) && !known.has(name))
  const problems = names.slice(0, MOST_UNKNOWN).map((name): Problem => {
    const message = `there is no such annotation${nearest(name, known)}`
    return { code: 'AnnotationUnknown', field: `metadata.annotations[${name.slice(0, 120)}]`, message }
  })
  const others = names.length - MOST_UNKNOWN
  if (others > 0)
    problems.push({
      code: 'AnnotationUnknown',
      field: 'metadata.annotations',
      message: `there are ${others} more that do not exist`,
    })
  return problems
}

function notYet(annotations: Annotations, values: PodValues): Problem[] {
  const problems: Problem[] = []
  for (const [key, setting] of podEntries) {
    const value = values[key]
    if (value === undefined || !isLater(setting, String(value))) continue
    const text =
      setting.later === true
        ? 'this annotation is'
        : `the value ${JSON.stringify(ownText(annotations, annotationOf(key)))} is`
    const where = setting.on === undefined ? '' : `; it will belong on the ${setting.on}`
    problems.push({
      code: 'AnnotationNotSupportedYet',
      field: fieldOf(key),
      message: `${text} not supported yet${where}`,
    })
  }
  if (values.inject === true && values.roleArn === undefined && values.containerRoles === undefined) {
    const message = 'opting in to the role of the ServiceAccount or namespace is not supported yet'
    problems.push({
      code: 'AnnotationNotSupportedYet',
      field: fieldOf('inject'),
      message,
      fix: fixOf({ code: 'RoleMissing', message }),
    })
  }
  return problems
}

/** A problem about one annotation. */
export const about = (key: PodKey, code: Problem['code'], message: string, fix?: string): Problem => ({
  code,
  field: fieldOf(key),
  message,
  ...(fix !== undefined && { fix }),
})
