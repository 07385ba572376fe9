/** What is read of a pod that may have our sidecar. */
import { layout } from '../../injection/index.ts'
import type { Container } from '../../injection/types.ts'
import { ANNOTATION_PREFIX, STATUS_ANNOTATION } from '../../settings/index.ts'
import { asCommand } from '../../terminal/shell.ts'
import type { Subject } from '../ground.ts'
import {
  annotationsOf,
  controllerOf,
  itemsAt,
  type JsonObject,
  nameOf,
  namespaceOf,
  textAt,
  textsAt,
} from './objects.ts'

/** The sidecar as the pod has it; undefined where it has none. */
export function sidecarIn(pod: JsonObject): Container | undefined {
  const found = itemsAt(pod, 'spec', 'initContainers').find((each) => textAt(each, 'name') === layout.SIDECAR)
  return found as Container | undefined
}

/** Whether Lanyard has been at it, with a sidecar or without. */
export const isInjected = (pod: JsonObject): boolean =>
  sidecarIn(pod) !== undefined || Object.hasOwn(annotationsOf(pod), STATUS_ANNOTATION)

/** Whether it says anything to Lanyard, or Lanyard has been at it. */
export const isOurs = (pod: JsonObject): boolean =>
  sidecarIn(pod) !== undefined || Object.keys(annotationsOf(pod)).some((name) => name.startsWith(ANNOTATION_PREFIX))

/** What kubelet says of the sidecar (ContainerStatus); undefined where it says nothing yet. */
export const sidecarStatus = (pod: JsonObject): JsonObject | undefined =>
  itemsAt(pod, 'status', 'initContainerStatuses').find((each) => textAt(each, 'name') === layout.SIDECAR)

/** Whether it has come to its end, so that nothing in it runs any more. */
export const isOver = (pod: JsonObject): boolean =>
  ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '')

/** Whether there is a sidecar that can be asked. */
export const canTell = ({ isLive, pod }: Pick<Subject, 'isLive' | 'pod'>): boolean =>
  isLive && sidecarIn(pod) !== undefined && !isOver(pod)

/** How troubled a pod looks, most first: the sidecar does not run, there is none, it runs. */
export function troubleOf(pod: JsonObject): number {
  if (isOver(pod)) return 4
  if (sidecarIn(pod) === undefined) return isInjected(pod) ? 3 : 1
  const status = sidecarStatus(pod)
  if (status?.['ready'] !== true || status['started'] === false) return 0
  return typeof status['restartCount'] === 'number' && status['restartCount'] > 0 ? 2 : 3
}

/** What to run so that a pod is made anew by whoever keeps it. A ReplicaSet is named after its Deployment and the pods' hash. */
export function renewalOf(pod: JsonObject): string {
  const kubectl = `kubectl -n ${namespaceOf(pod)}`
  const owner = controllerOf(pod)
  const hash = textsAt(pod, 'metadata', 'labels')['pod-template-hash']
  if (owner === undefined)
    return `${asCommand(`${kubectl} delete pod ${nameOf(pod)}`)}, and create it again from its manifest`
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
    return asCommand(`${kubectl} rollout restart deployment/${owner.name.slice(0, -hash.length - 1)}`)
  if (owner.kind === 'StatefulSet' || owner.kind === 'DaemonSet')
    return asCommand(`${kubectl} rollout restart ${owner.kind.toLowerCase()}/${owner.name}`)
  return `${asCommand(`${kubectl} delete pod ${nameOf(pod)}`)} (${owner.kind} ${owner.name} makes it anew)`
}
