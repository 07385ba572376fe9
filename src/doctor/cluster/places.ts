import type { Place, TargetKind, WorkloadKind } from '../ground.ts'

/** Names of the API are DNS subdomains (RFC 1123): nothing else is asked for, since `..` would be another path. */
export const isName = (text: string): boolean => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text)

const inside = (namespace: string): string => `/api/v1/namespaces/${encodeURIComponent(namespace)}`

export const namespacePlace = (name: string): Place => ({
  path: `/api/v1/namespaces/${encodeURIComponent(name)}`,
  title: `Namespace ${name}`,
})

const core =
  (resource: string, kind: string) =>
  (namespace: string, name: string): Place => ({
    path: `${inside(namespace)}/${resource}/${encodeURIComponent(name)}`,
    title: `${kind} ${namespace}/${name}`,
  })
export const podPlace = core('pods', 'Pod')
export const configMapPlace = core('configmaps', 'ConfigMap')
export const serviceAccountPlace = core('serviceaccounts', 'ServiceAccount')

/** All pods of a namespace, or of the cluster. */
export const podsPlace = (namespace: string | undefined, selector?: string): Place => ({
  path: `${namespace === undefined ? '/api/v1' : inside(namespace)}/pods${selector === undefined ? '' : `?labelSelector=${encodeURIComponent(selector)}`}`,
  title: namespace === undefined ? 'pods of all namespaces' : `pods of namespace ${namespace}`,
})

/** The last lines of a container, so few that any sidecar's are soon here. */
export const logPlace = (namespace: string, name: string, container: string): Place => ({
  path: `${podPlace(namespace, name).path}/log?container=${encodeURIComponent(container)}&tailLines=100&limitBytes=131072`,
  title: `log of ${namespace}/${name}, container ${container}`,
})

export const metricsPlace = (namespace: string, name: string, port: number): Place => ({
  path: `${inside(namespace)}/pods/${encodeURIComponent(name)}:${port}/proxy/metrics`,
  title: `metrics of ${namespace}/${name}`,
})

/** Refusals that controllers met. */
export const failedCreatePlace = (namespace: string): Place => ({
  path: `${inside(namespace)}/events?fieldSelector=${encodeURIComponent('reason=FailedCreate')}`,
  title: `events of namespace ${namespace}`,
})

/** What happened to a pod. */
export const podEventsPlace = (namespace: string, name: string): Place => ({
  path: `${inside(namespace)}/events?fieldSelector=${encodeURIComponent(`involvedObject.kind=Pod,involvedObject.name=${name}`)}`,
  title: `events of ${namespace}/${name}`,
})

/** The creation of a pod of which nothing is kept (API concepts, dry-run). */
export const dryRunPlace = (namespace: string): Place => ({
  path: `${inside(namespace)}/pods?dryRun=All`,
  title: `dry run of a pod in namespace ${namespace}`,
})

/** The API of each kind that makes pods; the plural is the resource. */
const WORKLOADS: Readonly<Record<WorkloadKind, readonly [group: string, kind: string]>> = {
  deployment: ['apps/v1', 'Deployment'],
  statefulset: ['apps/v1', 'StatefulSet'],
  daemonset: ['apps/v1', 'DaemonSet'],
  replicaset: ['apps/v1', 'ReplicaSet'],
  job: ['batch/v1', 'Job'],
  cronjob: ['batch/v1', 'CronJob'],
}

export const isWorkload = (kind: TargetKind): kind is WorkloadKind => Object.hasOwn(WORKLOADS, kind)
export const typeOf = (kind: WorkloadKind): { readonly apiVersion: string; readonly kind: string } => {
  const [apiVersion, name] = WORKLOADS[kind]
  return { apiVersion, kind: name }
}

export function workloadPlace(kind: WorkloadKind, namespace: string, name: string): Place {
  const place = workloadsPlace(kind, namespace)
  return { path: `${place.path}/${encodeURIComponent(name)}`, title: `${WORKLOADS[kind][1]} ${namespace}/${name}` }
}

export function workloadsPlace(kind: WorkloadKind, namespace: string | undefined): Place {
  const where = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const [group] = WORKLOADS[kind]
  return { path: `/apis/${group}${where}/${kind}s`, title: `${kind}s of ${namespace ?? 'all namespaces'}` }
}

export const endpointSlicesPlace = (namespace: string, service: string): Place => ({
  path: `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?labelSelector=${encodeURIComponent(`kubernetes.io/service-name=${service}`)}`,
  title: `EndpointSlices of ${namespace}/${service}`,
})

const ADMISSION = '/apis/admissionregistration.k8s.io/v1'
export const webhookConfigurationsPlace: Place = {
  path: `${ADMISSION}/mutatingwebhookconfigurations`,
  title: 'MutatingWebhookConfigurations',
}
const OURS = `labelSelector=${encodeURIComponent('app.kubernetes.io/part-of=lanyard')}`
/** A kind that older API servers do not have. */
export const mutatingPoliciesPlace: Place = {
  path: `${ADMISSION}/mutatingadmissionpolicies?${OURS}`,
  title: 'MutatingAdmissionPolicies',
}
export const validatingPoliciesPlace: Place = {
  path: `${ADMISSION}/validatingadmissionpolicies?${OURS}`,
  title: 'ValidatingAdmissionPolicies',
}

const AUTHORIZATION = '/apis/authorization.k8s.io/v1'
export const ownRightPlace: Place = {
  path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
  title: 'SelfSubjectAccessReview',
}
export const rightPlace: Place = { path: `${AUTHORIZATION}/subjectaccessreviews`, title: 'SubjectAccessReview' }
