import { isObject, type JsonObject } from '../json/index.ts'
import { ANNOTATION_PREFIX } from '../settings/index.ts'
import { textAt, valueAt } from './json.ts'
import type { Workload } from './types.ts'

/** By API group and kind: where what has the pod's metadata and spec is. */
const templates: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '': { Pod: [], ReplicationController: ['spec', 'template'], PodTemplate: ['template'] },
  apps: {
    Deployment: ['spec', 'template'],
    StatefulSet: ['spec', 'template'],
    DaemonSet: ['spec', 'template'],
    ReplicaSet: ['spec', 'template'],
  },
  batch: { Job: ['spec', 'template'], CronJob: ['spec', 'jobTemplate', 'spec', 'template'] },
}

/** An object in a document, with its kind, which items of a typed list do not repeat. */
export type Located = { readonly object: JsonObject; readonly kind: string; readonly place: readonly string[] }

/** The objects of a document: itself, or the items of a List. */
export function objectsIn(document: JsonObject): readonly Located[] {
  return locate(document, textAt(document, 'kind') ?? '', [])
}

function locate(object: JsonObject, kind: string, place: readonly string[]): readonly Located[] {
  const items = object['items']
  if (!kind.endsWith('List') || !Array.isArray(items)) return [{ object, kind, place }]
  const own = kind.slice(0, -'List'.length)
  const group = groupOf(object)
  return items.flatMap((item: unknown, index): readonly Located[] => {
    if (!isObject(item)) return []
    const whole = own === '' || 'kind' in item ? item : { apiVersion: textAt(object, 'apiVersion'), ...item }
    const itemKind = textAt(item, 'kind') ?? (Object.hasOwn(templates[group] ?? {}, own) ? own : '')
    return locate(whole, itemKind, [...place, 'items', String(index)])
  })
}

function groupOf(object: JsonObject): string {
  const [group, version] = (textAt(object, 'apiVersion') ?? '?/').split('/')
  return version === undefined ? '' : (group ?? '')
}

const ownValue = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined

/** The workload that the object is, if it is one with a pod; `namespace` is of objects that name none. */
export function workloadOf({ object, kind, place }: Located, namespace: string): Workload | undefined {
  const template = ownValue(ownValue(templates, groupOf(object)), kind)
  const owner = template === undefined ? undefined : valueAt(object, template)
  if (template === undefined || !isObject(owner)) return undefined
  return {
    kind,
    name: nameOf(object),
    namespace: textAt(object, 'metadata', 'namespace') || namespace,
    place,
    template,
    pod: podOf(owner),
    lacksMetadata: (owner['metadata'] ?? null) === null,
    isMisplaced: template.length > 0 && isAnnotated(object),
  }
}

/** With what the API server fills in before it asks the webhook. */
function podOf({ metadata, spec, ...rest }: JsonObject): JsonObject {
  const account = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount')
  const filled = isObject(spec) && account !== undefined ? { ...spec, serviceAccountName: account } : spec
  return { ...rest, metadata: metadata ?? {}, spec: filled }
}

const nameOf = (object: JsonObject): string => {
  const generated = textAt(object, 'metadata', 'generateName')
  return textAt(object, 'metadata', 'name') ?? (generated === undefined ? '' : `${generated}*`)
}

const isAnnotated = (object: JsonObject): boolean => {
  const annotations = valueAt(object, ['metadata', 'annotations'])
  return isObject(annotations) && Object.keys(annotations).some((name) => name.startsWith(ANNOTATION_PREFIX))
}
