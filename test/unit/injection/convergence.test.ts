import { describe, expect, it } from 'vitest'
import type { InjectionContext } from '../../../src/injection/index.ts'
import { admitByEntries, applied, codesOf, injected, mutated } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import { FEDERATION } from '../../support/arbitraryPods.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { changed, containerOf, listAt, objectAt } from '../../support/tree.ts'

type Change = (pod: Json) => unknown

/** One pass of all entries, and what the API server makes of it before the next. */
function pass(pod: Json, context: InjectionContext): Json {
  const outcome = admitByEntries(pod, context)
  if (outcome.kind !== 'inject') throw new Error(JSON.stringify(outcome))
  return defaulted(applied(pod, outcome.patch))
}

const account = (annotations: Readonly<Record<string, string>>): InjectionContext =>
  gen.context(
    { 'compatibility.eks': true, 'sidecar.acceptedImages': ['mirror.example.com/*'], ...FEDERATION },
    { sources: { serviceAccount: { name: 'web', annotations }, namespace: {} } },
  )
const containers = [gen.container(), gen.container({ name: 'helper' })]
const silent = { ...gen.pod({}, { containers }), metadata: { name: 'web' } }

const ways: Readonly<Record<string, readonly [Json, InjectionContext]>> = {
  'the sidecar': [gen.pod(undefined, { containers }), account({})],
  'a role each': [
    gen.pod({ 'role-arn': ROLE, 'container-roles': `helper=${OTHER_ROLE}` }, { containers }),
    account({}),
  ],
  IMDS: [gen.pod({ 'role-arn': ROLE, protocol: 'imds' }, { containers }), account({})],
  'a provider and a chain': [
    gen.pod({ 'role-arn': ROLE, 'identity-provider': 'keyed', 'assume-role-arn': OTHER_ROLE }, { containers }),
    account({}),
  ],
  'users of the app': [gen.pod({ 'role-arn': ROLE, 'user-credentials': 'true' }, { containers }), account({})],
  'direct mode': [gen.pod({ 'role-arn': ROLE, mode: 'direct' }, { containers }), account({})],
  "the account's wish": [silent, account({ 'lanyard.dev/role-arn': ROLE })],
  "EKS's annotations": [silent, account({ 'eks.amazonaws.com/role-arn': ROLE })],
}

/** What another webhook does between two passes. */
const meddling: Readonly<Record<string, Change>> = {
  nothing: () => {},
  'a container': (pod) => listAt(pod, 'spec', 'containers').push(gen.container({ name: 'late' })),
  'a container in front': (pod) => listAt(pod, 'spec', 'containers').unshift(gen.container({ name: 'late' })),
  'a variable': (pod) => Object.assign(containerOf(pod, 'app'), { env: [{ name: 'A', value: '1' }, ...envOf(pod)] }),
  'a region': (pod) =>
    Object.assign(containerOf(pod, 'helper'), {
      env: [...envOf(pod, 'helper'), { name: 'B', value: '$(AWS_REGION)' }],
    }),
  'an init container': (pod) => inits(pod).push(gen.container({ name: 'late' })),
  'an init container in front': (pod) => inits(pod).unshift(gen.container({ name: 'late' })),
  'a mesh in front': (pod) =>
    inits(pod).unshift(
      gen.container({ name: 'istio-validation' }),
      gen.container({ name: 'istio-proxy', restartPolicy: 'Always' }),
    ),
  'a volume and its mount': (pod) => {
    const spec = objectAt(pod, 'spec')
    spec['volumes'] = [{ name: 'late', emptyDir: {} }, ...listAt(spec, 'volumes')]
    const app = containerOf(pod, 'app')
    app['volumeMounts'] = [{ name: 'late', mountPath: '/late' }, ...listAt(app, 'volumeMounts')]
  },
  'labels, a node and a priority': (pod) =>
    Object.assign(objectAt(pod, 'spec'), {
      nodeSelector: { a: 'b' },
      priority: 7,
      tolerations: [{ operator: 'Exists' }],
    }),
}
const envOf = (pod: Json, name = 'app'): readonly Json[] => listAt(containerOf(pod, name), 'env')
function inits(pod: Json): Json[] {
  const spec = objectAt(pod, 'spec')
  spec['initContainers'] ??= []
  return listAt(spec, 'initContainers')
}

