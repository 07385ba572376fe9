import { matchesAny } from './patterns.ts'
import { foreignInitContainers } from './pod.ts'
import type { Container, InjectionContext, InjectionSettings, Pod } from './types.ts'

/** In a mesh's CNI mode these check the redirect rules, which are there before any container. */
const CNI_VALIDATORS: readonly string[] = ['istio-validation', 'linkerd-network-validator']

/** Behind the container that writes the identity, where there is one; else as the mesh wants it. */
export function positionOf(pod: Pod, mesh: readonly string[] | undefined, writer?: string): number {
  const behindWriter = foreignInitContainers(pod).findIndex(({ name }) => name === writer) + 1
  return Math.max(meshPosition(pod, mesh), behindWriter)
}

/**
 * Where the sidecar stands among the pod's other init containers. Behind redirect rules without their proxy it would wait
 * for ever, so: right behind a mesh whose proxy is a native sidecar; else first, which is before the rules are made, and
 * also where init containers of the app stand before those that make them.
 */
function meshPosition(pod: Pod, mesh: readonly string[] | undefined): number {
  const inits = foreignInitContainers(pod)
  const isMesh = inits.map((container) => matchesAny(container.name, mesh))
  const isProxy = ({ restartPolicy }: Container, index: number): boolean =>
    isMesh[index] === true && restartPolicy === 'Always'
  const makesRules = (container: Container, index: number): boolean =>
    isMesh[index] === true && !isProxy(container, index) && !CNI_VALIDATORS.includes(container.name)
  if (!inits.some(isProxy) || (isMesh[0] !== true && inits.some(makesRules))) return 0
  return isMesh.lastIndexOf(true) + 1
}

/** What the place of the sidecar costs somebody. */
export function placeWarnings(pod: Pod, { provider }: InjectionSettings, { config }: InjectionContext): string[] {
  const mesh = config['sidecar.meshContainers']
  const writer = provider?.written?.writer
  const inits = foreignInitContainers(pod)
  const at = positionOf(pod, mesh, writer)
  const early = inits.slice(0, at).filter(({ name }) => name !== writer && !matchesAny(name, mesh))
  const before = writer === undefined ? "the mesh's proxy" : `${writer}, which writes the identity,`
  const warnings = early.map(
    ({ name }) => `container ${name} starts before ${before} and the sidecar behind it: it gets no credentials`,
  )
  const hasProxy = inits.some(({ name, restartPolicy }) => restartPolicy === 'Always' && matchesAny(name, mesh))
  const makesRules = inits.slice(0, at).some(({ name }) => matchesAny(name, mesh))
  if (!hasProxy && (makesRules || inits.some(({ name }) => CNI_VALIDATORS.includes(name)))) {
    warnings.push(
      "the mesh redirects this pod's traffic before its proxy runs, so the sidecar cannot reach STS: run the proxy as a native sidecar",
    )
  }
  return warnings
}
