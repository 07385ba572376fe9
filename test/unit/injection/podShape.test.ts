import { describe, expect, it } from 'vitest'
import { admit } from '../../../src/injection/index.ts'
import { codesOf, denied, injected } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'

const annotations = { 'lanyard.dev/role-arn': ROLE }
const withSpec = (spec: unknown): unknown => ({ metadata: { annotations }, spec })
const withContainer = (container: unknown): unknown => withSpec({ containers: [container] })
const fieldsOf = (pod: unknown): readonly (string | undefined)[] => denied(pod).problems.map(({ field }) => field)

describe('what is no pod', () => {
  it.each([null, undefined, 0, 1, '', 'pod', true, [], [gen.pod()], new Date(0), () => {}])('%j', (raw) => {
    expect(codesOf(raw)).toContain('PodInvalid')
  })

  it.each<[string, unknown]>([
    ['metadata', { spec: { containers: [] } }],
    ['metadata', { metadata: [], spec: { containers: [] } }],
    ['metadata.annotations', { metadata: { annotations: [] }, spec: { containers: [] } }],
    ['metadata.annotations[a]', { metadata: { annotations: { a: 1 } }, spec: { containers: [] } }],
    ['spec', { metadata: {} }],
    ['spec', withSpec('x')],
    ['spec.containers', withSpec({})],
    ['spec.containers', withSpec({ containers: null })],
    ['spec.containers', withSpec({ containers: { 0: {} } })],
    ['spec.containers[0]', withContainer(null)],
    ['spec.containers[0].name', withContainer({})],
    ['spec.containers[0].image', withContainer({ name: 'a', image: 1 })],
    ['spec.containers[0].restartPolicy', withContainer({ name: 'a', restartPolicy: {} })],
    ['spec.containers[0].env', withContainer({ name: 'a', env: {} })],
    ['spec.containers[0].env[1]', withContainer({ name: 'a', env: [{ name: 'A' }, 'B=1'] })],
    ['spec.containers[0].env[0].name', withContainer({ name: 'a', env: [{ value: 'canary' }] })],
    ['spec.containers[0].env[0].value', withContainer({ name: 'a', env: [{ name: 'A', value: 1 }] })],
    ['spec.containers[0].envFrom', withContainer({ name: 'a', envFrom: 'x' })],
    ['spec.containers[0].volumeMounts[0].mountPath', withContainer({ name: 'a', volumeMounts: [{ name: 'v' }] })],
    ['spec.containers[0].ports[0].containerPort', withContainer({ name: 'a', ports: [{ containerPort: '80' }] })],
    ['spec.containers[0].ports[0].protocol', withContainer({ name: 'a', ports: [{ protocol: 6 }] })],
    ['spec.containers[0].resources', withContainer({ name: 'a', resources: 'many' })],
    ['spec.containers[0].resources.limits[cpu]', withContainer({ name: 'a', resources: { limits: { cpu: null } } })],
    ['spec.initContainers', withSpec({ containers: [], initContainers: {} })],
    ['spec.initContainers[0].name', withSpec({ containers: [], initContainers: [{}] })],
    ['spec.volumes[0].name', withSpec({ containers: [], volumes: [{ emptyDir: {} }] })],
    ['spec.hostNetwork', withSpec({ containers: [], hostNetwork: 'false' })],
    ['spec.hostPID', withSpec({ containers: [], hostPID: 1 })],
    ['spec.shareProcessNamespace', withSpec({ containers: [], shareProcessNamespace: [] })],
    ['spec.os', withSpec({ containers: [], os: 'windows' })],
    ['spec.os.name', withSpec({ containers: [], os: { name: 1 } })],
    ['spec.resources.requests', withSpec({ containers: [], resources: { requests: [] } })],
    ['spec.terminationGracePeriodSeconds', withSpec({ containers: [], terminationGracePeriodSeconds: '30' })],
  ])('%s is wrong', (field, pod) => {
    expect(fieldsOf(pod)).toEqual([field])
    expect(codesOf(pod)).toEqual(['PodInvalid'])
  })

  it('is told with every problem at once, but not endlessly', () => {
    expect(fieldsOf({})).toEqual(['metadata', 'spec'])
    expect(fieldsOf(withSpec({ containers: Array.from({ length: 1000 }, () => 0) }))).toHaveLength(20)
    const longKey = { metadata: { annotations: { ['k'.repeat(5000)]: 1 } }, spec: { containers: [] } }
    expect(fieldsOf(longKey)[0]?.length).toBeLessThan(150)
  })

  it('never is told with a value', () => {
    const env = [{ name: { canary: 1 }, value: ['canary'] }]
    expect(JSON.stringify(denied(withContainer({ name: 'a', env })))).not.toContain('canary')
  })

  it('takes nothing from a prototype', () => {
    const raw = JSON.parse('{"__proto__": {"metadata": {}, "spec": {"containers": []}}}')
    expect(fieldsOf(raw)).toEqual(['metadata', 'spec'])
    const inherited = Object.create(gen.pod()) as unknown
    expect(fieldsOf(inherited)).toEqual(['metadata', 'spec'])
  })
})

describe('who is not addressed', () => {
  const skip = (pod: Json): unknown => admit(pod, gen.context())
  const annotated = (values: unknown): Json => ({ ...gen.pod(), metadata: { annotations: values } })

  it.each<[string, unknown, string]>([
    ['no annotations', undefined, 'NotRequested'],
    ['null annotations', null, 'NotRequested'],
    ['those of others', { 'example.com/role-arn': ROLE, 'eks.amazonaws.com/role-arn': ROLE }, 'NotRequested'],
    ['a prefix that is not ours', { 'lanyard.devil/role-arn': ROLE }, 'NotRequested'],
    ['nothing but our status', { 'lanyard.dev/status': '{}' }, 'NotRequested'],
    ['the opt-out', { 'lanyard.dev/inject': 'false' }, 'OptedOut'],
    ['the opt-out among nonsense', { 'lanyard.dev/inject': ' false\n', 'lanyard.dev/x': '' }, 'OptedOut'],
    ['a mirror pod', { ...annotations, 'kubernetes.io/config.mirror': '' }, 'MirrorPod'],
  ])('%s', (_, values, reason) => {
    expect(skip(annotated(values))).toEqual({ kind: 'skip', reason, warnings: [] })
  })

  it('Windows, which is told', () => {
    expect(skip(gen.pod(undefined, { os: { name: 'windows' } }))).toMatchObject({ reason: 'WindowsPod' })
    expect(injected(gen.pod(undefined, { os: { name: 'linux' } })).patch).not.toEqual([])
  })

  it('looks for annotations of its own, not inherited ones', () => {
    const values: unknown = JSON.parse('{"__proto__": {"lanyard.dev/role-arn": "x"}}')
    expect(codesOf(annotated(values))).toEqual(['PodInvalid'])
    expect(codesOf(annotated({ 'lanyard.dev/constructor': 'x' }))).toEqual(['AnnotationUnknown'])
  })
})
