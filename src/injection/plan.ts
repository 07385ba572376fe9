import type { Asked } from './asked.ts'
import { appMount, identityMount } from './collisions.ts'
import { directEnv, sidecarEnv } from './environment.ts'
import { positionOf } from './position.ts'
import { keepsResources, raisedPodResources } from './resources.ts'
import { sidecarContainer, volumesFor } from './sidecar.ts'
import type { Grant, InjectionContext, InjectionSettings, Mode, Plan, Pod, Target } from './types.ts'

type Basis = {
  readonly pod: Pod
  readonly targets: readonly Target[]
  readonly settings: InjectionSettings
  readonly asked: Asked
  readonly context: InjectionContext
}

export const modeOf = ({ values }: Asked): Mode => values.mode ?? 'sidecar'

/** How the pod is to be. */
export function planFor(basis: Basis): Plan {
  const mode = modeOf(basis.asked)
  const roles = Object.fromEntries(basis.targets.map(({ container, roleArn }) => [container, roleArn]))
  return {
    targets: basis.targets,
    grants: new Map(basis.targets.map((target) => [target.container, grantOf(target, mode, basis.settings)])),
    position: 0,
    volumes: volumesFor(mode, basis.settings),
    keepsResources: false,
    acceptedImages: [],
    status: JSON.stringify({ version: basis.context.version, mode, roles }),
    ...(mode === 'sidecar' && sidecarParts(basis)),
  }
}

function grantOf({ container, roleArn }: Target, mode: Mode, settings: InjectionSettings): Grant {
  return mode === 'sidecar'
    ? { env: sidecarEnv(settings), mount: appMount(container) }
    : { env: directEnv(settings, roleArn), mount: identityMount }
}

function sidecarParts({ pod, targets, settings, asked, context }: Basis) {
  const podResources = raisedPodResources(pod, settings.resources)
  return {
    sidecar: sidecarContainer({ pod, targets, settings, context }),
    position: positionOf(pod, context.config['sidecar.meshContainers']),
    ...(podResources === undefined ? {} : { podResources }),
    keepsResources: keepsResources(pod, asked.values, settings.resources),
    acceptedImages: context.config['sidecar.acceptedImages'] ?? [],
  }
}
