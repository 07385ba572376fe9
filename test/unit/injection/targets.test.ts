import { describe, expect, it } from 'vitest'
import { codesOf, denied, injected } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'

const named = (...names: readonly string[]): Json[] => names.map((name) => gen.container({ name }))
const rolesOf = (pod: Json, settings: Json = {}): unknown =>
  JSON.parse(injected(pod, gen.context(settings)).audit['roles'] ?? '')

/** A pod of the init container `init` and the containers `app` and `helper`. */
const podOf = (annotations: Readonly<Record<string, string>>): Json =>
  gen.pod(annotations, { initContainers: named('init'), containers: named('app', 'helper') })

describe('which container gets which role', () => {
  const own = `helper=${OTHER_ROLE}`
  const everyOne = { init: ROLE, app: ROLE, helper: ROLE }

  it.each([
    { case: 'role-arn alone', of: { 'role-arn': ROLE }, roles: everyOne },
    { case: 'one selected', of: { 'role-arn': ROLE, containers: 'app' }, roles: { app: ROLE } },
    { case: 'all selected', of: { 'role-arn': ROLE, containers: 'helper\napp\tinit' }, roles: everyOne },
    { case: 'a role of its own', of: { 'container-roles': own }, roles: { helper: OTHER_ROLE } },
    {
      case: 'a role of its own beside role-arn',
      of: { 'role-arn': ROLE, 'container-roles': own },
      roles: { ...everyOne, helper: OTHER_ROLE },
    },
    {
      case: 'all three, apart',
      of: { 'role-arn': ROLE, containers: 'app', 'container-roles': own },
      roles: { app: ROLE, helper: OTHER_ROLE },
    },
    {
      case: 'all three, where its own role wins',
      of: { 'role-arn': ROLE, containers: 'helper app', 'container-roles': own },
      roles: { app: ROLE, helper: OTHER_ROLE },
    },
    {
      case: 'its own role written out though it is the same',
      of: { 'role-arn': ROLE, containers: 'app', 'container-roles': `app=${ROLE}` },
      roles: { app: ROLE },
    },
  ])('$case', ({ of, roles }) => {
    expect(rolesOf(podOf(of))).toEqual(roles)
  })

  it.each([
    { of: { containers: 'app' }, codes: ['RoleMissing'] },
    { of: { containers: 'ghost' }, codes: ['ContainerUnknown', 'RoleMissing'] },
    { of: { containers: 'app', 'container-roles': own }, codes: ['AnnotationsConflict'] },
    { of: { 'role-arn': ROLE, containers: 'ghost lanyard' }, codes: ['ContainerUnknown'] },
    { of: { 'container-roles': `ghost=${ROLE}` }, codes: ['ContainerUnknown'] },
    { of: { mode: 'sidecar' }, codes: ['RoleMissing'] },
    { of: { inject: 'true' }, codes: ['RoleMissing'] },
    { of: { 'role-arn': 'app' }, codes: ['RoleAccountUnknown'] },
    {
      of: { 'role-arn': 'app', 'container-roles': 'app=app helper=other' },
      codes: ['RoleAccountUnknown', 'RoleAccountUnknown'],
    },
    { of: { 'role-arn': ':' }, codes: ['AnnotationInvalid'] },
    { of: { rolearn: ROLE }, codes: ['AnnotationUnknown'] },
  ])('denies $of as $codes', ({ of, codes }) => {
    expect(codesOf(podOf(of))).toEqual(codes)
  })

  it('lists the containers that could have been meant', () => {
    const [problem] = denied(podOf({ 'role-arn': ROLE, containers: 'ap' })).problems
    expect(problem?.message).toBe(
      'the pod has no container "ap" that starts after the sidecar; it has init, app, helper',
    )
  })

  it('completes a bare name by the account and partition of the operator', () => {
    const settings = { 'aws.accountId': '444455556666', 'aws.partition': 'aws-eusc' }
    const roles = rolesOf(podOf({ 'role-arn': 'my.role+x', 'container-roles': `helper=${OTHER_ROLE}` }), settings)
    const whole = 'arn:aws-eusc:iam::444455556666:role/my.role+x'
    expect(roles).toEqual({ init: whole, app: whole, helper: OTHER_ROLE })
  })

  it('goes on to the other problems of a misspelt annotation where the role is plain', () => {
    const pod = podOf({ 'role-arn': ROLE, regoin: 'eu-west-1', containers: 'ghost' })
    expect(codesOf(pod)).toEqual(['AnnotationUnknown', 'ContainerUnknown'])
  })
})