/** Without the order of lists whose order says nothing: variables that refer to none, mounts and volumes. */
function unordered(pod: Json): unknown {
  const sorted = (items: readonly Json[]): readonly Json[] =>
    [...items].sort((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1))
  return changed(pod, ({ spec }) => {
    const of = spec as Json
    of['volumes'] = sorted(listAt(of, 'volumes'))
    for (const one of [...listAt(of, 'initContainers'), ...listAt(of, 'containers')])
      for (const field of ['env', 'volumeMounts']) if (one[field] !== undefined) one[field] = sorted(listAt(one, field))
  })
}

describe('four passes of the entries with another webhook between them', () => {
  const rows = Object.keys(ways).flatMap((way) => Object.keys(meddling).map((what) => [way, what] as const))

  it.each(rows)('%s, and %s: as if it had been there from the start', (way, what) => {
    const [pod, context] = ways[way] ?? [{}, account({})]
    const change = meddling[what] ?? (() => {})
    const twice = pass(pass(pod, context), context)
    const meddled = changed(twice, change)
    const third = pass(meddled, context)
    expect(pass(third, context)).toEqual(third)
    const atOnce = pass(changed(pod, change), context)
    expect(unordered(third)).toEqual(unordered(atOnce))
  })
})

const context = account({})
const stored = pass(gen.pod(), context)
const sidecar = (pod: Json): Json => containerOf(pod, 'lanyard')
const volume = (pod: Json, name: string): Json =>
  listAt(pod, 'spec', 'volumes').find((one) => one['name'] === name) ?? {}

