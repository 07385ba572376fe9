import type { Problem } from '../errors/index.ts'
import {
  ANNOTATION_PREFIX,
  nearest,
  type PodKey,
  type PodValues,
  podEntries,
  podSettings,
  type Read,
  readPodSettings,
  STATUS_ANNOTATION,
} from '../settings/index.ts'
import { annotationOf } from './names.ts'
import { readPod } from './pod.ts'
import { DECISIVE, heedSources } from './precedence.ts'
import { type Source, saysItself } from './sources.ts'
import type { Annotations } from './types.ts'

/** What is asked for a pod, by all who may say something. */
export type Asked = Read<PodValues> & {
  /** The annotation that was heeded, as messages name it; the pod's own where there is none. */
  readonly fieldOf: (key: PodKey) => string
  /** Whether the pod itself says it. */
  readonly isOwn: (key: PodKey) => boolean
}

const known = new Set([STATUS_ANNOTATION, ...podEntries.map(([key]) => annotationOf(key))])

const fieldIn = (where: string, annotation: string): string => `${where}metadata.annotations[${annotation}]`

/** Whether the annotations say anything to us; the status is ours and says nothing. */
export const isAddressed = (annotations: Annotations): boolean => Object.keys(annotations).some(isOurs)
/** Whether a pod, as JSON from whoever, says anything to us itself. */
export function speaksItself(raw: unknown): boolean {
  const read = readPod(raw)
  return 'pod' in read && isAddressed(read.pod.metadata.annotations ?? {})
}
const isOurs = (name: string): boolean => name.startsWith(ANNOTATION_PREFIX) && name !== STATUS_ANNOTATION

/**
 * Whether anybody asks for the pod: itself by whatever it says, its ServiceAccount or namespace by a role, by `inject`, or by
 * what does not exist, which may have been meant so. Their other settings are for pods that do ask.
 */
export const isAsked = (sources: readonly Source[]): boolean =>
  sources.some((source) => {
    const names = Object.keys(source.annotations).filter(isOurs)
    if (source.kind === 'pod') return names.length > 0
    return DECISIVE.some((key) => saysItself(source, key)) || names.some((name) => !known.has(name))
  })

/** What is asked, every problem at once: unknown names, and values that do not parse. */
export function readAsked(sources: readonly Source[]): Asked {
  const heeded = heedSources(sources)
  const fieldOf = (key: PodKey): string => {
    const found = heeded.get(key)
    return found === undefined ? fieldIn('', annotationOf(key)) : fieldIn(found.source.where, found.annotation)
  }
  const { values, problems } = readPodSettings((key) => heeded.get(key)?.text, fieldOf, 'AnnotationInvalid')
  const isOwn = (key: PodKey): boolean => heeded.get(key)?.source.kind === 'pod'
  return { values, problems: [...sources.flatMap(namesOf), ...problems], fieldOf, isOwn }
}

const MOST_UNKNOWN = 10

/** An object may carry thousands; the first ones are told with a suggestion, the rest are counted. */
function namesOf(source: Source): Problem[] {
  const { where, annotations } = source
  const names = Object.keys(annotations).filter((name) => isOurs(name) && !known.has(name))
  const problems = names.slice(0, MOST_UNKNOWN).map((name): Problem => {
    const message = `there is no such annotation${nearest(name, known)}`
    return { code: 'AnnotationUnknown', field: fieldIn(where, name.slice(0, 120)), message }
  })
  const others = names.length - MOST_UNKNOWN
  if (others > 0) {
    const message = `there are ${others} more that do not exist`
    problems.push({ code: 'AnnotationUnknown', field: `${where}metadata.annotations`, message })
  }
  return [...problems, ...misplaced(source)]
}

/** What only one kind of object may say. */
const placed = podEntries.filter(([, { on }]) => on !== undefined)

function misplaced({ kind, where, annotations }: Source): Problem[] {
  return placed
    .filter(([key, { on }]) => on !== kind && Object.hasOwn(annotations, annotationOf(key)))
    .map(([key, { on }]) => ({
      code: 'AnnotationMisplaced',
      field: fieldIn(where, annotationOf(key)),
      message: `it belongs on the ${on}`,
    }))
}

/** A problem about one annotation, where it was found. */
export const about = (
  { fieldOf }: Pick<Asked, 'fieldOf'>,
  key: PodKey,
  code: Problem['code'],
  message: string,
  fix?: string,
): Problem => ({ code, field: fieldOf(key), message, ...(fix !== undefined && { fix }) })

/** What direct mode, which has no sidecar, cannot do; and what does not matter there, where the pod itself says it. */
export function directConflicts(asked: Asked): { readonly problems: Problem[]; readonly warnings: string[] } {
  const set = podEntries.filter(([key]) => asked.values[key] !== undefined && asked.values[key] !== false)
  const withDirect = (direct: 'moot' | undefined): readonly PodKey[] =>
    set.filter(([key]) => podDirect(key) === direct).map(([key]) => key)
  return {
    problems: withDirect(undefined).map((key) =>
      about(asked, key, 'DirectModeConflict', 'only the sidecar can do it, and the mode is direct'),
    ),
    warnings: withDirect('moot')
      .filter(asked.isOwn)
      .map((key) => `${annotationOf(key)} does nothing in direct mode, which has no sidecar`),
  }
}

const podDirect = (key: PodKey): 'counts' | 'moot' | undefined => {
  const setting = podSettings[key]
  return 'direct' in setting ? setting.direct : undefined
}
