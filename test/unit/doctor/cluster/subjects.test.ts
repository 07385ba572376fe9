import { beforeAll, describe, expect, test } from 'vitest'
import { reached, targetThere } from '../../../../src/doctor/cluster/checks/target.ts'
import { isSelected } from '../../../../src/doctor/cluster/reach.ts'
import { gen, type Json, ROLE } from '../../../support/gen.ts'
import { bundles } from './ca.ts'
import {
  configuration,
  FORBIDDEN,
  failure,
  focusOf,
  groundOf,
  injectedPod,
  look,
  namespace,
  PATHS,
  podInState,
  SYSTEM,
  world,
} from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})
const at = (target: string, things: Readonly<Record<string, unknown>>) =>
  groundOf(world(good, things), { target }).ground

const owned = (pod: Json, kind: string, name: string, uid: string, labels: Json = {}): Json => ({
  ...pod,
  metadata: {
    ...(pod['metadata'] as Json),
    labels,
    ownerReferences: [{ kind: 'Other' }, { kind, name, uid, controller: true }],
  },
})
const named = (pod: Json, name: string, more: Json = {}): Json => ({
  ...pod,
  metadata: { ...(pod['metadata'] as Json), name, ...more },
})
const plain = (name: string, spec: Json = {}): Json => ({
  metadata: { name, namespace: 'shop' },
  spec: { containers: [gen.container()], ...spec },
})
const template = (annotations: Json = { 'lanyard.dev/role-arn': ROLE }): Json => ({
  metadata: { annotations },
  spec: { containers: [gen.container()] },
})
const workload = (name: string, uid: string, more: Json = {}): Json => ({
  metadata: { name, namespace: 'shop', uid },
  spec: { template: template() },
  ...more,
})
const apps = (kind: string, name = ''): string =>
  `/apis/apps/v1/namespaces/shop/${kind}s${name === '' ? '' : `/${name}`}`
const batch = (kind: string, name = ''): string =>
  `/apis/batch/v1/namespaces/shop/${kind}s${name === '' ? '' : `/${name}`}`

