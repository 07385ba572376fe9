/** A cluster of one installation and one pod, all well; each test changes what it is about. */
import type { ClusterPort, Ground, Place, Subject } from '../../../../src/doctor/ground.ts'
import { createGround, readTarget } from '../../../../src/doctor/index.ts'
import type { Check, Finding } from '../../../../src/doctor/types.ts'
import { type Code, Failure, failOn } from '../../../../src/errors/index.ts'
import { readConfig } from '../../../../src/settings/index.ts'
import { mutated } from '../../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../../support/gen.ts'

export const NOW = Date.parse('2026-11-27T12:00:00Z')
export const SYSTEM = 'lanyard-system'

/** By path without its query; a Failure is thrown. Lists are arrays, texts texts. */
export type World = Map<string, unknown>
type Creating = (place: Place, object: Json) => { status: number; value: Json }

export const failure = (code: Code, message = 'HTTP 403'): Failure => new Failure({ code, field: 'it', message })
export const FORBIDDEN = failure('ClusterForbidden')

export const PATHS = {
  version: '/version',
  configurations: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  policies: '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
  guards: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  config: `/api/v1/namespaces/${SYSTEM}/configmaps/lanyard-webhook`,
  deployment: `/apis/apps/v1/namespaces/${SYSTEM}/deployments/lanyard-webhook`,
  slices: `/apis/discovery.k8s.io/v1/namespaces/${SYSTEM}/endpointslices`,
  webhookPods: `/api/v1/namespaces/${SYSTEM}/pods`,
  systemEvents: `/api/v1/namespaces/${SYSTEM}/events`,
  pods: '/api/v1/namespaces/shop/pods',
  pod: '/api/v1/namespaces/shop/pods/web',
  log: '/api/v1/namespaces/shop/pods/web/log',
  metrics: '/api/v1/namespaces/shop/pods/web:9798/proxy/metrics',
  events: '/api/v1/namespaces/shop/events',
  namespace: '/api/v1/namespaces/shop',
  account: '/api/v1/namespaces/shop/serviceaccounts/default',
} as const

export const configuration = (caBundle: string, entry: Json = {}): Json => ({
  metadata: { name: 'lanyard-webhook', creationTimestamp: '2026-11-20T00:00:00Z' },
  webhooks: ['pods', 'defaults'].map((name) => ({
    name: `${name}.lanyard.dev`,
    clientConfig: { service: { namespace: SYSTEM, name: 'lanyard-webhook' }, caBundle },
    namespaceSelector: {
      ...(name === 'defaults' && { matchLabels: { 'lanyard.dev/injection': 'enabled' } }),
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [SYSTEM] }],
    },
    ...entry,
  })),
})

/** Settings over the smallest, as the webhook's file has them. */
export const configMap = (settings: Json = {}): Json => ({
  data: { 'config.yaml': JSON.stringify({ 'sidecar.image': gen.image, 'aws.region': 'eu-west-1', ...settings }) },
})

export const namespace = (name = 'shop', labels: Json = {}, annotations: Json = {}): Json => ({
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels }, annotations },
})

const RUNNING = {
  name: 'lanyard',
  ready: true,
  started: true,
  restartCount: 0,
  state: { running: { startedAt: '2026-11-27T11:00:00Z' } },
}

/** As the API server would have the pod of a name, injected by the settings. */
export function injectedPod(pod: Json = gen.pod(), status: Json = {}, settings: Json = {}): Json {
  return {
    ...mutated(pod, gen.context(settings)),
    status: { phase: 'Running', initContainerStatuses: [{ ...RUNNING, ...status }] },
  }
}

/** One whose sidecar is in that state. */
export const podInState = (status: Json): Json => injectedPod(gen.pod(), { started: false, ready: false, ...status })

export const METRICS = [
  `lanyard_credentials_expiration_timestamp_seconds{session="default",role="${ROLE}"} ${NOW / 1_000 + 1_800}`,
  `lanyard_credentials_last_refresh_timestamp_seconds{session="default",role="${ROLE}"} ${NOW / 1_000 - 1_800}`,
  'lanyard_endpoint_requests_total{protocol="container",code="200"} 3',
].join('\n')

