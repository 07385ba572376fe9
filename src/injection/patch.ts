import { STATUS_ANNOTATION } from '../settings/index.ts'
import { desiredEnv } from './environment.ts'
import { isEqual } from './equal.ts'
import { ownsVolume } from './layout.ts'
import { add, listPatch, pointer } from './listPatch.ts'
import { matchesAny } from './patterns.ts'
import { isSidecar, list } from './pod.ts'
import type { Container, JsonPatchOperation, Plan, Pod, Volume, VolumeMount } from './types.ts'

/**
 * What takes the pod to the plan and no further: nothing where it is there already. Everything of ours that an earlier
 * pass, a copy or a forger left is rebuilt; everything else keeps its place and its unknown fields.
 */
export function toPatch(pod: Pod, plan: Plan): readonly JsonPatchOperation[] {
  const { spec } = pod
  return [
    ...statusPatch(pod, plan),
    ...listPatch('/spec/volumes', spec.volumes, desiredVolumes(pod, plan)),
    // The containers' own lists first: their indexes are those of the pod as it came.
    ...list(spec.initContainers).flatMap((container, index) =>
      isSidecar(container) ? [] : containerPatch(container, `/spec/initContainers/${index}`, plan),
    ),
    ...spec.containers.flatMap((container, index) => containerPatch(container, `/spec/containers/${index}`, plan)),
    ...listPatch('/spec/initContainers', spec.initContainers, desiredInitContainers(pod, plan)),
    ...(plan.podResources === undefined
      ? []
      : [{ op: 'replace' as const, path: '/spec/resources', value: plan.podResources }]),
  ]
}

const ANNOTATIONS = '/metadata/annotations'
const STATUS = ANNOTATIONS + pointer(STATUS_ANNOTATION)

/** A pod that says nothing itself may have no annotations to add one to. */
function statusPatch({ metadata: { annotations } }: Pod, { status }: Plan): readonly JsonPatchOperation[] {
  if (annotations === undefined || annotations === null) return [add(ANNOTATIONS, { [STATUS_ANNOTATION]: status })]
  return annotations[STATUS_ANNOTATION] === status ? [] : [add(STATUS, status)]
}

function containerPatch(container: Container, path: string, plan: Plan): readonly JsonPatchOperation[] {
  const grant = plan.grants.get(container.name)
  const mounts = grant?.mounts ?? []
  return [
    ...listPatch(`${path}/env`, container.env, desiredEnv(container, grant?.env)),
    ...listPatch(`${path}/volumeMounts`, container.volumeMounts, desiredMounts(container, mounts)),
  ]
}

const desiredMounts = (container: Container, wanted: readonly VolumeMount[]): readonly VolumeMount[] =>
  withOwn(list(container.volumeMounts), (mount) => ownsVolume(mount.name), wanted)

function desiredVolumes(pod: Pod, plan: Plan): readonly Volume[] {
  return withOwn(list(pod.spec.volumes), (volume) => ownsVolume(volume.name), plan.volumes)
}

/** A list with ours in it exactly once: what is right stays where it is, what is wrong goes, what is missing is appended. */
function withOwn<T>(current: readonly T[], isOurs: (item: T) => boolean, wanted: readonly T[]): readonly T[] {
  const missing = [...wanted]
  const kept = current.filter((item) => {
    if (!isOurs(item)) return true
    const at = missing.findIndex((candidate) => isEqual(candidate, item))
    return at >= 0 && missing.splice(at, 1).length > 0
  })
  return [...kept, ...missing]
}

function desiredInitContainers(pod: Pod, plan: Plan): readonly Container[] {
  const current = list(pod.spec.initContainers)
  const foreign = current.filter((container) => !isSidecar(container))
  const ours = plan.sidecars.map((planned, index) => {
    const sidecar = settled(
      current.find(({ name }) => name === planned.name),
      planned,
      plan,
    )
    // Where it is to move, it moves (as a copy), and not the others round it: those are patched where they stand.
    return current[plan.position + index] === sidecar ? sidecar : { ...sidecar }
  })
  return [...foreign.slice(0, plan.position), ...ours, ...foreign.slice(plan.position)]
}

/**
 * The sidecar that is there, where it is ours but for what others may change: resources (where the pod asks for none), an
 * accepted image, and a stricter pull policy, which the AlwaysPullImages plugin insists on.
 */
function settled(existing: Container | undefined, planned: Container, plan: Plan): Container {
  if (existing === undefined || !isSidecar(existing)) return planned
  const { resources, image, imagePullPolicy } = existing
  const wanted = {
    ...planned,
    ...(plan.keepsResources(planned.name) && { resources }),
    ...(image !== undefined && matchesAny(image, plan.acceptedImages) && { image }),
    ...(imagePullPolicy === 'Always' && { imagePullPolicy }),
  }
  return isEqual(existing, wanted) ? existing : wanted
}
