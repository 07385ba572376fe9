import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { admit } from '../../../src/injection/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { injectManifests, parseManifests, type Workload } from '../../../src/manifests/index.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { at, listAt } from '../../support/tree.ts'
import { decide, file, inject } from './support.ts'

const asked = { metadata: { annotations: { 'lanyard.dev/role-arn': ROLE } }, spec: { containers: [gen.container()] } }
const made = (apiVersion: string, kind: string, rest: Json): Json => ({
  apiVersion,
  kind,
  metadata: { name: 'web' },
  ...rest,
})

async function workloadsIn(...documents: readonly unknown[]): Promise<readonly Workload[]> {
  const results = await inject(...documents.map((document) => stringify(document)))
  return results.flatMap(({ verdicts }) => verdicts.map(({ workload }) => workload))
}

/** What the only document has become, as JSON. */
async function afterInjection(document: unknown): Promise<JsonObject> {
  const [result] = await inject(stringify(document))
  return parseManifests([file(result?.text ?? '')])[0]?.value ?? {}
}

describe('workloads', () => {
  const template = { template: asked }
  test.each<[string, string, Json, readonly string[]]>([
    ['v1', 'Pod', asked, []],
    ['v1', 'ReplicationController', { spec: template }, ['spec', 'template']],
    ['v1', 'PodTemplate', template, ['template']],
    ['apps/v1', 'Deployment', { spec: template }, ['spec', 'template']],
    ['apps/v1', 'StatefulSet', { spec: template }, ['spec', 'template']],
    ['apps/v1', 'DaemonSet', { spec: template }, ['spec', 'template']],
    ['apps/v1', 'ReplicaSet', { spec: template }, ['spec', 'template']],
    ['batch/v1', 'Job', { spec: template }, ['spec', 'template']],
    ['batch/v1', 'CronJob', { spec: { jobTemplate: { spec: template } } }, ['spec', 'jobTemplate', 'spec', 'template']],
  ])('%s %s: its pods get the sidecar', async (apiVersion, kind, rest, path) => {
    const after = await afterInjection(made(apiVersion, kind, rest))
    const pod = at(after, ...path)
    expect(listAt(pod, 'spec', 'initContainers').map(({ name }) => name)).toEqual(['lanyard'])
    expect(Object.keys(at(pod, 'metadata', 'annotations') as Json)).toContain('lanyard.dev/status')
  })

  test.each([
    ['batch.volcano.sh/v1alpha1', 'Job'],
    ['argoproj.io/v1alpha1', 'Rollout'],
    ['v1', 'Deployment'],
    ['apps/v1', 'constructor'],
    ['__proto__/v1', 'Deployment'],
    ['apps/v1', 'Node'],
  ])('%s %s is none', async (apiVersion, kind) => {
    expect(await workloadsIn(made(apiVersion, kind, { ...asked, spec: template }))).toEqual([])
  })

  test.each([
    [{ apiVersion: 'v1', kind: 'ReplicationController', spec: { replicas: 0 } }],
    [{ apiVersion: 'v1', kind: 'ReplicationController', spec: { template: null } }],
    [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
    [{ apiVersion: 'apps/v1', kind: ['Deployment'], spec: { template: asked } }],
    [{ kind: 'Deployment', spec: { template: asked } }],
    [{ apiVersion: 'apps/v1', kind: 'Deployment', spec: 'x' }],
  ])('%j has no pod', async (document) => {
    expect(await workloadsIn(document)).toEqual([])
  })

  test('of Lists, and of lists as an API server gives them', async () => {
    const deployment = made('apps/v1', 'Deployment', { spec: { template: asked } })
    const documents = [
      { apiVersion: 'v1', kind: 'List', items: [made('v1', 'ConfigMap', {}), deployment, null, 'x', { kind: 'Pod' }] },
      {
        apiVersion: 'apps/v1',
        kind: 'DeploymentList',
        items: [{ metadata: { name: 'bare' }, spec: { template: asked } }],
      },
      { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'PodList', items: [{ ...asked }] }] },
      { apiVersion: 'example.com/v1', kind: 'PodList', items: [{ ...asked }] },
      { apiVersion: 'example.com/v1', kind: 'Waitinglist', items: [deployment] },
    ]
    const found = await workloadsIn(...documents)
    expect(found.map(({ kind, name, place }) => [kind, name, place.join('/')])).toEqual([
      ['Deployment', 'web', 'items/1'],
      ['Deployment', 'bare', 'items/0'],
      ['Pod', '', 'items/0/items/0'],
    ])
    const after = await afterInjection(documents[2])
    expect(listAt(after, 'items', 0, 'items', 0, 'spec', 'initContainers')).toHaveLength(1)
  })

  test.each<[Json, string]>([
    [{ name: 'web', namespace: 'shop' }, 'shop/web'],
    [{ name: 'web', namespace: '' }, 'default/web'],
    [{ name: 'web', namespace: null }, 'default/web'],
    [{ generateName: 'web-' }, 'default/web-*'],
    [{}, 'default/'],
  ])('of metadata %j: %s', async (metadata, name) => {
    const [found] = await workloadsIn({ apiVersion: 'v1', kind: 'Pod', ...asked, metadata })
    expect(`${found?.namespace}/${found?.name}`).toBe(name)
  })
})

describe('the pod that is decided about', () => {
  const podOf = async (spec: Json): Promise<unknown> => (await workloadsIn(made('v1', 'Pod', { spec })))[0]?.pod

  test('has the ServiceAccount that the API server would fill in', async () => {
    expect(await podOf({ serviceAccount: 'old' })).toMatchObject({ spec: { serviceAccountName: 'old' } })
    expect(await podOf({ serviceAccount: 'old', serviceAccountName: 'new' })).toMatchObject({
      spec: { serviceAccountName: 'new' },
    })
    expect(await podOf({})).toMatchObject({ spec: {} })
  })

  test('is injected also where its template has no metadata', async () => {
    for (const metadata of [null, undefined]) {
      const text = stringify(made('apps/v1', 'Deployment', { spec: { template: { ...asked, metadata } } }))
      const sources = { serviceAccount: { name: 'default', annotations: asked.metadata.annotations }, namespace: {} }
      const results = await injectManifests(parseManifests([file(text)]), {
        namespace: 'default',
        decide: async (pod, namespace) => admit(pod, gen.context({}, { namespace, sources })),
      })
      expect(results[0]?.problems).toEqual([])
      expect(results[0]?.text).toContain('lanyard.dev/status')
    }
  })

  test('is denied by its shape, as at the API server', async () => {
    const [result] = await inject(stringify(made('v1', 'Pod', { ...asked, spec: { containers: 'x' } })))
    expect(result?.verdicts[0]?.outcome).toMatchObject({ kind: 'deny', problems: [{ code: 'PodInvalid' }] })
  })

  test('is asked about in the namespace of its document', async () => {
    const asking: string[] = []
    await injectManifests(parseManifests([file(stringify(made('v1', 'Pod', asked)))]), {
      namespace: 'given',
      decide: (pod, namespace) => {
        asking.push(namespace)
        return decide(pod, namespace)
      },
    })
    expect(asking).toEqual(['given'])
  })
})
