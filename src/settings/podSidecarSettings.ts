import { unprivilegedPort } from './kinds/basic.ts'
import { like } from './kinds/kind.ts'
import { quantity } from './kinds/kubernetes.ts'
import type { PodSetting } from './podSetting.ts'

/** What a pod can say about the sidecar itself: what it costs, and its ports. */
export const podSidecarSettings = {
  sidecarCpuRequest: {
    annotation: 'sidecar-cpu-request',
    kind: quantity('cpu', '5m'),
    doc: 'CPU that the sidecar requests.',
    operator: 'sidecar.resources.requests.cpu',
    direct: 'moot',
  },
  sidecarCpuLimit: {
    annotation: 'sidecar-cpu-limit',
    kind: quantity('cpu', '1'),
    doc: 'CPU limit of the sidecar.',
    operator: 'sidecar.resources.limits.cpu',
    direct: 'moot',
  },
  sidecarMemoryRequest: {
    annotation: 'sidecar-memory-request',
    kind: quantity('memory', '64Mi'),
    doc: 'Memory that the sidecar requests.',
    operator: 'sidecar.resources.requests.memory',
    direct: 'moot',
  },
  sidecarMemoryLimit: {
    annotation: 'sidecar-memory-limit',
    kind: quantity('memory', '128Mi'),
    doc: 'Memory limit of the sidecar.',
    operator: 'sidecar.resources.limits.memory',
    direct: 'moot',
  },
  credentialsPort: {
    annotation: 'credentials-port',
    env: 'LANYARD_CREDENTIALS_PORT',
    kind: unprivilegedPort,
    doc: "Port of the credentials endpoint on the pod's loopback.",
    operator: 'defaults.credentialsPort',
    direct: 'moot',
  },
  metricsPort: {
    annotation: 'metrics-port',
    env: 'LANYARD_METRICS_PORT',
    kind: like(unprivilegedPort, '9798'),
    doc: "Port of the sidecar's health and metrics.",
    operator: 'defaults.metricsPort',
    direct: 'moot',
  },
} as const satisfies Record<string, PodSetting>
