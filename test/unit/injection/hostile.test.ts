import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../../src/errors/index.ts'
import { admit } from '../../../src/injection/index.ts'
import { codesOf, denied, injected, mutated } from '../../support/admitting.ts'
import { gen, ROLE } from '../../support/gen.ts'
import { containerOf } from '../../support/tree.ts'

const many = (count: number, name: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => name(index))

describe('pods made to hurt the webhook', () => {
  it('with more containers than any node starts are refused at once', () => {
    const containers = many(1001, (index) => `c${index}`).map((name) => gen.container({ name }))
    expect(codesOf(gen.pod(undefined, { containers }))).toEqual(['PodInvalid'])
  })

  it('get an answer whose size does not follow from theirs: unknown names', () => {
    const containers = many(900, (index) => `c${index}`).map((name) => gen.container({ name }))
    const asked = many(900, (index) => `x${index}`).join(' ')
    const { problems } = denied(gen.pod({ 'role-arn': ROLE, containers: asked }, { containers }))
    expect(problems).toHaveLength(1)
    expect(problems.map(formatProblem).join().length).toBeLessThan(1000)
    expect(problems[0]?.message).toContain('and 880 more')
  })

  it('get an answer whose size does not follow from theirs: unknown annotations', () => {
    const annotations = Object.fromEntries(many(30_000, (index) => `rolearn${index}`).map((name) => [name, 'x']))
    const { problems } = denied(gen.pod({ 'role-arn': ROLE, ...annotations }))
    expect(problems).toHaveLength(11)
    expect(problems.at(-1)?.message).toBe('there are 29990 more that do not exist')
  })
})

describe('what is separated by a token only', () => {
  const roles = { 'container-roles': `app=${ROLE}` }
  const podWith = (one: object, two: object, spec: object = {}) =>
    gen.pod(roles, {
      containers: [gen.container({ name: 'app', ...one }), gen.container({ name: 'other', ...two })],
      ...spec,
    })
  const safe = { securityContext: { capabilities: { drop: ['ALL'] } } }

  it.each([
    ['root by default', {}],
    ['root', { securityContext: { runAsUser: 0 } }],
    ['privileged', { securityContext: { privileged: true, runAsUser: 1000, capabilities: { drop: ['ALL'] } } }],
    ['a capability added', { securityContext: { runAsUser: 1000, capabilities: { add: ['net_raw'] } } }],
  ])('can be listened to by a container with %s', (_what, other) => {
    expect(injected(podWith(safe, other)).warnings).toEqual([
      'raw sockets can read the credentials of other containers from loopback: drop NET_RAW in other',
    ])
  })

  it.each([
    ['all capabilities dropped', safe, {}],
    ['NET_RAW dropped', { securityContext: { capabilities: { drop: ['NET_RAW'] } } }, {}],
    ['another user', { securityContext: { runAsUser: 1000 } }, {}],
    ['not root', { securityContext: { runAsNonRoot: true } }, {}],
    ['another user of the pod', {}, { securityContext: { runAsUser: 1000 } }],
  ])('cannot be listened to with %s', (_what, other, spec) => {
    expect(injected(podWith(safe, other, spec)).warnings).toEqual([])
  })
})

