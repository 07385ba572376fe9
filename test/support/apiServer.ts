import type { Json } from './gen.ts'
import { listAt } from './tree.ts'

/**
 * What an API server does to a pod before it stores or shows it (kubernetes/kubernetes, pkg/apis/core/v1/defaults.go and
 * Go's omitempty), for everything that Lanyard writes: fields defaulted, empty values left out.
 */
export function defaulted(pod: unknown): Json {
  const copy = structuredClone(pod) as Json
  const spec = copy['spec'] as Json
  for (const container of [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')])
    defaultContainer(container)
  for (const volume of listAt(spec, 'volumes')) defaultVolume(volume)
  fill(spec, {
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  })
  return copy
}

function fill(target: Json, defaults: Json): void {
  for (const [name, value] of Object.entries(defaults)) target[name] ??= structuredClone(value)
}

function defaultContainer(container: Json): void {
  fill(container, {
    imagePullPolicy: String(container['image']).endsWith(':latest') ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
  const resources = container['resources'] as { requests?: Json; limits?: Json }
  if (resources.limits) resources.requests = { ...resources.limits, ...resources.requests }
  for (const port of listAt(container, 'ports')) fill(port, { protocol: 'TCP' })
  for (const variable of listAt(container, 'env')) defaultVariable(variable)
  for (const name of ['startupProbe', 'readinessProbe', 'livenessProbe']) defaultProbe(container[name])
  const lifecycle = (container['lifecycle'] ?? {}) as Json
  for (const hook of ['postStart', 'preStop']) defaultHttpGet((lifecycle[hook] as Json | undefined)?.['httpGet'])
}

function defaultVariable(variable: Json): void {
  if (variable['value'] === '') delete variable['value']
  const from = variable['valueFrom'] as { fieldRef?: Json } | undefined
  if (from?.fieldRef) fill(from.fieldRef, { apiVersion: 'v1' })
}

function defaultProbe(probe: unknown): void {
  if (probe === undefined) return
  fill(probe as Json, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })
  defaultHttpGet((probe as Json)['httpGet'])
}

function defaultHttpGet(action: unknown): void {
  if (action !== undefined) fill(action as Json, { path: '/', scheme: 'HTTP' })
}

function defaultVolume(volume: Json): void {
  for (const kind of ['projected', 'secret', 'configMap', 'downwardAPI']) {
    if (volume[kind] !== undefined) fill(volume[kind] as Json, { defaultMode: 0o644 })
  }
  for (const source of listAt(volume['projected'] ?? {}, 'sources')) {
    if (source['serviceAccountToken']) fill(source['serviceAccountToken'] as Json, { expirationSeconds: 3600 })
  }
}
