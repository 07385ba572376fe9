/**
 * What Prometheus's own Kubernetes discovery would find, for one that was built without it, as Debian's is: the same targets
 * with the same meta labels (Prometheus docs, "kubernetes_sd_config"), before any relabeling.
 */
import { type KubeObject, list } from './kubectl.ts'

export type Target = { readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>> }

const label = (name: string): string => name.replaceAll(/[^A-Za-z0-9_]/g, '_')
const labelsOf = (kind: string, { metadata }: KubeObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata.labels ?? {}).map(([name, value]) => [
      `__meta_kubernetes_${kind}_label_${label(name)}`,
      value,
    ]),
  )

const podLabels = (pod: KubeObject): Record<string, string> => ({
  __meta_kubernetes_namespace: pod.metadata.namespace ?? '',
  __meta_kubernetes_pod_name: pod.metadata.name,
  __meta_kubernetes_pod_phase: pod['status'].phase,
  ...labelsOf('pod', pod),
})

/** What is about to go would be a target that is down. */
const staying = async (kind: string): Promise<readonly KubeObject[]> =>
  (await list(kind)).filter(({ metadata }) => metadata.deletionTimestamp === undefined)

type Port = { readonly name?: string; readonly containerPort: number }
type WithPorts = { readonly name: string; readonly ports?: readonly Port[] }

/** Role `pod`: a target for every port of every container, init containers among them. */
export async function podTargets(): Promise<readonly Target[]> {
  return (await staying('pods')).flatMap((pod) => {
    const { containers, initContainers = [] } = pod['spec']
    return [...containers, ...initContainers].flatMap((container: WithPorts, index) =>
      (container.ports ?? []).map(({ name = '', containerPort }) => ({
        targets: [`${pod['status'].podIP}:${containerPort}`],
        labels: {
          ...podLabels(pod),
          __meta_kubernetes_pod_container_name: container.name,
          __meta_kubernetes_pod_container_init: String(index >= containers.length),
          __meta_kubernetes_pod_container_port_name: name,
        },
      })),
    )
  })
}

type Endpoint = {
  readonly addresses: readonly string[]
  readonly targetRef?: { readonly kind: string; readonly name: string }
}

/** Role `endpointslice`: a target for every port of every endpoint, with what is known of its Service and pod. */
export async function endpointTargets(): Promise<readonly Target[]> {
  const [slices, services, pods] = await Promise.all([list('endpointslices'), list('services'), staying('pods')])
  const inSame = (slice: KubeObject, name?: string) => (object: KubeObject) =>
    object.metadata.namespace === slice.metadata.namespace && object.metadata.name === name
  return slices.flatMap((slice) => {
    const service = services.find(inSame(slice, slice.metadata.labels?.['kubernetes.io/service-name']))
    const ports: readonly { name?: string; port: number }[] = slice['ports'] ?? []
    return (slice['endpoints'] ?? []).flatMap((endpoint: Endpoint) => {
      const pod = pods.find(inSame(slice, endpoint.targetRef?.name))
      if (endpoint.targetRef?.kind === 'Pod' && pod === undefined) return []
      return ports.map(({ name = '', port }) => ({
        targets: [`${endpoint.addresses[0]}:${port}`],
        labels: {
          __meta_kubernetes_namespace: slice.metadata.namespace ?? '',
          __meta_kubernetes_endpointslice_port_name: name,
          ...(service && { __meta_kubernetes_service_name: service.metadata.name, ...labelsOf('service', service) }),
          ...(pod && podLabels(pod)),
        },
      }))
    })
  })
}