describe('what others may change', () => {
  it('a stricter pull policy stays: AlwaysPullImages insists on it', () => {
    const pod = mutated(gen.pod())
    Object.assign(containerOf(pod, 'lanyard'), { imagePullPolicy: 'Always' })
    expect(injected(pod).patch).toEqual([])
    Object.assign(containerOf(pod, 'lanyard'), { imagePullPolicy: 'Never' })
    expect(containerOf(mutated(pod), 'lanyard')['imagePullPolicy']).toBe('IfNotPresent')
  })

  it('resources stay, unless the pod asks for others', () => {
    const pod = mutated(gen.pod())
    const resources = { requests: { cpu: '7m', memory: '70Mi' }, limits: { cpu: '2', memory: '130Mi' } }
    Object.assign(containerOf(pod, 'lanyard'), { resources })
    expect(injected(pod).patch).toEqual([])
    const asking = mutated({
      ...pod,
      metadata: gen.pod({ 'role-arn': ROLE, 'sidecar-memory-limit': '256Mi' })['metadata'],
    })
    expect(containerOf(asking, 'lanyard')['resources']).toMatchObject({ limits: { cpu: '1', memory: '256Mi' } })
  })

  it('quantities are compared, not their spelling: the API server has its own', () => {
    const pod = mutated(gen.pod({ 'role-arn': ROLE, 'sidecar-cpu-limit': '1000m', 'sidecar-memory-limit': '1024Mi' }))
    const resources = { requests: { cpu: '5m', memory: '64Mi' }, limits: { cpu: '1', memory: '1Gi' } }
    Object.assign(containerOf(pod, 'lanyard'), { resources })
    expect(injected(pod).patch).toEqual([])
  })

  it('another provider at the same kind of address is a conflict, and elsewhere untouched', () => {
    const env = [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://127.0.0.1:9911/v1/credentials' }]
    expect(codesOf(gen.podWithEnv(...env))).toEqual(['EnvWinsOverLanyard'])
    const containers = [gen.container({ name: 'app' }), gen.container({ name: 'other', env })]
    const pod = mutated(gen.pod({ 'role-arn': ROLE, containers: 'app' }, { containers }))
    expect(containerOf(pod, 'other')['env']).toEqual(env)
  })
})

describe('places', () => {
  const mounted = (mountPath: string, source: object) =>
    codesOf(
      gen.pod(undefined, {
        containers: [gen.container({ name: 'app', volumeMounts: [{ name: 'v', mountPath }] })],
        volumes: [{ name: 'v', ...source }],
      }),
    )

  it.each([['secret'], ['configMap'], ['projected'], ['downwardAPI'], ['image']])(
    'a %s above ours is read-only, whatever its mount says',
    (source) => {
      expect(mounted('/var/run/secrets', { [source]: {} })).toEqual(['MountPathTaken'])
      expect(mounted('/run', { [source]: {} })).toEqual(['MountPathTaken'])
    },
  )

  it.each([
    '/var/run/secrets/x/../lanyard.dev',
    'var/run/secrets/lanyard.dev',
    '/var/./run//secrets/lanyard.dev/',
    '/run/secrets/lanyard.dev/token',
  ])('%s is ours', (path) => {
    expect(mounted(path, { emptyDir: {} })).toEqual(['MountPathTaken'])
  })

  it('a writable volume above ours is no hindrance', () => {
    expect(
      injected(
        gen.pod(undefined, {
          containers: [gen.container({ name: 'app', volumeMounts: [{ name: 'v', mountPath: '/var/run' }] })],
          volumes: [{ name: 'v', emptyDir: {} }],
        }),
      ).kind,
    ).toBe('inject')
  })
})

describe('partitions', () => {
  const china = 'arn:aws-cn:iam::111122223333:role/app'
  it.each([
    [china, 'eu-west-1', ['RegionOfAnotherPartition']],
    [ROLE, 'cn-north-1', ['RegionOfAnotherPartition']],
    [ROLE, 'us-gov-west-1', ['RegionOfAnotherPartition']],
  ])('%s does not go with %s', (role, region, codes) => {
    expect(codesOf(gen.pod({ 'role-arn': role, region }))).toEqual(codes)
  })

  it.each([
    [china, 'cn-north-1'],
    ['arn:aws-us-gov:iam::111122223333:role/app', 'us-gov-west-1'],
    ['arn:aws-eusc:iam::111122223333:role/app', 'eusc-de-east-1'],
  ])('%s goes with %s', (role, region) => {
    expect(injected(gen.pod({ 'role-arn': role, region })).kind).toBe('inject')
  })

  it('an endpoint of the operator decides', () => {
    const config = { 'aws.stsEndpoint': 'https://sts.example.com' }
    expect(injected(gen.pod({ 'role-arn': china, region: 'eu-west-1' }), gen.context(config)).kind).toBe('inject')
  })
})

it('Windows is also said by the node selector', () => {
  const pod = gen.pod(undefined, { nodeSelector: { 'kubernetes.io/os': 'windows' } })
  expect(admit(pod, gen.context())).toMatchObject({ kind: 'skip', reason: 'WindowsPod' })
})

it.each(['AWS_ACCESS_KEY', 'AWS_SECRET_KEY'])('%s is a static key by its older name', (name) => {
  expect(codesOf(gen.podWithEnv({ name, value: 'x' }))).toEqual(['EnvWinsOverLanyard'])
})

it('the audience of the API server is refused: its tokens go nowhere else', () => {
  expect(codesOf(gen.pod({ 'role-arn': ROLE, audience: 'https://kubernetes.default.svc.cluster.local' }))).toEqual([
    'AnnotationInvalid',
  ])
})
