import type { Asked } from './asked.ts'
import { appMount, identityMount } from './collisions.ts'
import { containerEnv, directEnv, imdsEnv } from './environment.ts'
import { positionOf } from './position.ts'
import { keepsResources, raisedPodResources } from './resources.ts'
import { sidecarContainer, volumesFor } from './sidecar.ts'
import type { Grant, InjectionContext, InjectionSettings, Plan, Pod, Target } from './types.ts'

/** What was found out about a pod that asks. */
export type Basis = {
  readonly pod: Pod
  readonly targets: readonly Target[]
  readonly settings: InjectionSettings
  readonly asked: Asked
  readonly context: InjectionContext
}

/** How the pod is to be. */
export function planFor(basis: Basis): Plan {
  const { targets, settings } = basis
  return {
    targets,
    grants: new Map(targets.map((target) => [target.container, grantOf(target, settings)])),
    position: 0,
    volumes: volumesFor(settings),
    keepsResources: false,
    acceptedImages: [],
    status: statusOf(basis),
    ...(settings.delivery !== 'direct' && sidecarParts(basis)),
  }
}

/** What is usual is left out: without a word about it, the protocol is `container`. */
const HOW = { container: { mode: 'sidecar' }, imds: { mode: 'sidecar', protocol: 'imds' }, direct: { mode: 'direct' } }

function statusOf({ targets, settings, context: { version } }: Basis): string {
  const roles = Object.fromEntries(targets.map(({ container, roleArn }) => [container, roleArn]))
  return JSON.stringify({ version, ...HOW[settings.delivery], roles })
}

function grantOf({ container, roleArn }: Target, settings: InjectionSettings): Grant {
  switch (settings.delivery) {
    case 'container':
      return { env: containerEnv(settings), mount: appMount(container) }
    case 'imds':
      return { env: imdsEnv(settings) }
    case 'direct':
      return { env: directEnv(settings, roleArn), mount: identityMount }
  }
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
