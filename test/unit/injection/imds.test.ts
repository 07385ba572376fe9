import { describe, expect, it } from 'vitest'
import { layout } from '../../../src/injection/index.ts'
import { codesOf, denied, injected, mutated } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { containerOf, envOf, listAt, objectAt } from '../../support/tree.ts'

const imds = (annotations: Readonly<Record<string, string>> = {}, spec: Json = {}): Json =>
  gen.pod({ 'role-arn': ROLE, protocol: 'imds', ...annotations }, spec)
const sharing = gen.context({ 'imds.sharedByPod': true })
const containers = [gen.container(), gen.container({ name: 'helper' })]
const ENV = {
  AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9797/',
  AWS_METADATA_ENDPOINT: 'http://127.0.0.1:9797',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
}
const appEnv = (pod: Json): Readonly<Record<string, unknown>> => envOf(mutated(pod), 'app')

describe('by IMDS', () => {
  it('an app is told where IMDS is, and the region; it has no file', () => {
    const pod = mutated(imds())
    expect(envOf(pod, 'app')).toEqual(ENV)
    expect(containerOf(pod, 'app')).not.toHaveProperty('volumeMounts')
  })

  it('it is asked at the port of the pod, and by no proxy', () => {
    const env = [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }]
    const pod = imds({ 'credentials-port': '19797' }, { containers: [gen.container({ env })] })
    expect(appEnv(pod)).toMatchObject({
      AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:19797/',
      AWS_METADATA_ENDPOINT: 'http://127.0.0.1:19797',
      NO_PROXY: '127.0.0.1',
    })
  })

  it('the sidecar is as ever, but for its protocol', () => {
    const [sidecar, usual] = [imds(), gen.pod()].map((pod) => containerOf(mutated(pod), layout.SIDECAR))
    const protocol = { name: 'LANYARD_PROTOCOL', value: 'imds' }
    expect(listAt(sidecar, 'env').filter(({ name }) => name !== protocol.name)).toEqual(listAt(usual, 'env'))
    expect({ ...sidecar, env: [] }).toEqual({ ...usual, env: [] })
    expect(listAt(sidecar, 'env')).toContainEqual(protocol)
    expect(objectAt(mutated(imds()), 'spec')['volumes']).toEqual(objectAt(mutated(gen.pod()), 'spec')['volumes'])
  })

  it('what is usual is not said: not to the sidecar, nor in the status', () => {
    const pod = mutated(gen.pod({ 'role-arn': ROLE, protocol: 'container' }))
    expect(envOf(pod, layout.SIDECAR)).not.toHaveProperty('LANYARD_PROTOCOL')
    expect(objectAt(pod, 'metadata', 'annotations')['lanyard.dev/status']).toBe(
      `{"version":"0.1.0","mode":"sidecar","roles":{"app":"${ROLE}"}}`,
    )
    expect(objectAt(mutated(imds()), 'metadata', 'annotations')['lanyard.dev/status']).toBe(
      `{"version":"0.1.0","mode":"sidecar","protocol":"imds","roles":{"app":"${ROLE}"}}`,
    )
  })

  it('all containers have the one role, said in whatever way', () => {
    const annotations = { protocol: 'imds', 'container-roles': `helper=${ROLE} app=${ROLE}` }
    const env = envOf(mutated(gen.pod(annotations, { containers }), sharing), layout.SIDECAR)
    expect(env).toMatchObject({ LANYARD_ROLE_ARN: ROLE, LANYARD_CONTAINERS: 'app helper' })
    expect(env).not.toHaveProperty('LANYARD_CONTAINER_ROLES')
  })

  it('a mount where an endpoint token would be is in the way of nothing, but for what is ours', () => {
    const mounting = (name: string): Json =>
      imds({}, { containers: [gen.container({ volumeMounts: [{ name, mountPath: '/var/run/secrets/lanyard.dev' }] })] })
    expect(injected(mounting('own')).warnings).toEqual([])
    expect(codesOf(mounting('lanyard-endpoint'))).toEqual(['VolumeMountedByOthers'])
  })
})

