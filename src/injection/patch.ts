import { STATUS_ANNOTATION } from '../settings/index.ts'
import { appMount } from './collisions.ts'
import { desiredEnv } from './environment.ts'
import { isEqual } from './equal.ts'
import { ownsVolume } from './layout.ts'
import { add, listPatch } from './listPatch.ts'
import { matchesAny } from './patterns.ts'
import { isSidecar, list } from './pod.ts'
import type { Container, JsonPatchOperation, Plan, Pod, Volume, VolumeMount } from './types.ts'

/**
 * What takes the pod to the plan and no further: nothing where it is there already. Everything of ours that an earlier
 * pass, a copy or a forger left is rebuilt; everything else keeps its place and its unknown fields.
 */
export function toPatch(pod: Pod, plan: Plan): readonly JsonPatchOperation[] {
  const annotations = pod.metadata.annotations ?? {}
  const { spec } = pod
  return [
    ...(annotations[STATUS_ANNOTATION] === plan.status
      ? []
      : [add(pointer('metadata', 'annotations', STATUS_ANNOTATION), plan.status)]),
    ...listPatch(pointer('spec', 'volumes'), spec.volumes, desiredVolumes(pod, plan)),
    // The containers' own lists first: their indexes are those of the pod as it came.
    ...list(spec.initContainers).flatMap((container, index) =>
      isSidecar(container) ? [] : containerPatch(container, pointer('spec', 'initContainers', String(index)), plan),
    ),
    ...spec.containers.flatMap((container, index) =>
      containerPatch(container, pointer('spec', 'containers', String(index)), plan),
    ),
    ...listPatch(pointer('spec', 'initContainers'), spec.initContainers, desiredInitContainers(pod, plan)),
    ...(plan.podResources === undefined
      ? []
      : [{ op: 'replace' as const, path: pointer('spec', 'resources'), value: plan.podResources }]),
  ]
}

/** RFC 6901: `~` and `/` in a key are escaped. */
const pointer = (...keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function containerPatch(container: Container, path: string, plan: Plan): readonly JsonPatchOperation[] {
  const isTarget = plan.targets.some((target) => target.container === container.name)
  return [
    ...listPatch(`${path}/env`, container.env, desiredEnv(container, isTarget ? plan.settings : undefined)),
    ...listPatch(`${path}/volumeMounts`, container.volumeMounts, desiredMounts(container, isTarget)),
  ]
}

function desiredMounts(container: Container, isTarget: boolean): readonly VolumeMount[] {
  return withOwn(
    list(container.volumeMounts),
    (mount) => ownsVolume(mount.name),
    isTarget ? [appMount(container.name)] : [],
  )
}

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
  const sidecar = settled(current.find(isSidecar), plan)
  // Where it is to move, it moves (as a copy), and not the others round it: those are patched where they stand.
  const placed = current[plan.position] === sidecar ? sidecar : { ...sidecar }
  return [...foreign.slice(0, plan.position), placed, ...foreign.slice(plan.position)]
}

/**
 * The sidecar that is there, where it is ours but for what others may change: resources (where the pod asks for none), an
 * accepted image, and a stricter pull policy, which the AlwaysPullImages plugin insists on.
 */
function settled(existing: Container | undefined, plan: Plan): Container {
  if (existing === undefined) return plan.sidecar
  const { resources, image, imagePullPolicy } = existing
  const wanted = {
    ...plan.sidecar,
    ...(plan.keepsResources && { resources }),
    ...(image !== undefined && matchesAny(image, plan.acceptedImages) && { image }),
    ...(imagePullPolicy === 'Always' && { imagePullPolicy }),
  }
  return isEqual(existing, wanted) ? existing : wanted
}