describe('meshes', () => {
  const proxy = gen.container({ name: 'istio-proxy', restartPolicy: 'Always' })

  it.each([
    { case: 'no mesh', inits: named('init'), at: 0 },
    { case: 'a native proxy', inits: [proxy], at: 1 },
    { case: 'a native proxy, then others', inits: [...named('istio-init'), proxy, ...named('init')], at: 2 },
    { case: 'something before the rules', inits: [...named('init', 'istio-init'), proxy], at: 0 },
    {
      case: 'something before the proxy, behind the rules of a CNI plugin',
      inits: [...named('init', 'istio-validation'), proxy],
      at: 3,
    },
    { case: 'rules without a native proxy', inits: named('istio-init', 'init'), at: 0 },
    { case: 'another native sidecar', inits: [gen.container({ name: 'log', restartPolicy: 'Always' })], at: 0 },
  ])('puts the sidecar at index $at with $case', ({ inits, at }) => {
    const { patch } = injected(gen.pod(undefined, { initContainers: inits }))
    const sidecar = patch.find(({ path }) => path === `/spec/initContainers/${at}`)
    expect(sidecar).toMatchObject({ op: 'add', value: { name: 'lanyard' } })
  })

  it.each([
    {
      case: 'a container before the proxy, behind the rules of a CNI plugin',
      inits: [...named('init'), proxy],
      warned: /container init starts before the mesh's proxy/,
    },
    {
      case: 'rules of a CNI plugin without a native proxy',
      inits: named('istio-validation'),
      warned: /run the proxy as a native sidecar/,
    },
    {
      case: 'rules of a CNI plugin without a native proxy',
      inits: named('linkerd-network-validator'),
      warned: /run the proxy as a native sidecar/,
    },
  ])('warns of $case', ({ inits, warned }) => {
    expect(injected(gen.pod(undefined, { initContainers: inits })).warnings).toContainEqual(
      expect.stringMatching(warned),
    )
  })

  it('warns of nothing where everything has its place', () => {
    for (const inits of [
      [...named('istio-init'), proxy, ...named('init')],
      named('istio-init', 'init'),
      [...named('init', 'istio-init'), proxy],
    ]) {
      expect(injected(gen.pod(undefined, { initContainers: inits })).warnings).toEqual([])
    }
  })

  it('leaves its containers out unless they are named', () => {
    const containers = named('app', 'istio-proxy', 'linkerd-proxy')
    expect(rolesOf(gen.pod(undefined, { containers }))).toEqual({ app: ROLE })
    const pod = gen.pod({ 'role-arn': ROLE, containers: 'istio-proxy' }, { containers })
    expect(rolesOf(pod)).toEqual({ 'istio-proxy': ROLE })
    const other = gen.pod({ 'container-roles': `linkerd-proxy=${ROLE}` }, { containers })
    expect(rolesOf(other)).toEqual({ 'linkerd-proxy': ROLE })
  })

  it("knows the operator's own mesh, or none", () => {
    const inits = [gen.container({ name: 'kuma-sidecar', restartPolicy: 'Always' })]
    const pod = gen.pod(undefined, { initContainers: inits, containers: named('app', 'istio-proxy') })
    const paths = injected(pod, gen.context({ 'sidecar.meshContainers': ['kuma-*'] })).patch.map(({ path }) => path)
    expect(paths).toContain('/spec/initContainers/1')
    expect(rolesOf(pod, { 'sidecar.meshContainers': [] })).toEqual({
      'kuma-sidecar': ROLE,
      app: ROLE,
      'istio-proxy': ROLE,
    })
  })
})
