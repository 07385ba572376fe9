import { afterAll, beforeAll, expect, test } from 'vitest'
import { apply, create, kubectl, list, podReady, rolledOut, said, waitFor } from './support/kubectl.ts'
import { ensureInstalled } from './support/lanyard.ts'
import { RESTRICTED, roleArn } from './support/sts.ts'
import { dropNamespace, eventsOf, makeNamespace, pod, podTemplate, sidecarOf, workload } from './support/workloads.ts'

const WHERE = 'e2e-shapes'
const HOST = 'e2e-host-network'
const QUOTA = 'e2e-quota'

beforeAll(async () => {
  await ensureInstalled()
  // Everything here runs where Pod Security admits the least.
  await makeNamespace(WHERE, RESTRICTED)
})
afterAll(() => Promise.all([WHERE, HOST, QUOTA].map(dropNamespace)))

const saysWho = async (name: string, container = 'app'): Promise<void> => {
  await podReady(name, WHERE)
  await said(/assumed-role\/web\//, name, WHERE, container)
}

test('a namespace with Pod Security restricted admits the injected pod', async () => {
  await apply([pod('restricted', WHERE)])
  await saysWho('restricted')
})

test('a StatefulSet and a DaemonSet', async () => {
  await apply([workload('StatefulSet', 'db', WHERE), workload('DaemonSet', 'agent', WHERE)])
  await rolledOut('statefulset/db', WHERE)
  await rolledOut('daemonset/agent', WHERE)
  await saysWho('db-0')
  const [agent] = await list('pods', WHERE, 'app=agent')
  await saysWho(agent?.metadata.name ?? '')
})

test('automountServiceAccountToken: false does not matter, and the API token is not in the sidecar', async () => {
  await apply([pod('no-token', WHERE, { spec: { automountServiceAccountToken: false } })])
  await saysWho('no-token')
  const script =
    "process.stdout.write(String(require('node:fs').readdirSync('/var/run/secrets/kubernetes.io/serviceaccount')))"
  await apply([pod('with-token', WHERE)])
  await saysWho('with-token')
  const exec = ['exec', 'with-token', '-n', WHERE, '-c', 'lanyard', '--', '/nodejs/bin/node', '-e', script]
  expect(await kubectl(exec)).toBe('')
})

test('generateName', async () => {
  const { metadata, spec } = podTemplate()
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, generateName: 'many-', namespace: WHERE },
    spec,
  }
  const { stdout } = await create([object], '-o', 'name')
  const name = stdout.trim().replace('pod/', '')
  expect(name).toMatch(/^many-.{5}$/)
  await saysWho(name)
  expect(await said(/READY/, name, WHERE)).toContain(`/${WHERE}.default.${name}\n`)
})

test('a role per container', async () => {
  const { metadata, spec } = podTemplate({ role: undefined })
  const [app] = spec['containers'] as readonly object[]
  const annotations = { 'lanyard.dev/container-roles': `app=${roleArn('web')} worker=${roleArn('worker')}` }
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: 'two-roles', namespace: WHERE, annotations },
    spec: { ...spec, containers: [app, { ...app, name: 'worker' }] },
  }
  await apply([object])
  await podReady('two-roles', WHERE)
  await said(/assumed-role\/web\//, 'two-roles', WHERE)
  await said(/assumed-role\/worker\//, 'two-roles', WHERE, 'worker')
})

test('hostNetwork is denied, with the reason in the event of the ReplicaSet', async () => {
  await makeNamespace(HOST)
  await apply([workload('Deployment', 'host', HOST, { spec: { hostNetwork: true } })])
  const events = await waitFor('the event', async () => {
    const text = await eventsOf(HOST)
    return text.includes('HostNetworkNotSupported') ? text : undefined
  })
  expect(events).toMatch(
    /FailedCreate .*denied the request: Lanyard cannot inject this pod[\s\S]*HostNetworkNotSupported/,
  )
})

test('a ResourceQuota counts the sidecar, and a LimitRange lets it through', async () => {
  const where = QUOTA
  await makeNamespace(where)
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'all', namespace: where },
    spec: {
      hard: { 'requests.cpu': '1', 'requests.memory': '1Gi', 'limits.cpu': '4', 'limits.memory': '1Gi', pods: '5' },
    },
  }
  const limits = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'all', namespace: where },
    spec: {
      limits: [
        {
          type: 'Container',
          default: { cpu: '2', memory: '256Mi' },
          defaultRequest: { cpu: '20m', memory: '32Mi' },
          max: { cpu: '2', memory: '512Mi' },
        },
      ],
    },
  }
  await apply([quota, limits])
  await apply([pod('counted', where)])
  const counted = await podReady('counted', where)
  expect(sidecarOf(counted)?.['resources']).toEqual({
    requests: { cpu: '5m', memory: '64Mi' },
    limits: { cpu: '1', memory: '128Mi' },
  })
  const used = await waitFor('the quota has counted', async () => {
    const [object] = await list('resourcequota', where)
    const text = object?.['status']?.used?.['limits.memory']
    return text === undefined || text === '0' ? undefined : text
  })
  expect(used).toBe('384Mi')
})

test('the startup probe, where the operator chose it for the start gate', async () => {
  await ensureInstalled({ config: { sidecar: { startGate: 'startupProbe' } } })
  await apply([pod('probed', WHERE)])
  const { spec } = await podReady('probed', WHERE)
  const sidecar = spec.initContainers[0]
  expect(sidecar.startupProbe.httpGet.path).toBe('/startupz')
  expect(sidecar.lifecycle).toBeUndefined()
  await saysWho('probed')
  await ensureInstalled()
})
