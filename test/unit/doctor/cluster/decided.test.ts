import { beforeAll, describe, expect, test } from 'vitest'
import { decided } from '../../../../src/doctor/cluster/checks/decided.ts'
import { grouped } from '../../../../src/doctor/cluster/grouped.ts'
import type { Finding } from '../../../../src/doctor/types.ts'
import { mutated } from '../../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../../support/gen.ts'
import { bundles } from './ca.ts'
import {
  configMap,
  configuration,
  FORBIDDEN,
  groundOf,
  injectedPod,
  look,
  namespace,
  PATHS,
  podInState,
  world,
} from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})
type Setup = Parameters<typeof groundOf>[1]
const decide = (things: Readonly<Record<string, unknown>> = {}, setup: Setup = {}) =>
  look(decided, groundOf(world(good, things), setup).ground)
const meta = (pod: Json, more: Json): Json => ({ ...pod, metadata: { ...(pod['metadata'] as Json), ...more } })
const silent: Json = { metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [gen.container()] } }
const DENIED = { 'lanyard.dev/role-arm': 'x', 'lanyard.dev/role-arn': ROLE }

test.each([
  ['lanyrad.dev/role-arn', true],
  ['lanyard.de/role-arn', true],
  ['eks.amazonaws.com/role-arn', false],
  ['example.com/role-arn', false],
])('an annotation %s, which nobody reads, is meant for Lanyard: %s', async (name, isMeant) => {
  const [finding] = await decide({ [PATHS.pod]: meta(silent, { annotations: { [name]: ROLE } }) })
  expect(finding).toMatchObject(
    isMeant
      ? { verdict: 'fail', code: 'AnnotationUnknown', fix: 'Write it lanyard.dev/role-arn.' }
      : { verdict: 'warn', code: 'NotRequested' },
  )
})