describe('the target', () => {
  test('is a pod', async () => {
    const ground = at('web', {})
    expect(await look(targetThere, ground)).toEqual([{ verdict: 'ok', message: '1 pod: pod/web' }])
    expect(await ground.focus()).toMatchObject({ title: 'pod/web', namespace: 'shop', isLive: true })
  })

  test.each([
    ['pod/x', 'pod/x', /in namespace shop/],
    ['deploy/x', 'deployment/x', /in namespace shop/],
    ['sa/x', 'serviceaccount/x', /in namespace shop/],
  ])('%s is not there', async (target, subject, message) => {
    expect(await look(targetThere, at(target, {}))).toEqual([
      { verdict: 'fail', code: 'TargetMissing', subject, message: expect.stringMatching(message) },
    ])
  })

  test('is a namespace that is not there', async () => {
    const { ground } = groundOf(world(good), { target: 'ns/nowhere', namespace: 'nowhere' })
    expect(await look(targetThere, ground)).toMatchObject([{ code: 'TargetMissing', message: 'there is none' }])
  })

  test('is a Deployment, with the pods of its ReplicaSets and its template', async () => {
    const pods = [
      owned(named(podInState({}), 'web-5d-a'), 'ReplicaSet', 'web-5d', 'rs', { 'pod-template-hash': '5d' }),
      owned(injectedPod(), 'ReplicaSet', 'web-5d', 'rs', { 'pod-template-hash': '5d' }),
      owned(injectedPod(), 'ReplicaSet', 'other', 'other'),
      plain('bare'),
    ]
    const replicaSets = [
      {
        metadata: {
          name: 'web-5d',
          uid: 'rs',
          ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'd', controller: true }],
        },
      },
      { metadata: { name: 'other', uid: 'other' } },
    ]
    const ground = at('deploy/web', {
      [apps('deployment', 'web')]: workload('web', 'd'),
      [apps('replicaset')]: replicaSets,
      [PATHS.pods]: pods,
    })
    const subjects = await ground.subjects()
    expect(subjects.map(({ title, isLive }) => [title, isLive])).toEqual([
      ['pod/web-5d-a', true],
      ['deployment/web', false],
      ['pod/web', true],
    ])
    expect(subjects.map(({ renew }) => renew)).toEqual(
      Array(3).fill('`kubectl -n shop rollout restart deployment/web`'),
    )
    expect(await look(targetThere, ground)).toEqual([{ verdict: 'ok', message: '2 pods: pod/web-5d-a, pod/web' }])
  })

  test('is a CronJob, by its Jobs', async () => {
    const cron = {
      metadata: { name: 'nightly', namespace: 'shop', uid: 'c' },
      spec: { jobTemplate: { spec: { template: template() } } },
    }
    const jobs = [
      {
        metadata: {
          name: 'nightly-1',
          uid: 'j',
          ownerReferences: [{ kind: 'CronJob', name: 'nightly', uid: 'c', controller: true }],
        },
      },
    ]
    const pods = [owned(named(injectedPod(), 'nightly-1-x'), 'Job', 'nightly-1', 'j')]
    const ground = at('cj/nightly', { [batch('cronjob', 'nightly')]: cron, [batch('job')]: jobs, [PATHS.pods]: pods })
    expect((await ground.subjects()).map(({ title, renew }) => [title, renew])).toEqual([
      ['cronjob/nightly', '`kubectl -n shop replace --force -f FILE`, with cronjob/nightly'],
      ['pod/nightly-1-x', '`kubectl -n shop delete pod nightly-1-x` (Job nightly-1 makes it anew)'],
    ])
  })

  test('is a StatefulSet; and a workload without a pod template is none', async () => {
    const pods = [owned(named(injectedPod(), 'db-0'), 'StatefulSet', 'db', 's')]
    const ground = at('sts/db', { [apps('statefulset', 'db')]: workload('db', 's'), [PATHS.pods]: pods })
    expect((await ground.subjects())[1]?.renew).toBe('`kubectl -n shop rollout restart statefulset/db`')
    const empty = at('ds/x', {
      [apps('daemonset', 'x')]: { metadata: { name: 'x', namespace: 'shop' } },
      [PATHS.pods]: [],
    })
    expect(await empty.focus()).toBeUndefined()
    expect(await look(targetThere, empty)).toMatchObject([{ message: 'no pod asks for Lanyard' }])
  })

  test('is a Deployment without pods', async () => {
    const ground = at('deploy/web', { [apps('deployment', 'web')]: workload('web', 'd'), [PATHS.pods]: [] })
    expect(await look(targetThere, ground)).toEqual([
      { verdict: 'ok', message: 'deployment/web, without a pod as yet' },
    ])
  })

  test('is a ServiceAccount: its pods that ask, else the one that would', async () => {
    const account = { metadata: { name: 'default', namespace: 'shop', annotations: { 'lanyard.dev/role-arn': ROLE } } }
    const pods = [injectedPod(), plain('silent'), plain('other', { serviceAccountName: 'other' })]
    const ground = at('sa/default', { [PATHS.account]: account, [PATHS.pods]: pods })
    expect((await ground.subjects()).map(({ title }) => title)).toEqual(['pod/web'])
    const alone = at('sa/default', { [PATHS.account]: account, [PATHS.pods]: [] })
    const subject = await focusOf(alone)
    expect(subject).toMatchObject({ title: 'serviceaccount/default', isLive: false })
    expect((await alone.decision(subject))?.kind).toBe('inject')
    expect((await alone.sidecar(subject))?.name).toBe('lanyard')
  })

  test('is a namespace: pods that ask, themselves or by their account, and workloads that lack some', async () => {
    const labelled = namespace('shop', { 'lanyard.dev/injection': 'enabled' })
    const things = {
      [PATHS.namespace]: labelled,
      [PATHS.account]: { metadata: { annotations: { 'lanyard.dev/role-arn': ROLE } } },
      [PATHS.pods]: [plain('silent'), injectedPod(), plain('mute', { serviceAccountName: 'mute' })],
      '/api/v1/namespaces/shop/serviceaccounts/mute': { metadata: { name: 'mute' } },
      [apps('deployment')]: [
        workload('refused', 'd', { spec: { replicas: 2, template: template() }, status: { replicas: 1 } }),
        workload('whole', 'e', { spec: { replicas: 1, template: template() }, status: { replicas: 1 } }),
        workload('mute', 'f', { spec: { replicas: 1, template: template({}) } }),
      ],
      [apps('replicaset')]: [
        workload('kept', 'g', {
          metadata: { ownerReferences: [{ uid: 'd', controller: true }] },
          spec: { replicas: 1, template: template() },
        }),
      ],
      [apps('daemonset')]: [
        workload('agent', 'h', { status: { desiredNumberScheduled: 2, currentNumberScheduled: 1 } }),
      ],
      [batch('job')]: [
        workload('begun', 'i', { spec: { parallelism: 1, template: template() }, status: { active: 1 } }),
        workload('stuck', 'j', { spec: { parallelism: 1, template: template() } }),
      ],
      [batch('cronjob')]: [{ metadata: { name: 'c' }, spec: {} }],
    }
    const { ground } = groundOf(world(good, things), { target: 'ns/shop' })
    expect((await ground.subjects()).map(({ title }) => title)).toEqual([
      'pod/silent',
      'deployment/refused',
      'daemonset/agent',
      'job/stuck',
      'pod/web',
    ])
    expect(await look(targetThere, ground)).toMatchObject([{ message: '2 pods: pod/silent, pod/web' }])
  })

  test('is everything: with the namespace in each title', async () => {
    const pods = Array.from({ length: 5 }, (_, index) => named(injectedPod(), `web-${index}`))
    const { ground } = groundOf(world(good, { '/api/v1/pods': pods }), { target: '', namespace: '' })
    expect(await look(targetThere, ground)).toEqual([
      { verdict: 'ok', message: '5 pods: pod/web-0 -n shop, pod/web-1 -n shop, pod/web-2 -n shop and 2 more' },
    ])
  })

  test('what the caller may not know of silent pods is left out, and other troubles are not', async () => {
    const things = (account: unknown) => ({
      [PATHS.namespace]: namespace('shop', { 'lanyard.dev/injection': 'enabled' }),
      [PATHS.account]: account,
      [PATHS.pods]: [plain('silent')],
    })
    expect(await groundOf(world(good, things(FORBIDDEN)), { target: 'ns/shop' }).ground.subjects()).toEqual([])
    const broken = new Map(world(good, things(failure('ClusterUnreachable'))))
    expect(await groundOf(broken, { target: 'ns/shop' }).ground.subjects()).toEqual([])
    const noInstallation = world(good, { ...things({}), [PATHS.configurations]: [] })
    expect(await groundOf(noInstallation, { target: 'ns/shop' }).ground.subjects()).toEqual([])
  })
})

