/** A real Prometheus in the cluster, told what to scrape by the chart's own monitors, as the Prometheus operator would. */
import { endpointTargets, podTargets } from './discovery.ts'
import { apply, kubectl, raw, rolledOut } from './kubectl.ts'
import { told } from './settings.ts'

const WHERE = 'e2e-prometheus'
const NAME = 'prometheus'
const TARGETS = '/targets'

type Relabeling = {
  readonly sourceLabels?: readonly string[]
  readonly targetLabel?: string
  readonly separator?: string
  readonly regex?: string
  readonly replacement?: string
  readonly action?: string
}
type Endpoint = {
  readonly port: string
  readonly path?: string
  readonly interval?: string
  readonly relabelings?: readonly Relabeling[]
}
// biome-ignore lint/suspicious/noExplicitAny: rendered YAML
type Monitor = { readonly kind: string; readonly metadata: any; readonly spec: any }

const own = (name: string): object => ({ name, namespace: WHERE })

/** What the Prometheus operator makes of a PodMonitor or ServiceMonitor (its docs: "scrape configuration"). */
export function scrapeConfigsOf(monitor: Monitor, release: string): object[] {
  const role = monitor.kind === 'PodMonitor' ? 'pod' : 'endpointslice'
  const endpoints: readonly Endpoint[] = monitor.spec.podMetricsEndpoints ?? monitor.spec.endpoints
  return endpoints.map((endpoint, index) => ({
    job_name: `${monitor.metadata.name}/${index}`,
    metrics_path: endpoint.path ?? '/metrics',
    // Everything in seconds rather than in minutes.
    scrape_interval: '2s',
    file_sd_configs: [{ files: [`${TARGETS}/${role}.json`], refresh_interval: '1s' }],
    relabel_configs: [
      ...namespacesOf(monitor, release),
      ...selecting(monitor, endpoint.port),
      ...naming(role),
      ...(endpoint.relabelings ?? []).map(snake),
    ],
  }))
}

/** The operator asks the API server for these namespaces alone; here it comes to the same. */
function namespacesOf({ spec }: Monitor, release: string): object[] {
  if (spec.namespaceSelector?.any) return []
  const names: readonly string[] = spec.namespaceSelector?.matchNames ?? [release]
  return [{ source_labels: ['__meta_kubernetes_namespace'], regex: names.join('|'), action: 'keep' }]
}

function selecting({ kind, spec }: Monitor, port: string): object[] {
  const isPod = kind === 'PodMonitor'
  const label = (name: string): string => name.replaceAll(/[^A-Za-z0-9_]/g, '_')
  const labels = Object.entries(spec.selector?.matchLabels ?? {}).map(([name, value]) => ({
    source_labels: [`__meta_kubernetes_${isPod ? 'pod' : 'service'}_label_${label(name)}`],
    regex: value,
    action: 'keep',
  }))
  const portLabel = isPod ? '__meta_kubernetes_pod_container_port_name' : '__meta_kubernetes_endpointslice_port_name'
  const ended = { source_labels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)', action: 'drop' }
  return [ended, ...labels, { source_labels: [portLabel], regex: port, action: 'keep' }]
}

const naming = (role: string): object[] =>
  [
    ['__meta_kubernetes_namespace', 'namespace'],
    ['__meta_kubernetes_pod_name', 'pod'],
    ...(role === 'pod'
      ? [['__meta_kubernetes_pod_container_name', 'container']]
      : [
          ['__meta_kubernetes_service_name', 'service'],
          ['__meta_kubernetes_service_name', 'job'],
        ]),
  ].map(([source, target]) => ({ source_labels: [source], target_label: target }))

function snake(relabeling: Relabeling): object {
  const { sourceLabels, targetLabel, ...same } = relabeling
  return {
    ...same,
    ...(sourceLabels && { source_labels: sourceLabels }),
    ...(targetLabel && { target_label: targetLabel }),
  }
}

/** Starts it with these scrape configurations and rules, and tells it of the pods that are there. */
export async function startPrometheus(scrapeConfigs: readonly object[], rules: string): Promise<void> {
  const config = {
    global: { evaluation_interval: '2s' },
    rule_files: ['/etc/prometheus/rules.yaml'],
    scrape_configs: scrapeConfigs,
  }
  const container = {
    name: NAME,
    image: told().images.prometheus,
    imagePullPolicy: 'IfNotPresent',
    args: ['--config.file=/etc/prometheus/prometheus.json', '--storage.tsdb.path=/data', '--web.listen-address=:9090'],
    ports: [{ name: 'web', containerPort: 9090 }],
    readinessProbe: { httpGet: { path: '/-/ready', port: 9090 }, periodSeconds: 1 },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/prometheus' },
      { name: 'data', mountPath: '/data' },
      { name: 'targets', mountPath: TARGETS },
    ],
  }
  const volumes = [
    { name: 'config', configMap: { name: NAME } },
    { name: 'data', emptyDir: {} },
    { name: 'targets', emptyDir: {} },
  ]
  const labels = { app: NAME }
  const spec = {
    terminationGracePeriodSeconds: 1,
    containers: [container],
    volumes,
    securityContext: { fsGroup: 65534 },
  }
  await apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: WHERE } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: own(NAME),
      data: { 'prometheus.json': JSON.stringify(config), 'rules.yaml': rules },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: own(NAME),
      spec: { selector: labels, ports: [{ name: 'web', port: 9090 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: own(NAME),
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ])
  await rolledOut(`deployment/${NAME}`, WHERE)
  await discover()
}

/** Tells it which pods and endpoints there are now, as its own discovery would. */
export async function discover(): Promise<void> {
  const found = { pod: await podTargets(), endpointslice: await endpointTargets() }
  for (const [role, targets] of Object.entries(found)) {
    const write = `cat > ${TARGETS}/.new && mv ${TARGETS}/.new ${TARGETS}/${role}.json`
    const exec = ['exec', '-i', '-n', WHERE, `deployment/${NAME}`, '--', 'sh', '-c', write]
    await kubectl(exec, { input: JSON.stringify(targets) })
  }
}

export const stopPrometheus = (): Promise<string> =>
  kubectl(['delete', 'namespace', WHERE, '--ignore-not-found', '--timeout=60s'])

// biome-ignore lint/suspicious/noExplicitAny: each endpoint of the HTTP API answers in a shape of its own
export async function ask(path: string, query: Readonly<Record<string, string>> = {}): Promise<any> {
  const text = await raw(
    `/api/v1/namespaces/${WHERE}/services/http:${NAME}:web/proxy/api/v1/${path}?${new URLSearchParams(query)}`,
  )
  return JSON.parse(text).data
}

export type Alert = { readonly labels: Readonly<Record<string, string>>; readonly state: 'pending' | 'firing' }
/** Those that fire or are about to. */
export const alerts = async (): Promise<readonly Alert[]> => (await ask('alerts')).alerts

export type Series = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }
export const query = async (expression: string): Promise<readonly Series[]> =>
  (await ask('query', { query: expression })).result
