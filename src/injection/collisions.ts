import type { Problem } from '../errors/index.ts'
import { annotationOf } from '../settings/index.ts'
import { userMount } from './broker.ts'
import { isEqual } from './equal.ts'
import { ownsVolume, PATHS, VOLUMES } from './layout.ts'
import { isOwnName, isSidecar, list } from './pod.ts'
import type { Container, InjectionSettings, Pod, VolumeMount } from './types.ts'

/** A container that is not ours, and where it is in the pod. */
export type Placed = { readonly container: Container; readonly path: string }

export function placedContainers(pod: Pod): readonly Placed[] {
  const place = (of: readonly Container[], field: string): Placed[] =>
    of.map((container, index) => ({ container, path: `spec.${field}[${index}]` }))
  const inits = place(list(pod.spec.initContainers), 'initContainers')
  return [...inits.filter(({ container }) => !isSidecar(container)), ...place(pod.spec.containers, 'containers')]
}

/** The mount by which a target container sees its own endpoint token, and no other's. */
export const appMount = (container: string): VolumeMount => ({
  name: VOLUMES.endpoint,
  mountPath: PATHS.app,
  readOnly: true,
  subPath: container,
})
/** In direct mode: the identity token itself. */
export const identityMount: VolumeMount = { name: VOLUMES.identity, mountPath: PATHS.identity, readOnly: true }

/** Ours, of this pass or of an earlier one in another mode. */
const isOurMount = (mount: VolumeMount, container: string): boolean =>
  [appMount(container), identityMount, userMount(container)].some((ours) => isEqual(mount, ours))

export function nameProblems(placed: readonly Placed[]): Problem[] {
  return placed
    .filter(({ container }) => isOwnName(container.name))
    .map(({ container, path }) => ({
      code: 'ContainerNameTaken',
      field: `${path}.name`,
      message: `the name "${container.name}" is reserved for Lanyard`,
    }))
}

/** Ours mounted otherwise than we do, and theirs where ours (at `paths`) belongs. */
export function mountProblems(
  { container, path }: Placed,
  paths: readonly string[],
  readOnly: ReadonlySet<string>,
): Problem[] {
  return list(container.volumeMounts).flatMap((mount, index): Problem[] => {
    const field = `${path}.volumeMounts[${index}]`
    if (ownsVolume(mount.name)) {
      const message = `the volume ${mount.name} is Lanyard's own`
      return isOurMount(mount, container.name) ? [] : [{ code: 'VolumeMountedByOthers', field, message }]
    }
    const taken = paths.find((ours) => isInTheWay(mount, ours, readOnly))
    if (taken === undefined) return []
    const message = `${mount.mountPath} is in the way of ${taken}`
    return [{ code: 'MountPathTaken', field: `${field}.mountPath`, message }]
  })
}

/** At our path or below it; or above it and read-only, where no mount point can be made. */
function isInTheWay(mount: VolumeMount, path: string, readOnly: ReadonlySet<string>): boolean {
  const theirs = `${normalized(mount.mountPath)}/`
  const ours = `${path}/`
  return theirs.startsWith(ours) || (ours.startsWith(theirs) && (mount.readOnly === true || readOnly.has(mount.name)))
}

/** As the runtime resolves it in a usual image, where /var/run is a link to /run. */
function normalized(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`.replace(/^\/run(?=\/|$)/, '/var/run').replace(/^\/$/, '')
}

/** kubelet mounts these read-only, whatever the mount says. */
const READ_ONLY_SOURCES = ['secret', 'configMap', 'projected', 'downwardAPI', 'image']

/** Names of the volumes that are read-only wherever they are mounted. */
export const readOnlyVolumes = (pod: Pod): ReadonlySet<string> =>
  new Set(
    list(pod.spec.volumes)
      .filter((volume) => READ_ONLY_SOURCES.some((source) => volume[source] !== undefined))
      .map(({ name }) => name),
  )

export function portProblems(placed: readonly Placed[], settings: InjectionSettings): Problem[] {
  const { credentialsPort, metricsPort, user } = settings
  const wanted = [
    ['credentialsPort', credentialsPort],
    ['metricsPort', metricsPort],
    ...(user === undefined
      ? []
      : ([user.port, user.metricsPort] as const).map((of) => ['userCredentials', of] as const)),
  ] as const
  return placed.flatMap(({ container, path }) =>
    list(container.ports).flatMap((port, index) =>
      wanted
        .filter(([, number]) => number === port.containerPort && (port.protocol ?? 'TCP') === 'TCP')
        .map(([key, number]): Problem => {
          const message = `the sidecar needs ${number} (${annotationOf(key)})`
          // These are the operator's to choose, for all pods.
          const fix = key === 'userCredentials' ? { fix: 'Let the container listen at another port.' } : {}
          return { code: 'PortTaken', field: `${path}.ports[${index}].containerPort`, message, ...fix }
        }),
    ),
  )
}