describe('a pod with its sidecar', () => {
  test('is as it would be made', async () => {
    expect(await decide()).toEqual([])
  })

  test('is of another version', async () => {
    const older = JSON.parse(
      JSON.stringify(injectedPod()).replaceAll('\\"version\\":\\"0.1.0\\"', '\\"version\\":\\"0.0.9\\"'),
    )
    expect(await decide({ [PATHS.pod]: older })).toEqual([
      {
        verdict: 'warn',
        code: 'PodOutdated',
        subject: 'pod/web',
        message: 'it was injected by Lanyard 0.0.9, and the cluster has 0.1.0',
        fix: '`kubectl -n shop delete pod web`, and create it again from its manifest.',
      },
    ])
  })

  test('has a note of Lanyard that is none', async () => {
    const pod = injectedPod()
    const annotations = { ...((pod['metadata'] as Json)['annotations'] as Json), 'lanyard.dev/status': '{' }
    expect((await decide({ [PATHS.pod]: meta(pod, { annotations }) }))[0]?.message).toContain(
      'by Lanyard of another version',
    )
  })

  test.each<[Json, string]>([
    [{ 'aws.region': 'eu-north-1' }, 'LANYARD_REGION of lanyard'],
    [{ 'sidecar.image': 'registry.example.com/lanyard:2' }, 'image of lanyard'],
    [{ 'defaults.audience': 'other' }, 'its volumes, LANYARD_AUDIENCE of lanyard'],
  ])('would have other settings: %j', async (settings, changes) => {
    expect(await decide({ [PATHS.config]: configMap(settings) })).toMatchObject([
      { verdict: 'warn', code: 'PodOutdated', message: `its settings or the operator's have changed: ${changes}` },
    ])
  })

  test('would have a sidecar that somebody took away, or another note', async () => {
    const pod = injectedPod()
    const spec = pod['spec'] as Json
    expect((await decide({ [PATHS.pod]: { ...pod, spec: { ...spec, initContainers: [] } } }))[0]?.message).toContain(
      'its containers',
    )
    const annotations = {
      ...((pod['metadata'] as Json)['annotations'] as Json),
      'lanyard.dev/status': '{"version":"0.1.0"}',
    }
    expect((await decide({ [PATHS.pod]: meta(pod, { annotations }) }))[0]?.message).toContain(
      'have changed: its status',
    )
  })

  test('would have so much otherwise that some of it is counted', async () => {
    const pod = injectedPod()
    const spec = pod['spec'] as Json
    const [sidecar] = spec['initContainers'] as Json[]
    const initContainers = [{ ...sidecar, env: [] }]
    expect((await decide({ [PATHS.pod]: { ...pod, spec: { ...spec, initContainers } } }))[0]?.message).toMatch(
      / and \d+ more$/,
    )
  })

  test('has authorities of STS that the doctor may not look at', async () => {
    const withCa = mutated(gen.pod(), gen.context({}, { stsCa: 'PEM' }))
    const things = { [PATHS.config]: configMap({ 'aws.stsCaFile': '/sts.crt' }) }
    expect(await decide({ ...things, [PATHS.pod]: { ...withCa, status: {} } })).toEqual([])
    expect(await decide(things)).toEqual([])
  })

  test('would be refused now', async () => {
    const annotations = { 'lanyard.dev/role-arn': ROLE }
    const things = {
      [PATHS.namespace]: namespace('shop', {}, { 'lanyard.dev/permitted-roles': 'arn:aws:iam::111122223333:role/x' }),
    }
    expect(await decide({ ...things, [PATHS.pod]: meta(injectedPod(), { annotations }) })).toMatchObject([
      { verdict: 'warn', message: expect.stringContaining('it runs, and would be refused now: ') },
    ])
  })

  test('was given variables by somebody after Lanyard, which is for another check', async () => {
    const pod = injectedPod()
    const [container] = (pod['spec'] as Json)['containers'] as Json[]
    const env = [...((container?.['env'] as Json[]) ?? []), { name: 'AWS_ACCESS_KEY_ID', value: 'x' }]
    const spec = { ...(pod['spec'] as Json), containers: [{ ...container, env }] }
    expect(await decide({ [PATHS.pod]: { ...pod, spec } })).toEqual([])
  })

  test('would have none any more', async () => {
    const annotations = {
      ...((injectedPod()['metadata'] as Json)['annotations'] as Json),
      'lanyard.dev/inject': 'false',
    }
    expect(await decide({ [PATHS.pod]: meta(injectedPod(), { annotations }) })).toMatchObject([
      {
        verdict: 'warn',
        code: 'PodOutdated',
        fix: expect.stringMatching(/^If that is meant: `kubectl -n shop delete pod web`/),
      },
    ])
  })

  test('is over, and so of no interest', async () => {
    const over = { ...gen.pod(DENIED), status: { phase: 'Succeeded' } }
    expect(await decide({ [PATHS.pod]: over })).toEqual([])
  })
})

