import { describe, expect, it } from 'vitest'
import { admit } from '../../../src/injection/index.ts'
import { codesOf, denied, injected } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'

const problemsOf = (pod: unknown): readonly string[] => {
  const outcome = admit(pod, gen.context())
  return outcome.kind === 'deny' ? outcome.problems.map(({ code }) => code) : []
}
const mounting = (...volumeMounts: readonly Json[]): Json =>
  gen.pod(undefined, { containers: [gen.container({ volumeMounts })] })

describe('mount paths', () => {
  it.each([
    ['/var/run/secrets/lanyard.dev', false, 'MountPathTaken'],
    ['/var/run/secrets/lanyard.dev/', false, 'MountPathTaken'],
    ['/var/run/secrets//lanyard.dev', false, 'MountPathTaken'],
    ['/run/secrets/lanyard.dev', false, 'MountPathTaken'],
    ['/var/run/secrets/lanyard.dev/token', true, 'MountPathTaken'],
    ['/var/run/secrets/lanyard.dev.backup', true, undefined],
    ['/var/run/secrets/lanyard', true, undefined],
    ['/var/run/secrets', false, undefined],
    ['/var/run/secrets', true, 'MountPathTaken'],
    ['/run', true, 'MountPathTaken'],
    ['/runner', true, undefined],
    ['/var', true, 'MountPathTaken'],
    ['/', true, 'MountPathTaken'],
    ['/', false, undefined],
    ['/data', true, undefined],
  ])('%s (read-only: %j): %s', (mountPath, readOnly, code) => {
    expect(problemsOf(mounting({ name: 'data', mountPath, readOnly }))).toEqual(code === undefined ? [] : [code])
  })

  it('do not matter where nothing of ours is mounted', () => {
    const other = gen.container({ name: 'b', volumeMounts: [{ name: 'd', mountPath: '/var/run/secrets/lanyard.dev' }] })
    expect(
      problemsOf(gen.pod({ 'role-arn': ROLE, containers: 'app' }, { containers: [gen.container(), other] })),
    ).toEqual([])
  })
})

describe('volumes that are read-only wherever they are mounted', () => {
  const mountOf = (name: string): Json => ({ name, mountPath: '/var/run' })

  it.each(['secret', 'configMap', 'projected', 'downwardAPI', 'image'])('are those of a %s', (source) => {
    const volumes = [
      { name: 'data', emptyDir: {} },
      { name: 'own', [source]: {} },
    ]
    const pod = (name: string): Json =>
      gen.pod(undefined, { containers: [gen.container({ volumeMounts: [mountOf(name)] })], volumes })
    expect(problemsOf(pod('own'))).toEqual(['MountPathTaken'])
    expect(problemsOf(pod('data'))).toEqual([])
    expect(problemsOf(pod('nowhere'))).toEqual([])
  })

  it('are looked for once, however many mounts there are', () => {
    const looksFor = (mounts: number): number => {
      let looks = 0
      const look: ProxyHandler<Json>['get'] = (volume, name) => {
        looks += 1
        return Reflect.get(volume, name)
      }
      const volume = new Proxy<Json>({ name: 'data', emptyDir: {} }, { get: look })
      const volumeMounts = Array.from({ length: mounts }, () => mountOf('nowhere'))
      expect(
        problemsOf(gen.pod(undefined, { containers: [gen.container({ volumeMounts })], volumes: [volume] })),
      ).toEqual([])
      return looks
    }
    expect(looksFor(100)).toBe(looksFor(1))
  })
})

