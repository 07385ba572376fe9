import type { Basis } from './basis.ts'
import { brokerContainer, userEnv, userMount } from './broker.ts'
import { appMount, identityMount } from './collisions.ts'
import { containerEnv, directEnv, imdsEnv } from './environment.ts'
import { BROKER, SIDECAR } from './layout.ts'
import { positionOf } from './position.ts'
import { keepsResources, raisedPodResources } from './resources.ts'
import { sidecarContainer, volumesFor } from './sidecar.ts'
import type { Grant, InjectionSettings, Plan, Target } from './types.ts'

/** How the pod is to be. */
export function planFor(basis: Basis): Plan {
  const { targets, settings } = basis
  const roles = rolesOf(basis)
  return {
    roles,
    grants: new Map(targets.map((target) => [target.container, grantOf(target, settings)])),
    sidecars: [],
    position: 0,
    volumes: volumesFor(settings),
    keepsResources: () => false,
    acceptedImages: [],
    status: statusOf(basis, roles),
    ...(settings.delivery !== 'direct' && sidecarParts(basis)),
  }
}

/** What is usual is left out: without a word about it, the protocol is `container`. */
const HOW = { container: { mode: 'sidecar' }, imds: { mode: 'sidecar', protocol: 'imds' }, direct: { mode: 'direct' } }

const statusOf = ({ settings, context: { version } }: Basis, roles: Plan['roles']): string =>
  JSON.stringify({ version, ...HOW[settings.delivery], roles })

/** Of a chain it is the last role that the container gets. */
function rolesOf({ targets, settings }: Basis): Plan['roles'] {
  const last = settings.chain?.roles.at(-1)
  return Object.fromEntries(
    targets.map(({ container, roleArn, own }) => [container, own ? roleArn : (last ?? roleArn)]),
  )
}

function grantOf(target: Target, settings: InjectionSettings): Grant {
  const { env, mounts } = ownGrant(target, settings)
  const { user } = settings
  if (user === undefined || settings.delivery === 'direct') return { env, mounts }
  const reserved = [...env.reserved, ...userEnv(user)]
  return { env: { ...env, reserved }, mounts: [...mounts, userMount(target.container)] }
}

function ownGrant({ container, roleArn }: Target, settings: InjectionSettings): Grant {
  switch (settings.delivery) {
    case 'container':
      return { env: containerEnv(settings), mounts: [appMount(container)] }
    case 'imds':
      return { env: imdsEnv(settings), mounts: [] }
    case 'direct':
      return { env: directEnv(settings, roleArn), mounts: [identityMount] }
  }
}

function sidecarParts({ pod, targets, settings, asked, context }: Basis) {
  const { user, resources, provider } = settings
  const parts = { pod, targets, settings, context }
  const names = user === undefined ? [SIDECAR] : [SIDECAR, BROKER]
  const podResources = raisedPodResources(pod, resources, names)
  return {
    sidecars: [sidecarContainer(parts), ...(user === undefined ? [] : [brokerContainer(parts, user)])],
    position: positionOf(pod, context.config['sidecar.meshContainers'], provider?.written?.writer),
    ...(podResources === undefined ? {} : { podResources }),
    keepsResources: (name: string) => keepsResources(pod, name, asked.values, resources),
    acceptedImages: context.config['sidecar.acceptedImages'] ?? [],
  }
}
