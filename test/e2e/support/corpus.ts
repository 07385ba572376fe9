/** The fixtures of the injection on a real cluster: what stands beside each of them, and how pods are compared. */
import { parse } from 'yaml'
import { failOn } from '../../../src/errors/index.ts'
import { type InjectionContext, serviceAccountOf } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import { VERSION } from '../../../src/version.ts'
import { gen, type Json } from '../../support/gen.ts'
import { podFixture, podFixtures, saidBeside } from '../../support/podFixtures.ts'
import { listAt, objectAt } from '../../support/tree.ts'
import { CONFIGURATIONS, type Configuration, configurationOf, made } from '../../unit/injection/cases.ts'
import { apply, get } from './kubectl.ts'
import { CONFIGURATION } from './lanyard.ts'
import { NAMESPACE, told } from './settings.ts'

/** Where pods are created as Lanyard has made them offline: its webhook is not called there. */
export const OFFLINE = 'e2e-corpus-offline'
const OFF = { 'e2e.lanyard.dev/corpus': 'offline' }

export type Case = { readonly name: string; readonly namespace: string; readonly pod: Json }

/** The cases of a configuration, with the sidecar's image being the one that is installed. */
export function casesOf(configuration: Configuration): readonly Case[] {
  const pods = [
    ...podFixtures().map((name) => [name, podFixture(name)] as const),
    ...Object.entries(made).map(([name, make]) => [name, make()] as const),
  ]
  return pods
    .filter(([name]) => configurationOf(name) === configuration)
    .map(([name, pod]) => ({ name, namespace: namespaceOf(name), pod: inCluster(pod, namespaceOf(name)) }))
}

/** One for all, but where something is said beside the pod. */
function namespaceOf(name: string): string {
  const { serviceAccount, namespace } = saidBeside(name)
  const isSilent = Object.keys({ ...serviceAccount, ...namespace }).length === 0
  return isSilent ? 'e2e-corpus' : `e2e-corpus-${name}`
}

function inCluster(pod: Json, namespace: string): Json {
  const copy = JSON.parse(JSON.stringify(pod).replaceAll(gen.image, told().images.product)) as Json
  objectAt(copy, 'metadata')['namespace'] = namespace
  return copy
}

/** The values of the chart for a configuration, with nothing of the suite's own STS. */
export function valuesOf(configuration: Configuration): Json {
  const config: Json = { aws: { region: undefined, stsEndpoint: undefined, allowedStsEndpoints: undefined } }
  for (const [key, value] of Object.entries(CONFIGURATIONS[configuration])) {
    const [group = '', name = ''] = key.split('.')
    config[group] = name === '' ? value : { ...(config[group] as Json), [name]: value ?? undefined }
  }
  const elsewhere = { matchExpressions: [{ key: Object.keys(OFF)[0], operator: 'NotIn', values: Object.values(OFF) }] }
  return {
    config,
    stsCa: { configMap: '' },
    webhook: { namespaceSelector: elsewhere, eks: { namespaceSelector: elsewhere } },
    // It has a suite of its own, and these pods come from an administrator.
    guard: { enabled: false },
  }
}

/** The namespaces and ServiceAccounts of the cases, and of what is created offline. */
export async function applySources(cases: readonly Case[]): Promise<void> {
  const labels = { 'lanyard.dev/injection': 'enabled' }
  const namespaces = cases.map(({ name, namespace }) =>
    object('Namespace', { name: namespace, labels, annotations: saidBeside(name).namespace }),
  )
  const accounts = cases.flatMap(({ name, namespace, pod }) => {
    const account = serviceAccountOf(pod)
    const annotations = saidBeside(name).serviceAccount
    return [
      object('ServiceAccount', { name: account, namespace, annotations }),
      object('ServiceAccount', { name: account, namespace: OFFLINE }),
    ]
  })
  await apply([object('Namespace', { name: OFFLINE, labels: OFF }), ...once(namespaces)])
  await apply(once(accounts))
}

const once = (objects: readonly object[]): readonly object[] => [
  ...new Map(objects.map((of) => [JSON.stringify(of), of])).values(),
]
const object = (kind: string, metadata: Json): object => ({ apiVersion: 'v1', kind, metadata })

/** What the decision about a case depends on, by the configuration that the webhook itself reads. */
export async function readContext(): Promise<(of: Case) => InjectionContext> {
  const { data } = await get('configmap', CONFIGURATION, NAMESPACE)
  const { values: config, problems } = readConfig('webhook', { file: parse(data['config.yaml']) })
  failOn(problems)
  return ({ name, namespace, pod }) => {
    const { serviceAccount, namespace: ofNamespace } = saidBeside(name)
    const sources = {
      serviceAccount: { name: serviceAccountOf(pod), annotations: serviceAccount },
      namespace: ofNamespace,
    }
    return { namespace, sources, config, version: VERSION }
  }
}

const MADE_BY_SERVER = ['uid', 'creationTimestamp', 'resourceVersion', 'generation', 'managedFields', 'namespace']

/**
 * A pod as the API server shows it, without what it makes itself. It mounts its own token before it calls webhooks, so where
 * that stands among the volumes and mounts is no matter.
 */
export function normalized(pod: Json): Json {
  const copy = JSON.parse(JSON.stringify(pod).replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access')) as Json
  const metadata = objectAt(copy, 'metadata')
  for (const field of MADE_BY_SERVER) delete metadata[field]
  if (metadata['generateName'] !== undefined) delete metadata['name']
  const spec = objectAt(copy, 'spec')
  sort(spec, 'volumes', 'name')
  for (const container of [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')])
    sort(container, 'volumeMounts', 'mountPath')
  return copy
}

function sort(of: Json, field: string, key: string): void {
  if (of[field] !== undefined) of[field] = listAt(of, field).sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1))
}