describe('what IMDS cannot do is refused', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['chosen containers', { containers: 'app' }, ['containers']],
    ['a role for a container', { 'container-roles': `app=${ROLE}` }, ['container-roles']],
    ['both', { containers: 'app', 'container-roles': `helper=${ROLE}` }, ['containers', 'container-roles']],
  ])('%s', (_what, annotations, fields) => {
    const { problems } = denied(imds(annotations, { containers }))
    expect(problems.map(({ code, field }) => [code, field])).toEqual(
      fields.map((field) => ['ImdsSharedByPod', `metadata.annotations[lanyard.dev/${field}]`]),
    )
    expect(injected(imds(annotations, { containers }), sharing).warnings).toEqual([
      'the protocol is imds: every container of the pod can have the role, whichever are chosen',
    ])
  })

  it('containers taken out by the annotation of EKS, where it is read', () => {
    const pod = imds({}, { containers })
    objectAt(pod, 'metadata', 'annotations')['eks.amazonaws.com/skip-containers'] = 'helper'
    expect(denied(pod, gen.context({ 'compatibility.eks': true })).problems).toMatchObject([
      { code: 'ImdsSharedByPod', field: 'metadata.annotations[eks.amazonaws.com/skip-containers]' },
    ])
    expect(injected(pod).warnings).toEqual([])
  })

  it('by its place, where the ServiceAccount chooses', () => {
    const annotations = { 'lanyard.dev/role-arn': ROLE, 'lanyard.dev/containers': 'app' }
    const sources = { serviceAccount: { name: 'web', annotations }, namespace: {} }
    const pod = gen.pod({ protocol: 'imds', inject: 'true' }, { containers })
    expect(denied(pod, gen.context({}, { sources })).problems).toMatchObject([
      { code: 'ImdsSharedByPod', field: 'ServiceAccount web: metadata.annotations[lanyard.dev/containers]' },
    ])
  })

  it('several roles, even where the operator lets the pod share', () => {
    const pod = imds({ 'container-roles': `helper=${OTHER_ROLE}` }, { containers })
    expect(denied(pod, sharing).problems).toMatchObject([
      { code: 'ImdsSeveralRoles', field: 'metadata.annotations[lanyard.dev/container-roles]' },
    ])
    expect(codesOf(pod)).toEqual(['ImdsSharedByPod', 'ImdsSeveralRoles'])
  })

  const named = '{pod}.{container}'
  it.each<[string, Readonly<Record<string, string>>, Json, RegExp]>([
    ['of the pod', { 'session-name': named }, {}, /the session name has \{container\}/],
    ['of the operator', {}, { 'defaults.sessionName': named }, /the operator's session name has \{container\}/],
  ])('a session name %s that tells containers apart', (_whose, annotations, settings, message) => {
    const [problem, ...more] = denied(imds(annotations), gen.context(settings)).problems
    expect(problem).toMatchObject({
      code: 'AnnotationsConflict',
      field: 'metadata.annotations[lanyard.dev/protocol]',
      fix: 'Remove lanyard.dev/protocol: "imds", or set lanyard.dev/session-name to one without {container}.',
    })
    expect(problem?.message).toMatch(message)
    expect(more).toEqual([])
  })

  it('and it is not said to choose another name where that is locked', () => {
    const locked = gen.context({ 'defaults.sessionName': named, 'defaults.lockSessionName': true })
    expect(denied(imds(), locked).problems[0]?.fix).toBe('Remove lanyard.dev/protocol: "imds".')
  })

  it('direct mode, which has no IMDS: that alone is said', () => {
    expect(codesOf(imds({ mode: 'direct', containers: 'app' }, { containers }))).toEqual(['DirectModeConflict'])
  })

  it('none of it with the container protocol', () => {
    const annotations = { containers: 'app', 'container-roles': `helper=${OTHER_ROLE}`, 'session-name': named }
    expect(injected(gen.pod({ 'role-arn': ROLE, protocol: 'container', ...annotations }, { containers })).kind).toBe(
      'inject',
    )
  })
})

describe('by IMDS what a pod shares', () => {
  it('are no endpoint tokens; but the identity, which the sidecar has, can be seen where processes can', () => {
    for (const shared of ['hostPID', 'shareProcessNamespace']) {
      const warning = `${shared} lets every process of the sidecar's user, 29797, read the identity token`
      expect(injected(imds({}, { [shared]: true })).warnings).toEqual([warning])
      const required = { 'permission.mode': 'required', 'permission.defaultRoles': [ROLE] }
      expect(codesOf(imds({}, { [shared]: true }), gen.context(required))).toEqual(['PidNamespaceShared'])
      expect(injected(imds(), gen.context(required)).kind).toBe('inject')
    }
  })

  it('is the role, so nobody can listen for more', () => {
    expect(
      injected(imds({ containers: 'app' }, { containers, shareProcessNamespace: true }), sharing).warnings,
    ).toEqual([
      "shareProcessNamespace lets every process of the sidecar's user, 29797, read the identity token",
      'the protocol is imds: every container of the pod can have the role, whichever are chosen',
    ])
  })

  it('is not the network of its node', () => {
    expect(codesOf(imds({}, { hostNetwork: true }))).toEqual(['HostNetworkNotSupported'])
  })

  it('is a region: without one it is denied, for clients ask for it', () => {
    const nowhere = gen.context({ 'aws.region': null })
    expect(codesOf(imds(), nowhere)).toEqual(['RegionMissing'])
    expect(codesOf(imds({ 'sts-endpoint': 'https://sts.example.com' }), nowhere)).toContain('RegionMissing')
    expect(injected(imds({ region: 'eu-west-2' }), nowhere).warnings).toEqual([])
    expect(injected(gen.pod(), nowhere).warnings.join()).not.toContain('IMDS')
  })
})