describe('our volumes', () => {
  const own = { name: 'lanyard-endpoint', mountPath: '/var/run/secrets/lanyard.dev', readOnly: true, subPath: 'app' }

  it.each<[string, Json, boolean]>([
    ['as we mount it', own, true],
    ['as we mount it, keys in another order', Object.fromEntries(Object.entries(own).reverse()), true],
    ['writable', { ...own, readOnly: false }, false],
    ["another container's", { ...own, subPath: 'other' }, false],
    ['whole', { name: own.name, mountPath: own.mountPath, readOnly: true }, false],
    ['elsewhere', { ...own, mountPath: '/x' }, false],
    ['by an expression', { ...own, subPathExpr: 'app' }, false],
    ['the identity', { name: 'lanyard-identity', mountPath: '/x' }, false],
    ['the state', { name: 'lanyard-state', mountPath: '/x' }, false],
    ['the empty one', { name: 'lanyard-no-api-token', mountPath: '/x' }, false],
    ['not ours by its name', { name: 'lanyard-data', mountPath: '/x' }, true],
  ])('%s', (_, mount, isFine) => {
    expect(problemsOf(mounting(mount))).toEqual(isFine ? [] : ['VolumeMountedByOthers'])
    const init = gen.container({ volumeMounts: [mount] })
    const pod = gen.pod(
      { 'role-arn': ROLE, containers: 'main' },
      { initContainers: [init], containers: [{ name: 'main' }] },
    )
    expect(problemsOf(pod)).toEqual(isFine ? [] : ['VolumeMountedByOthers'])
  })
})

describe('ports', () => {
  const ports = (...list: readonly Json[]): Json => gen.pod(undefined, { containers: [gen.container({ ports: list })] })

  it('are taken by TCP alone', () => {
    expect(problemsOf(ports({ containerPort: 9797 }, { containerPort: 9798, protocol: 'TCP' }))).toEqual([
      'PortTaken',
      'PortTaken',
    ])
    const others = [
      { containerPort: 9797, protocol: 'UDP' },
      { containerPort: 9798, protocol: 'SCTP' },
    ]
    expect(problemsOf(ports(...others, { containerPort: 80, hostPort: 9797 }, {}))).toEqual([])
    expect(problemsOf(ports({ containerPort: 9797, protocol: null }))).toEqual(['PortTaken'])
  })

  it('can be chosen by the operator', () => {
    const settings = { 'defaults.credentialsPort': 1024, 'defaults.metricsPort': 1025 }
    expect(codesOf(ports({ containerPort: 1024 }), gen.context(settings))).toEqual(['PortTaken'])
    expect(injected(ports({ containerPort: 9797 }), gen.context(settings)).warnings).toEqual([])
  })

  it('are not both the same', () => {
    const field = (annotations: Record<string, string>): unknown =>
      denied(gen.pod({ 'role-arn': ROLE, ...annotations })).problems.map((problem) => problem.field)
    expect(field({ 'credentials-port': '9798' })).toEqual(['metadata.annotations[lanyard.dev/credentials-port]'])
    expect(field({ 'metrics-port': '9797' })).toEqual(['metadata.annotations[lanyard.dev/metrics-port]'])
  })
})

describe('what the pod shares', () => {
  const chosen = [{}, { containers: 'app' }, { 'container-roles': `app=${ROLE}` }]
  const sharing = ['hostPID', 'shareProcessNamespace']

  it.each(sharing.flatMap((field) => chosen.map((of) => ({ field, of }))))('$field with $of', ({ field, of }) => {
    const outcome = admit(gen.pod({ 'role-arn': ROLE, ...of }, { [field]: true }), gen.context())
    if (outcome.kind === 'deny') {
      expect(outcome.problems.map((problem) => [problem.code, problem.field])).toEqual([
        ['PidNamespaceShared', `spec.${field}`],
      ])
    } else expect(outcome.warnings).toEqual([expect.stringContaining(field)])
    expect(outcome.kind).toBe(Object.keys(of).length === 0 ? 'inject' : 'deny')
  })

  it.each([false, null])('%j is as good as nothing', (value) => {
    const pod = gen.pod(
      { 'role-arn': ROLE, containers: 'app' },
      { hostNetwork: value, hostPID: value, shareProcessNamespace: value },
    )
    expect(injected(pod).warnings).toEqual([])
  })
})

it('a container of our name is told wherever it is, unless it is a native sidecar', () => {
  const own = gen.container({ name: 'lanyard' })
  expect(problemsOf(gen.pod(undefined, { containers: [gen.container(), own] }))).toEqual(['ContainerNameTaken'])
  expect(problemsOf(gen.pod(undefined, { initContainers: [own] }))).toEqual(['ContainerNameTaken'])
  expect(problemsOf(gen.pod(undefined, { initContainers: [{ ...own, restartPolicy: 'Always' }] }))).toEqual([])
})
