/** Pods as app developers write them. */
import { apply, type KubeObject, kubectl, tryKubectl } from './kubectl.ts'
import { told } from './settings.ts'
import { CA, copyAuthority, endpointOf, namespace, roleArn, type StsName } from './sts.ts'

const ANNOTATION = 'lanyard.dev/role-arn'

export type PodOptions = {
  readonly role?: string | undefined
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly sts?: StsName
  /** Of the app's container, run by sh. */
  readonly script?: string
  readonly initScript?: string
  readonly restartPolicy?: 'Always' | 'Never' | 'OnFailure'
  readonly spec?: Readonly<Record<string, unknown>>
  /** Merged into the app's container. */
  readonly container?: Readonly<Record<string, unknown>>
}

/** Prints the ARN that the AWS CLI, unmodified, has by the credentials that it finds. */
export const WHO_AM_I = 'aws sts get-caller-identity --query Arn --output text'
/** Says READY and stays. */
export const STAY = `${WHO_AM_I} && echo READY && exec sleep infinity`

/** What PSA `restricted` asks of a container. */
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
}

function clientContainer(name: string, script: string, sts: StsName): object {
  return {
    name,
    image: told().images.client,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', script],
    env: [
      { name: 'AWS_ENDPOINT_URL_STS', value: endpointOf(sts) },
      { name: 'AWS_CA_BUNDLE', value: `/etc/sts/${CA.key}` },
      { name: 'HOME', value: '/tmp' },
    ],
    volumeMounts: [{ name: 'sts-ca', mountPath: '/etc/sts', readOnly: true }],
    securityContext: restricted,
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
  }
}

/** The template of a pod that uses the AWS CLI: one annotation, and nothing else of ours. */
export function podTemplate(options: PodOptions = {}): { metadata: object; spec: Readonly<Record<string, unknown>> } {
  const { role = 'web', annotations = {}, labels = {}, sts = 'sts', script = STAY, initScript } = options
  const init = initScript === undefined ? {} : { initContainers: [clientContainer('init', initScript, sts)] }
  return {
    metadata: {
      annotations: {
        ...('role' in options && options.role === undefined ? {} : { [ANNOTATION]: roleArn(role) }),
        ...annotations,
      },
      labels: { suite: 'e2e', ...labels },
    },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...(options.restartPolicy === undefined ? {} : { restartPolicy: options.restartPolicy }),
      ...init,
      containers: [{ ...clientContainer('app', script, sts), ...options.container }],
      volumes: [{ name: 'sts-ca', configMap: { name: CA.configMap } }],
      ...options.spec,
    },
  }
}

export function pod(name: string, where: string, options: PodOptions = {}): object {
  const { metadata, spec } = podTemplate(options)
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace: where }, spec }
}

/** A Deployment, StatefulSet or DaemonSet. */
export function workload(
  kind: string,
  name: string,
  where: string,
  options: PodOptions & { readonly replicas?: number } = {},
): object {
  const { replicas = 1, ...rest } = options
  const template = podTemplate({ ...rest, labels: { ...rest.labels, app: name } })
  const size = kind === 'DaemonSet' ? {} : { replicas }
  const service = kind === 'StatefulSet' ? { serviceName: name } : {}
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: where },
    spec: { ...size, ...service, selector: { matchLabels: { app: name } }, template },
  }
}

export function job(name: string, where: string, options: PodOptions = {}): object {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: where }, spec: jobSpec(options) }
}

export function cronJob(name: string, where: string, options: PodOptions = {}): object {
  const spec = { schedule: '* * * * *', jobTemplate: { spec: jobSpec(options) } }
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, namespace: where }, spec }
}

const jobSpec = (options: PodOptions): object => ({
  backoffLimit: 0,
  template: podTemplate({ restartPolicy: 'Never', script: WHO_AM_I, ...options }),
})

/** The smallest pod that Lanyard injects, for what never runs. */
export const tinyPod = (where: string, metadata: object = {}, annotated = true): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    generateName: 'tiny-',
    namespace: where,
    ...(annotated && { annotations: { [ANNOTATION]: roleArn('web') } }),
    ...metadata,
  },
  spec: {
    containers: [
      { name: 'app', image: told().images.client, imagePullPolicy: 'IfNotPresent', command: ['sleep', 'infinity'] },
    ],
  },
})

/** A namespace for a suite, with the authority of STS for its apps. */
export async function makeNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await tryKubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=90s'])
  await apply([namespace(name, labels)])
  await copyAuthority(name)
}

/** Has it deleted, and does not wait for it. */
export async function dropNamespace(name: string): Promise<void> {
  await tryKubectl(['delete', 'namespace', name, '--ignore-not-found', '--wait=false'])
}

export const sidecarOf = (object: KubeObject): KubeObject | undefined =>
  object['spec'].initContainers?.find((container: { readonly name: string }) => container.name === 'lanyard')

/** `REASON MESSAGE` a line: of all objects there, or of one. */
export function eventsOf(where: string, name?: string): Promise<string> {
  const which = name === undefined ? [] : [`--field-selector=involvedObject.name=${name}`]
  const format = 'jsonpath={range .items[*]}{.reason} {.message}{"\\n"}{end}'
  return kubectl(['get', 'events', '-n', where, ...which, '-o', format])
}
