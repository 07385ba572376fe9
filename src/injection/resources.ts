import type { ConfigOf, PodValues } from '../settings/index.ts'
import { addQuantities, parseQuantity, sameQuantity } from '../settings/index.ts'
import { isEqual } from './equal.ts'
import { foreignContainers, sidecarOf } from './pod.ts'
import type { Compute, InjectionSettings, Pod, Resources } from './types.ts'

const COMPUTE = ['cpu', 'memory'] as const
type Share = InjectionSettings['resources']

const quantityOf = (of: Resources['limits'], name: Compute): string | undefined => {
  const amount = of?.[name]
  return amount === undefined ? undefined : String(amount)
}

const isSet = (resources: Resources | null | undefined): resources is Resources =>
  Object.keys(resources?.limits ?? {}).length + Object.keys(resources?.requests ?? {}).length > 0

/** Limits of CPU and memory, and requests that are equal to them or absent, which the API server makes equal. */
function isGuaranteed(resources: Resources | null | undefined): boolean {
  return COMPUTE.every((name) => {
    const limit = quantityOf(resources?.limits, name)
    const request = quantityOf(resources?.requests, name) ?? limit
    return limit !== undefined && request !== undefined && sameQuantity(limit, request)
  })
}

/** Whether the pod without us is of QoS class Guaranteed: by its own resources, else by all its containers'. */
const isPodGuaranteed = (pod: Pod): boolean =>
  isSet(pod.spec.resources)
    ? isGuaranteed(pod.spec.resources)
    : foreignContainers(pod).every(({ resources }) => isGuaranteed(resources))

/**
 * The sidecar's share, each amount by itself: the annotation, else the operator's. A request never exceeds its limit. In a
 * Guaranteed pod requests equal limits, or the pod would lose its class.
 */
export function shareOf(pod: Pod, values: PodValues, config: ConfigOf<'webhook'>): Share {
  const guaranteed = isPodGuaranteed(pod)
  const limits = {
    cpu:
      values.sidecarCpuLimit ??
      (guaranteed
        ? (values.sidecarCpuRequest ?? config['sidecar.guaranteedCpu'])
        : config['sidecar.resources.limits.cpu']),
    memory:
      values.sidecarMemoryLimit ??
      (guaranteed ? values.sidecarMemoryRequest : undefined) ??
      config['sidecar.resources.limits.memory'],
  }
  if (guaranteed) return { requests: limits, limits }
  const requests = {
    cpu: values.sidecarCpuRequest ?? config['sidecar.resources.requests.cpu'],
    memory: values.sidecarMemoryRequest ?? config['sidecar.resources.requests.memory'],
  }
  return fitted(requests, limits, values)
}

/** Where only one of the two was annotated, the other follows it rather than contradict it. */
function fitted(requests: Share['requests'], limits: Share['limits'], values: PodValues): Share {
  const asked = { cpu: values.sidecarCpuLimit, memory: values.sidecarMemoryLimit }
  const fitOf = (name: Compute): { request: string; limit: string } => {
    const [request, limit] = [requests[name], limits[name]]
    if (!isMore(request, limit)) return { request, limit }
    return asked[name] === undefined ? { request, limit: request } : { request: limit, limit }
  }
  const [cpu, memory] = [fitOf('cpu'), fitOf('memory')]
  return { requests: { cpu: cpu.request, memory: memory.request }, limits: { cpu: cpu.limit, memory: memory.limit } }
}

export const isMore = (a: string, b: string): boolean => (parseQuantity(a) ?? 0n) > (parseQuantity(b) ?? 0n)

/**
 * `spec.resources` (pod-level resources, Kubernetes 1.34) raised by our share, since the containers' must fit into them.
 * A sidecar that is there with resources has been counted.
 */
export function raisedPodResources(pod: Pod, share: Share, names: readonly string[]): Resources | undefined {
  const { resources } = pod.spec
  const uncounted = names.filter((name) => !isSet(sidecarOf(pod, name)?.resources))
  if (!isSet(resources)) return undefined
  const raiseOne = (amount: string | number, by: string): string | number =>
    uncounted.reduce<string | number>((sum) => addQuantities(String(sum), by) ?? sum, amount)
  const raise = (of: Resources['limits'], by: Share['limits']): Resources['limits'] =>
    of &&
    Object.fromEntries(
      Object.entries(of).map(([name, amount]) => [
        name,
        name === 'cpu' || name === 'memory' ? raiseOne(amount, by[name]) : amount,
      ]),
    )
  const raised: Record<string, unknown> = { ...resources }
  if (resources.requests) raised['requests'] = raise(resources.requests, share.requests)
  if (resources.limits) raised['limits'] = raise(resources.limits, share.limits)
  return isEqual(raised, resources) ? undefined : raised
}

const isSameShare = (resources: Resources, share: Share): boolean =>
  COMPUTE.every((name) =>
    (['requests', 'limits'] as const).every((kind) =>
      sameQuantity(quantityOf(resources[kind], name) ?? '', share[kind][name]),
    ),
  )

/**
 * Not where the pod says that it wants others (the API server spells quantities its own way), nor where it would cost the
 * pod its class. With pod-level resources they have been counted there.
 */
export function keepsResources(pod: Pod, name: string, values: PodValues, share: Share): boolean {
  const resources = sidecarOf(pod, name)?.resources
  if (!isSet(resources)) return false
  if (isSet(pod.spec.resources) || isSameShare(resources, share)) return true
  const { sidecarCpuLimit, sidecarCpuRequest, sidecarMemoryLimit, sidecarMemoryRequest } = values
  const asked = [sidecarCpuLimit, sidecarCpuRequest, sidecarMemoryLimit, sidecarMemoryRequest]
  return asked.every((value) => value === undefined) && (!isPodGuaranteed(pod) || isGuaranteed(resources))
}