describe('a pod without a sidecar', () => {
  test('is older than Lanyard', async () => {
    const pod = meta(gen.pod(), { creationTimestamp: '2026-11-01T00:00:00Z' })
    expect(await decide({ [PATHS.pod]: pod })).toMatchObject([
      {
        verdict: 'fail',
        code: 'PodNotInjected',
        message:
          'it is older than Lanyard here (2026-11-01T00:00:00.000Z, 2026-11-20T00:00:00.000Z), and would get a sidecar now',
        fix: '`kubectl -n shop delete pod web`, and create it again from its manifest.',
      },
    ])
  })

  test('is older than its annotation', async () => {
    const labels = { 'pod-template-hash': '5d' }
    const ownerReferences = [{ kind: 'ReplicaSet', name: 'web-5d', controller: true }]
    const pod = meta(gen.pod(), { creationTimestamp: '2026-11-26T00:00:00Z', labels, ownerReferences })
    expect(await decide({ [PATHS.pod]: pod })).toMatchObject([
      {
        code: 'PodNotInjected',
        message: expect.stringContaining('have changed since it was made'),
        fix: '`kubectl -n shop rollout restart deployment/web`.',
      },
    ])
  })

  test('is denied, every problem with its own advice', async () => {
    const pod = gen.pod({ 'role-arm': 'x', 'role-arn': ROLE, 'session-duration': 'soon' })
    expect(await decide({ [PATHS.pod]: pod })).toMatchObject([
      { verdict: 'fail', code: 'AnnotationUnknown', subject: 'pod/web' },
      { verdict: 'fail', code: 'AnnotationInvalid', fix: expect.stringContaining('Write it like') },
    ])
  })

  test('has opted out', async () => {
    const things = { [PATHS.pod]: gen.pod({ inject: 'false' }), [PATHS.pods]: [gen.pod({ inject: 'false' })] }
    expect(await decide(things)).toEqual([
      { verdict: 'warn', code: 'OptedOut', subject: 'pod/web', message: 'it gets no sidecar' },
    ])
    expect(await decide(things, { target: 'ns/shop' })).toEqual([])
  })

  test('asks for nothing, and nobody asks for it', async () => {
    expect(await decide({ [PATHS.pod]: silent })).toMatchObject([{ verdict: 'warn', code: 'NotRequested' }])
    expect(await decide({ [PATHS.pod]: silent, [PATHS.namespace]: undefined })).toMatchObject([
      { code: 'NotRequested' },
    ])
  })

  test('asks for nothing, and its account or namespace is not heard', async () => {
    const annotations = { 'lanyard.dev/role-arn': ROLE }
    const account = { metadata: { name: 'default', annotations } }
    const fix = expect.stringContaining('kubectl label namespace shop lanyard.dev/injection=enabled')
    expect(await decide({ [PATHS.pod]: silent, [PATHS.account]: account })).toMatchObject([
      {
        verdict: 'fail',
        code: 'PodNotInjected',
        message: expect.stringMatching(/^its ServiceAccount default has/),
        fix,
      },
    ])
    expect(await decide({ [PATHS.pod]: silent, [PATHS.namespace]: namespace('shop', {}, annotations) })).toMatchObject([
      { verdict: 'fail', code: 'PodNotInjected', message: expect.stringMatching(/^namespace shop has/), fix },
    ])
    const permitted = namespace('shop', {}, { 'lanyard.dev/permitted-roles': ROLE })
    expect(await decide({ [PATHS.pod]: silent, [PATHS.namespace]: permitted })).toMatchObject([
      { code: 'NotRequested' },
    ])
  })

  test('is Windows’s', async () => {
    expect(await decide({ [PATHS.pod]: gen.pod({ 'role-arn': ROLE }, { os: { name: 'windows' } }) })).toMatchObject([
      { code: 'WindowsPod' },
    ])
  })

  test('is of EKS’s annotations, where they are read', async () => {
    const entries = configuration(good)['webhooks'] as Json[]
    const eks = { ...entries[0], name: 'eks.lanyard.dev' }
    const things = {
      [PATHS.pod]: silent,
      [PATHS.config]: configMap({ 'compatibility.eks': true }),
      [PATHS.account]: { metadata: { name: 'default', annotations: { 'eks.amazonaws.com/role-arn': ROLE } } },
    }
    const webhooks = { [PATHS.configurations]: [{ metadata: {}, webhooks: [...entries, eks] }] }
    expect(await decide({ ...things, ...webhooks })).toMatchObject([{ code: 'PodNotInjected' }])
    expect(await decide(things)).toMatchObject([{ code: 'NotRequested' }])
  })
})