describe('a pod that has been here, changed by somebody', () => {
  it.each<[string, Change]>([
    ['image', (pod) => Object.assign(sidecar(pod), { image: 'registry.example.com/lanyard:0.0.9' })],
    ['image of the same place by another name', (pod) => Object.assign(sidecar(pod), { image: 'evil.example.com/x' })],
    ['command', (pod) => Object.assign(sidecar(pod), { command: ['sh', '-c', 'cat /var/run/secrets/*/*'] })],
    ['arguments', (pod) => Object.assign(sidecar(pod), { args: ['--inspect=0.0.0.0'] })],
    ['one more variable', (pod) => listAt(sidecar(pod), 'env').push({ name: 'NODE_OPTIONS', value: '--require /x' })],
    ['role', (pod) => Object.assign(listAt(sidecar(pod), 'env')[0] ?? {}, { value: OTHER_ROLE })],
    ['role by reference', (pod) => listAt(sidecar(pod), 'env').splice(0, 1, byReference)],
    ['variables from elsewhere', (pod) => Object.assign(sidecar(pod), { envFrom: [{ secretRef: { name: 's' } }] })],
    ['gate', (pod) => delete sidecar(pod)['lifecycle']],
    ['probe', (pod) => Object.assign(sidecar(pod), { livenessProbe: { exec: { command: ['true'] } } })],
    ['port', (pod) => Object.assign(listAt(sidecar(pod), 'ports')[0] ?? {}, { hostPort: 9798 })],
    ['user', (pod) => Object.assign(objectAt(sidecar(pod), 'securityContext'), { runAsUser: 0 })],
    ['privileges', (pod) => Object.assign(objectAt(sidecar(pod), 'securityContext'), { privileged: true })],
    ['mount', (pod) => listAt(sidecar(pod), 'volumeMounts').push({ name: 'lanyard-state', mountPath: '/x' })],
    ['pull policy', (pod) => Object.assign(sidecar(pod), { imagePullPolicy: 'Never' })],
    ['volume', (pod) => Object.assign(volume(pod, 'lanyard-state'), { emptyDir: {}, hostPath: { path: '/' } })],
    ['audience', (pod) => Object.assign(volume(pod, 'lanyard-identity'), { projected: { sources: [] } })],
    ['second sidecar', (pod) => listAt(pod, 'spec', 'initContainers').push({ ...sidecar(pod), image: 'evil' })],
    ['status', (pod) => Object.assign(objectAt(pod, 'metadata', 'annotations'), { 'lanyard.dev/status': '{}' })],
    ['no status', (pod) => delete objectAt(pod, 'metadata', 'annotations')['lanyard.dev/status']],
    ['address', (pod) => Object.assign(envOf(pod)[0] ?? {}, { value: 'http://127.0.0.1:1/v1/credentials' })],
    ['no address', (pod) => listAt(containerOf(pod, 'app'), 'env').shift()],
    ['no mount in the app', (pod) => delete containerOf(pod, 'app')['volumeMounts']],
  ])('its %s is ours again, and nothing else differs', (_what, change) => {
    const meddled = changed(stored, change)
    expect(meddled).not.toEqual(stored)
    expect(unordered(pass(meddled, context))).toEqual(unordered(stored))
  })
  const byReference = {
    name: 'LANYARD_ROLE_ARN',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.annotations['lanyard.dev/role-arn']" } },
  }

  it.each<[string, Change]>([
    ['image', (pod) => Object.assign(broker(pod), { image: 'evil.example.com/x' })],
    ['command', (pod) => Object.assign(broker(pod), { command: ['sh'] })],
    ['roles', (pod) => Object.assign(variable(broker(pod), 'LANYARD_BROKER_ROLES'), { value: '{}' })],
    ['identity', (pod) => listAt(broker(pod), 'volumeMounts').push({ name: 'lanyard-identity', mountPath: '/x' })],
    ['user', (pod) => Object.assign(objectAt(broker(pod), 'securityContext'), { runAsUser: 0 })],
    ['gate', (pod) => delete broker(pod)['lifecycle']],
    ['place', (pod) => listAt(pod, 'spec', 'initContainers').reverse()],
    ['copy', (pod) => listAt(pod, 'spec', 'initContainers').push({ ...broker(pod), image: 'evil' })],
    ['absence', (pod) => listAt(pod, 'spec', 'initContainers').pop()],
    ['volume', (pod) => Object.assign(volume(pod, 'lanyard-broker'), { emptyDir: {}, hostPath: { path: '/' } })],
    ['address', (pod) => Object.assign(variable(containerOf(pod, 'app'), USER_URL), { value: 'http://evil' })],
    ['mount in the app', (pod) => listAt(containerOf(pod, 'app'), 'volumeMounts').pop()],
  ])("the broker's %s is ours again, and nothing else differs", (_what, change) => {
    const asking = pass(gen.pod({ 'role-arn': ROLE, 'user-credentials': 'true' }), context)
    const meddled = changed(asking, change)
    expect(meddled).not.toEqual(asking)
    expect(unordered(pass(meddled, context))).toEqual(unordered(asking))
  })
  const USER_URL = 'LANYARD_USER_CREDENTIALS_URL'
  const broker = (pod: Json): Json => containerOf(pod, 'lanyard-broker')
  const variable = (container: Json, name: string): Json =>
    listAt(container, 'env').find((one) => one['name'] === name) ?? {}

  it('whose provider was chosen anew is as if it had been chosen at first', () => {
    const asking = (provider?: string): Json =>
      gen.pod({ 'role-arn': ROLE, ...(provider !== undefined && { 'identity-provider': provider }) })
    for (const [from, to] of [
      ['keyed', 'assertion'],
      ['assertion', 'keyed'],
      ['keyed', undefined],
      [undefined, 'keyed'],
    ]) {
      const copy = changed(pass(asking(from), context), (pod) => {
        pod['metadata'] = asking(to)['metadata']
      })
      expect(unordered(pass(copy, context))).toEqual(unordered(pass(asking(to), context)))
    }
  })

  it.each<[string, Change]>([
    [
      'image, by a rewriter that is accepted',
      (pod) => Object.assign(sidecar(pod), { image: 'mirror.example.com/l:1' }),
    ],
    ['pull policy, by AlwaysPullImages', (pod) => Object.assign(sidecar(pod), { imagePullPolicy: 'Always' })],
    [
      'resources, by an autoscaler',
      (pod) => Object.assign(objectAt(sidecar(pod), 'resources'), { limits: { cpu: '3' } }),
    ],
    [
      'resources, by a LimitRange',
      (pod) => (objectAt(sidecar(pod), 'resources', 'limits')['ephemeral-storage'] ??= '1Gi'),
    ],
    ["app's resources", (pod) => Object.assign(containerOf(pod, 'app'), { resources: { requests: { cpu: '20m' } } })],
  ])('its %s stays', (_what, change) => {
    const meddled = changed(stored, change)
    expect(meddled).not.toEqual(stored)
    expect(injected(meddled, context).patch).toEqual([])
  })

  it('by a container that mounts what is ours: refused', () => {
    const thief = gen.container({ name: 'thief', volumeMounts: [{ name: 'lanyard-identity', mountPath: '/x' }] })
    expect(codesOf(changed(stored, (pod) => listAt(pod, 'spec', 'containers').push(thief)))).toEqual([
      'VolumeMountedByOthers',
    ])
  })

  it('by a container that copies the whole of a target: it gets its own', () => {
    const copy = changed(stored, (pod) => {
      listAt(pod, 'spec', 'containers').push({ ...containerOf(pod, 'app'), name: 'copy', volumeMounts: [] })
    })
    expect(containerOf(mutated(copy), 'copy')['volumeMounts']).toEqual([
      { name: 'lanyard-endpoint', mountPath: '/var/run/secrets/lanyard.dev', readOnly: true, subPath: 'copy' },
    ])
  })
})