describe('whether Lanyard is asked', () => {
  test('about pods that have a sidecar is no question', async () => {
    expect(await look(reached, at('web', { [PATHS.configurations]: [] }))).toEqual([])
  })

  const asking = { [PATHS.pod]: { ...gen.pod(), status: {} } }

  test('is so, or nobody knows of an installation', async () => {
    expect(await look(reached, at('web', asking))).toEqual([])
    expect(await look(reached, at('web', { ...asking, [PATHS.configurations]: [] }))).toEqual([])
  })

  test('is not so in a namespace that is left out', async () => {
    const excluded = configuration(good, { namespaceSelector: { matchLabels: { team: 'a' } } })
    expect(await look(reached, at('web', { ...asking, [PATHS.configurations]: [excluded] }))).toMatchObject([
      {
        verdict: 'fail',
        code: 'NamespaceExcluded',
        subject: 'pod/web',
        message: 'the entry pods.lanyard.dev of lanyard-webhook does not select namespace shop',
      },
    ])
  })

  test("is not so in Lanyard's own, and said once", async () => {
    const own = (name: string) => named(JSON.parse(JSON.stringify(gen.pod()).replaceAll('"shop"', `"${SYSTEM}"`)), name)
    const { ground } = groundOf(
      world(good, { [PATHS.webhookPods]: [own('a'), own('b')], [`/api/v1/namespaces/${SYSTEM}`]: namespace(SYSTEM) }),
      {
        target: `ns/${SYSTEM}`,
        namespace: SYSTEM,
      },
    )
    expect(await look(reached, ground)).toMatchObject([
      { code: 'NamespaceExcluded', fix: 'Run the pod in another namespace.' },
    ])
  })

  test('is so by the policy, where its selector takes the namespace', async () => {
    const policy = (namespaceSelector: unknown) => ({
      ...asking,
      [PATHS.configurations]: [],
      [PATHS.policies]: [
        { metadata: { name: 'lanyard-injection' }, spec: { matchConstraints: { namespaceSelector } } },
      ],
    })
    expect(await look(reached, at('web', policy(undefined)))).toEqual([])
    expect(await look(reached, at('web', policy({ matchLabels: { a: 'b' } })))).toMatchObject([
      { code: 'NamespaceExcluded' },
    ])
  })

  const misplaced = (name: string, annotations: Json, more: Json = {}) => ({
    metadata: { name, namespace: 'shop', uid: 'd', annotations },
    spec: { template: template({}) },
    ...more,
  })
  const ARN = { 'lanyard.dev/role-arn': ROLE }

  test('is not so where the annotation is on the workload: of the workload, of its pod, of its namespace', async () => {
    const deployment = misplaced('web', ARN)
    const expected = [
      {
        verdict: 'fail',
        code: 'AnnotationMisplaced',
        subject: 'deployment/web',
        message: 'lanyard.dev/role-arn is on the deployment itself, where nobody reads it',
        fix: 'Move it to the pod template: spec.template.metadata.annotations of deployment/web.',
      },
    ]
    const things = {
      [apps('deployment', 'web')]: deployment,
      [apps('deployment')]: [deployment, misplaced('other', ARN)],
      [PATHS.pods]: [],
    }
    expect(await look(reached, at('deploy/web', things))).toEqual(expected)
    expect(
      await look(reached, at('pod/web-1', { ...things, '/api/v1/namespaces/shop/pods/web-1': plain('web-1') })),
    ).toEqual(expected)
    expect(await look(reached, at('ns/shop', things))).toHaveLength(2)
    expect(await look(reached, at('sa/default', things))).toEqual([])
  })

  test('has several on a CronJob', async () => {
    const cron = {
      metadata: { name: 'c', namespace: 'shop', annotations: { ...ARN, 'lanyard.dev/region': 'eu-west-1' } },
      spec: { jobTemplate: { spec: { template: template({}) } } },
    }
    const [finding] = await look(
      reached,
      at('cj/c', { [batch('cronjob', 'c')]: cron, [batch('job')]: [], [PATHS.pods]: [] }),
    )
    expect(finding?.message).toContain('are on the cronjob itself')
    expect(finding?.fix).toContain('Move them to the pod template: spec.jobTemplate.spec.template.metadata.annotations')
  })

  test('is so where the pods say it too', async () => {
    const both = misplaced('web', ARN, { spec: { template: template(ARN) } })
    expect(await look(reached, at('deploy/web', { [apps('deployment', 'web')]: both, [PATHS.pods]: [] }))).toEqual([])
  })
})

describe('a selector', () => {
  const labels = { a: '1', b: '2' }
  test.each([
    [undefined, true],
    [{}, true],
    [{ matchLabels: { a: '1' } }, true],
    [{ matchLabels: { a: '2' } }, false],
    [{ matchLabels: { constructor: '1' } }, false],
    [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['1', '3'] }] }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }, false],
    [{ matchExpressions: [{ key: 'z', operator: 'NotIn', values: ['1'] }] }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'z', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'z', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ operator: 'Perhaps' }] }, false],
  ])('%j: %s', (selector, selects) => {
    expect(isSelected(selector, labels)).toBe(selects)
  })
})