describe('a role that is not permitted', () => {
  const permit = (permitted: string | undefined, settings: Json = {}) =>
    decide({
      [PATHS.pod]: gen.pod(),
      [PATHS.config]: configMap(settings),
      [PATHS.namespace]: namespace(
        'shop',
        {},
        permitted === undefined ? {} : { 'lanyard.dev/permitted-roles': permitted },
      ),
    })

  test('comes with the operator’s command', async () => {
    expect((await permit('arn:aws:iam::111122223333:role/a\n  arn:aws:iam::111122223333:role/b-*'))[0]?.fix).toContain(
      `kubectl annotate --overwrite namespace shop 'lanyard.dev/permitted-roles=arn:aws:iam::111122223333:role/a arn:aws:iam::111122223333:role/b-* ${ROLE}'`,
    )
    expect((await permit(undefined, { 'permission.mode': 'required' }))[0]?.fix).toContain(
      `'lanyard.dev/permitted-roles=${ROLE}'`,
    )
  })

  test('comes in words where the command would be too long to be told whole', async () => {
    const many = Array.from({ length: 40 }, (_, at) => `arn:aws:iam::111122223333:role/service/checkout-${at}`)
    expect((await permit(many.join(' ')))[0]?.fix).toBe(
      `Choose a role that is permitted, or have the operator add ${ROLE} to lanyard.dev/permitted-roles of namespace shop.`,
    )
    const defaults = { 'permission.mode': 'required', 'permission.defaultRoles': many }
    expect((await permit(undefined, defaults))[0]?.fix).toContain(
      'of namespace shop, with all of permission.defaultRoles, which do not count beside it.',
    )
  })

  test('comes without one where it would not be safe to run', async () => {
    const [finding] = await permit("arn:aws:iam::111122223333:role/a';reboot;'")
    expect(finding?.code).toBe('PermissionInvalid')
    expect(finding).not.toHaveProperty('fix')
  })
})

test('without a webhook nothing is decided here, and what may not be read is said', async () => {
  const policy = { [PATHS.configurations]: [], [PATHS.policies]: [{ metadata: { name: 'lanyard-injection' } }] }
  expect(await decide(policy)).toMatchObject([{ verdict: 'skip' }])
  await expect(decide({ [PATHS.account]: FORBIDDEN })).rejects.toThrow(/ClusterForbidden/)
})

test('with sources that are not read only the pod speaks', async () => {
  const things = { [PATHS.config]: configMap({ 'sources.enabled': false }), [PATHS.pod]: gen.pod({ inject: 'true' }) }
  expect(await decide(things)).toMatchObject([{ code: 'RoleMissing' }])
  const { ground } = groundOf(world(good, { ...things, [PATHS.pod]: gen.pod() }))
  expect((await ground.sidecar((await ground.subjects())[0] as never))?.name).toBe('lanyard')
})

test('there is no sidecar where none is decided on', async () => {
  for (const things of [
    { [PATHS.pod]: gen.pod({ inject: 'false' }) },
    { [PATHS.pod]: gen.pod(), [PATHS.configurations]: [] },
  ]) {
    const { ground } = groundOf(world(good, things))
    expect(await ground.sidecar((await ground.subjects())[0] as never)).toBeUndefined()
  }
  const { ground } = groundOf(world(good, { [PATHS.pod]: podInState({}) }))
  expect((await ground.sidecar((await ground.subjects())[0] as never))?.name).toBe('lanyard')
})

describe('what pods have in common', () => {
  const of = (subject: string, more: Partial<Finding> = {}): Finding => ({
    verdict: 'warn',
    code: 'PodOutdated',
    message: 'm',
    fix: `${subject}.`,
    subject,
    ...more,
  })

  test('is said once, the worst first', () => {
    const pods = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => of(name))
    expect(grouped([{ verdict: 'ok', message: 'x' }, ...pods, of('z', { verdict: 'fail' })])).toEqual([
      of('z', { verdict: 'fail' }),
      of('a, b, c, d, e and 2 more', { fix: 'For the first: a.' }),
      { verdict: 'ok', message: 'x' },
    ])
  })

  test('has the same advice for all, or none', () => {
    expect(grouped([of('a', { fix: 'x' }), of('b', { fix: 'x' })])).toEqual([of('a, b', { fix: 'x' })])
    const bare: Finding = { verdict: 'ok', message: 'm' }
    expect(grouped([bare, bare])).toEqual([{ ...bare, subject: ', ' }])
  })
})