describe('a pod that is copied and then asks in another way', () => {
  const deliveries = { container: { protocol: 'container' }, imds: { protocol: 'imds' }, direct: { mode: 'direct' } }
  const names = Object.keys(deliveries) as (keyof typeof deliveries)[]
  const asking = (delivery: keyof typeof deliveries): Json => gen.pod({ 'role-arn': ROLE, ...deliveries[delivery] })
  /** An SDK setting of direct mode, which stays, since it might be the app's. */
  const isKept = ({ name }: Json): boolean => name !== 'AWS_STS_REGIONAL_ENDPOINTS'

  it.each(names.flatMap((from) => names.map((to) => [from, to] as const)))('%s, then %s', (from, to) => {
    const { annotations } = objectAt(asking(to), 'metadata')
    const copy = changed(pass(asking(from), context), (pod) => {
      objectAt(pod, 'metadata')['annotations'] = annotations
    })
    const again = pass(copy, context)
    expect(injected(again, context).patch).toEqual([])
    expect(listAt(containerOf(again, 'app'), 'env').filter(isKept)).toEqual(
      expect.arrayContaining(envOf(pass(asking(to), context)).filter(isKept)),
    )
    expect(envOf(again).filter(isKept)).toHaveLength(envOf(pass(asking(to), context)).filter(isKept).length)
    const { env: _, ...app } = containerOf(again, 'app')
    const { env: __, ...anew } = containerOf(pass(asking(to), context), 'app')
    expect({ volumeMounts: [], ...app }).toEqual({ volumeMounts: [], ...anew })
    expect(objectAt(again, 'spec')['volumes']).toEqual(objectAt(pass(asking(to), context), 'spec')['volumes'])
  })
})

describe('a pod of another version', () => {
  const newer = gen.context({ 'sidecar.image': 'registry.example.com/lanyard:0.2.0' }, { version: '0.2.0' })

  it('goes from one version to the other and back, whole', () => {
    const other = pass(stored, newer)
    expect(containerOf(other, 'lanyard')['image']).toBe('registry.example.com/lanyard:0.2.0')
    expect(pass(other, context)).toEqual(stored)
  })

  it('has one place to change where only the version did', () => {
    const { patch } = injected(stored, gen.context({}, { version: '0.2.0' }))
    expect(patch.map(({ path }) => path)).toEqual(['/metadata/annotations/lanyard.dev~1status'])
  })
})