const deployment: Json = {
  metadata: { name: 'lanyard-webhook', labels: { 'app.kubernetes.io/version': '0.1.0' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { 'app.kubernetes.io/component': 'webhook' } },
    template: { spec: { serviceAccountName: 'lanyard-webhook', containers: [{ name: 'webhook' }] } },
  },
  status: { readyReplicas: 2 },
}
export const webhookDeployment = (status: Json, spec: Json = {}): Json => ({
  ...deployment,
  spec: { ...(deployment['spec'] as Json), ...spec },
  status,
})

export const world = (caBundle: string, more: Readonly<Record<string, unknown>> = {}): World =>
  new Map<string, unknown>([
    [PATHS.version, JSON.stringify({ gitVersion: 'v1.36.3' })],
    [PATHS.configurations, [configuration(caBundle)]],
    [PATHS.policies, []],
    [PATHS.config, configMap()],
    [PATHS.deployment, deployment],
    [PATHS.slices, [{ endpoints: [{ conditions: { ready: true } }] }]],
    [PATHS.webhookPods, []],
    [PATHS.pod, injectedPod()],
    [PATHS.pods, [injectedPod()]],
    [PATHS.log, ''],
    [PATHS.metrics, METRICS],
    [PATHS.events, []],
    [PATHS.namespace, namespace()],
    [PATHS.account, { metadata: { name: 'default', namespace: 'shop' } }],
    ...Object.entries(more),
  ])

const ALLOWED: Creating = ({ path }, object) =>
  path.includes('accessreview')
    ? { status: 201, value: { status: { allowed: true } } }
    : { status: 201, value: mutatedCopy(object) }

/** As a webhook that is well makes it. */
const mutatedCopy = (object: Json): Json => {
  const annotations = (object['metadata'] as Json)['annotations'] as Json | undefined
  return annotations?.['lanyard.dev/role-arn'] === undefined ? object : mutated(object, gen.context())
}

export const refusing =
  (words: string, status = 403): Creating =>
  (place, object) =>
    place.path.includes('dryRun') ? { status, value: { message: words } } : ALLOWED(place, object)

export type Asked = { readonly place: Place; readonly object?: Json }

export function clusterOf(things: World, creating: Creating = ALLOWED) {
  const asked: Asked[] = []
  const look = (place: Place): unknown => {
    asked.push({ place })
    const found = things.get(place.path.split('?')[0] ?? '')
    if (found instanceof Failure) throw found
    return found
  }
  const cluster: ClusterPort = {
    get: async (place) => look(place) as Json | undefined,
    list: async (place) => (look(place) ?? []) as readonly Json[],
    text: async (place) => {
      const text = look(place)
      if (typeof text !== 'string') throw failure('ClusterObjectMissing', 'HTTP 404')
      return text
    },
    create: async (place, object) => {
      asked.push({ place, object: object as Json })
      return creating(place, object as Json)
    },
  }
  return { cluster, asked }
}

export type GroundSetup = {
  readonly target?: string
  readonly namespace?: string
  readonly creating?: Creating
  readonly isDryRunAllowed?: boolean
}

/** The ground of `pod/web -n shop`, if not told otherwise. */
export function groundOf(
  things: World,
  { target = 'pod/web', namespace: where = 'shop', creating, isDryRunAllowed = true }: GroundSetup = {},
) {
  const { cluster, asked } = clusterOf(things, creating)
  const ground = createGround({
    target: target === '' ? readTarget(undefined, where === '' ? undefined : where) : readTarget(target, where),
    systemNamespace: SYSTEM,
    isDryRunAllowed,
    cluster,
    readWebhookConfig: (text) => {
      const { values, problems } = readConfig('webhook', { file: JSON.parse(text) })
      failOn(problems)
      return values
    },
    version: '9.9.9',
    fetchPublic: () => Promise.reject(new Error('nobody asks')),
    now: () => NOW,
  })
  return { ground, asked }
}

export const look = (check: Check<Ground>, ground: Ground): Promise<readonly Finding[]> =>
  check.look(ground, new AbortController().signal)

export const focusOf = async (ground: Ground): Promise<Subject> => {
  const subject = await ground.focus()
  if (subject === undefined) throw new Error('there is no subject')
  return subject
}
