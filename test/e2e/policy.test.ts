import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { policySets } from '../chart/sets.ts'
import type { Json } from '../support/gen.ts'
import { podFixtures } from '../support/podFixtures.ts'
import { changed, containerOf, listAt } from '../support/tree.ts'
import { objectsIn, render } from './support/helm.ts'
import {
  apply,
  create,
  kubectl,
  list,
  logs,
  podReady,
  raw,
  rolledOut,
  said,
  tryKubectl,
  waitFor,
} from './support/kubectl.ts'
import { CONFIGURATION, DEPLOYMENT, uninstall } from './support/lanyard.ts'
import {
  applyOtherPolicy,
  essence,
  installPolicy,
  type Judged,
  judge,
  judgeAfterWebhook,
  LABEL,
  webhookContext,
} from './support/policy.ts'
import {
  addsContainer,
  again,
  caseOf,
  changesSidecar,
  forgeries,
  onlyWebhook,
  refusals,
  tried,
} from './support/policyCases.ts'
import { NAMESPACE, told } from './support/settings.ts'
import { RESTRICTED, roleArn } from './support/sts.ts'
import { dropNamespace, job, makeNamespace, pod, podTemplate, WHO_AM_I, workload } from './support/workloads.ts'

/** Pods run here, where Pod Security admits the least. */
const WHERE = 'e2e-policy'
/** Pods are only tried here. */
const TRIED = 'e2e-policy-tried'
const UNLABELLED = 'e2e-policy-unlabelled'
const POLICY = 'lanyard-injection'

beforeAll(async () => {
  await makeNamespace(WHERE, { ...LABEL, ...RESTRICTED })
  await makeNamespace(TRIED, LABEL)
  await makeNamespace(UNLABELLED)
  await installPolicy(TRIED)
})
afterAll(async () => {
  await Promise.all([WHERE, TRIED, UNLABELLED].map(dropNamespace))
  await uninstall()
})

test('nothing of the webhook is there', async () => {
  expect((await tryKubectl(['get', DEPLOYMENT, '-n', NAMESPACE])).code).toBe(1)
  expect((await tryKubectl(['get', 'mutatingwebhookconfiguration', CONFIGURATION])).code).toBe(1)
  expect(await list('services', NAMESPACE)).toEqual([])
})

test.each(policySets)('the API server accepts what the chart makes of $name', async ({ values }) => {
  const objects = objectsIn(await render(values, 'lanyard-trial'))
  const policies = objects.filter(({ kind }) => kind?.includes('AdmissionPolicy'))
  const { code, stderr } = await create(policies, '--dry-run=server')
  expect(stderr).toBe('')
  expect(code).toBe(0)
})

describe('one annotation', () => {
  const arnOf = (name: string, role = 'web'): string =>
    `arn:aws:sts::111122223333:assumed-role/${role}/${WHERE}.default.${name}`

  test('gives a Deployment’s app an ARN through the AWS CLI, and its init container has it too', async () => {
    await apply([workload('Deployment', 'web', WHERE, { initScript: WHO_AM_I, replicas: 2 })])
    await rolledOut('deployment/web', WHERE)
    for (const { metadata } of await list('pods', WHERE, 'app=web')) {
      expect((await logs(metadata.name, WHERE, 'init')).trim()).toBe(arnOf(metadata.name))
      expect(await said(/READY/, metadata.name, WHERE)).toBe(`${arnOf(metadata.name)}\nREADY\n`)
    }
  })

  test('lets a Job complete', async () => {
    await apply([job('once', WHERE)])
    await kubectl(['wait', 'job/once', '-n', WHERE, '--for=condition=complete', '--timeout=60s'])
  })

  test('and what it can be refined by counts', async () => {
    const annotations = {
      'lanyard.dev/containers': 'app',
      'lanyard.dev/session-name': 'a.{pod}',
      'lanyard.dev/session-duration': '15m',
      'lanyard.dev/token-expiration': '1h',
      'lanyard.dev/credentials-port': '19797',
      'lanyard.dev/metrics-port': '19798',
      'lanyard.dev/region': 'eu-central-1',
    }
    const { metadata, spec } = podTemplate({ annotations })
    const [app] = spec['containers'] as readonly Json[]
    const other = { ...app, name: 'other', command: ['sh', '-c', `${WHO_AM_I} || echo NOBODY && exec sleep infinity`] }
    const whole = { ...spec, containers: [app, other] }
    await apply([
      { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'refined', namespace: WHERE }, spec: whole },
    ])
    await podReady('refined', WHERE)
    expect(await said(/READY/, 'refined', WHERE)).toContain('assumed-role/web/a.refined\n')
    await said(/NOBODY/, 'refined', WHERE, 'other')
    const metrics = await raw(`/api/v1/namespaces/${WHERE}/pods/refined:19798/proxy/metrics`)
    expect(metrics).toContain('lanyard_credentials_expiration_timestamp_seconds')
  })

  test('the API token is not in the sidecar', async () => {
    const script =
      "process.stdout.write(String(require('node:fs').readdirSync('/var/run/secrets/kubernetes.io/serviceaccount')))"
    await apply([pod('with-token', WHERE)])
    await podReady('with-token', WHERE)
    const exec = ['exec', 'with-token', '-n', WHERE, '-c', 'lanyard', '--', '/nodejs/bin/node', '-e', script]
    expect(await kubectl(exec)).toBe('')
  })

  test('is nothing in a namespace that is not selected, and nothing with inject: "false"', async () => {
    const silent = { 'lanyard.dev/role-arn': undefined }
    const out = ['false', ' false '].map((inject) => tried(TRIED, { 'lanyard.dev/inject': inject }))
    for (const one of [tried(UNLABELLED), tried(TRIED, silent), ...out]) {
      const { pod: made, refusal } = await judge(one)
      expect(refusal).toBe('')
      expect(made?.['spec']).not.toHaveProperty('initContainers')
    }
  })
})

describe('pods of every shape', () => {
  const same: string[] = []
  test.each(podFixtures())('%s', async (name) => {
    const before = caseOf(name, TRIED)
    const [mine, webhooks] = [await judge(before), await judgeAfterWebhook(before, await webhookContext(TRIED))]
    if (webhooks === undefined) {
      // Refused or left alone by the webhook: no credentials here either.
      expect(mine.pod?.['spec'].initContainers?.map((container: Json) => container['name']) ?? []).not.toContain(
        'lanyard',
      )
    } else if (mine.pod === undefined) {
      expect(mine.refusal).toMatch(onlyWebhook[name] ?? /WebhookNeeded|RoleMissing/)
    } else {
      expect(webhooks.refusal).toBe('')
      expect(essence(mine.pod)).toEqual(essence(webhooks.pod ?? mine.pod))
      same.push(name)
    }
  })

  test('and most come out as from the webhook, to the letter', () => {
    expect(same.length).toBeGreaterThanOrEqual(38)
  })
})

describe('what this mode cannot do is refused, in words', () => {
  test.each(refusals)('%s', async (_, annotations, spec, message) => {
    expect((await judge(tried(TRIED, annotations, spec))).refusal).toMatch(message)
  })

  test('all problems at once, and no value of the pod’s', async () => {
    const env = [{ name: 'AWS_ACCESS_KEY_ID', value: 'canary' }]
    const annotations = { 'lanyard.dev/region': 'canary', 'lanyard.dev/protocol': 'imds', 'lanyard.dev/x': 'canary' }
    const { refusal } = await judge(
      tried(TRIED, annotations, { hostNetwork: true, containers: [{ name: 'app', image: 'a', env }] }),
    )
    for (const code of ['AnnotationInvalid', 'AnnotationUnknown', 'WebhookNeeded', 'HostNetwork', 'EnvWins'])
      expect(refusal).toContain(code)
    expect(refusal).not.toContain('canary')
  })
})

test('a namespace that says its roles has no other', async () => {
  const annotate = (...args: readonly string[]): Promise<string> =>
    kubectl(['annotate', 'namespace', TRIED, '--overwrite', ...args])
  const isRefused = async (role: string): Promise<boolean> =>
    (await judge(tried(TRIED, { 'lanyard.dev/role-arn': role }))).refusal.includes('RoleNotPermitted')
  const until = (role: string, refused: boolean): Promise<true> =>
    waitFor(`${role} is ${refused ? 'refused' : 'permitted'}`, async () =>
      (await isRefused(role)) === refused ? true : undefined,
    )
  await annotate(`lanyard.dev/permitted-roles=${roleArn('we*')} ${roleArn('team/*')}`)
  await until(roleArn('worker'), true)
  expect(await isRefused(roleArn('web'))).toBe(false)
  expect(await isRefused(roleArn('team/a'))).toBe(false)
  expect(await isRefused(roleArn('team/a/b'))).toBe(true)
  expect(await isRefused('arn:aws:iam::999922223333:role/web')).toBe(true)
  await annotate('lanyard.dev/permitted-roles=*')
  await until(roleArn('web'), true)
  await annotate('lanyard.dev/permitted-roles-')
  await until(roleArn('worker'), false)
})

describe('what others do to pods', () => {
  const OTHER = 'zz-e2e-policy'
  afterEach(async () => {
    await tryKubectl(['delete', 'mutatingadmissionpolicybinding,mutatingadmissionpolicy', OTHER])
    await waitFor('the other policy is away', async () => {
      const { pod: one } = await judge(tried(TRIED))
      return one?.['spec'].containers.length === 1 ? true : undefined
    })
  })

  /** What becomes of a pod when the other policy, which adds a container, has done its part. */
  async function judgeWithOther(expression: string, reinvocationPolicy: 'Never' | 'IfNeeded'): Promise<Judged> {
    await applyOtherPolicy(OTHER, TRIED, { expression, reinvocationPolicy })
    return waitFor('the other policy is in force', async () => {
      const judged = await judge(tried(TRIED))
      return judged.pod?.['spec'].containers.length === 1 ? undefined : judged
    })
  }
  test('a container that is added afterwards gets its credentials, and the sidecar is told', async () => {
    const { pod: made, refusal } = await judgeWithOther(addsContainer, 'IfNeeded')
    expect(refusal).toBe('')
    expect(containerOf(made, 'late')).toMatchObject({ volumeMounts: [{ name: 'lanyard-endpoint', subPath: 'late' }] })
    const variable = { name: 'LANYARD_CONTAINERS', value: 'app late' }
    expect(listAt(containerOf(made, 'lanyard'), 'env')).toContainEqual(variable)
  })

  test('a sidecar that is changed afterwards is put right', async () => {
    const { pod: made, refusal } = await judgeWithOther(changesSidecar, 'Never')
    expect(refusal).toBe('')
    expect(containerOf(made, 'lanyard')['image']).toBe(told().images.product)
  })

  test('one that is changed each time is put right or refused, as the API server happens to order the two', async () => {
    const { pod: made, refusal } = await judgeWithOther(changesSidecar, 'IfNeeded')
    if (made === undefined)
      expect(refusal).toContain('InjectionChanged: container lanyard: something else than Lanyard')
    else expect(containerOf(made, 'lanyard')['image']).toBe(told().images.product)
  })
})

describe('a pod that brings its own sidecar', () => {
  test('has it made anew, whatever it was', async () => {
    const { pod: made } = await judge(tried(TRIED))
    const forged = changed(again(made as Json), (one) => {
      Object.assign(containerOf(one, 'lanyard'), { image: 'evil', args: ['-e', 'evil'], command: ['sh'] })
    })
    const { pod: anew } = await judge(forged)
    expect(essence(anew as never)).toEqual(essence(made as never))
  })

  /** Without the policy that injects, what compares stands alone. */
  describe('and is not trusted where the injecting policy is away', () => {
    let made: Json = {}
    beforeAll(async () => {
      made = again((await judge(tried(TRIED))).pod as Json)
      await kubectl(['delete', 'mutatingadmissionpolicybinding', POLICY])
      await waitFor('the policy is away', async () =>
        (await judge(tried(TRIED))).refusal.includes('the sidecar is missing') ? true : undefined,
      )
    })
    afterAll(() => installPolicy(TRIED))

    test('what Lanyard wrote is accepted', async () => {
      expect((await judge(made)).refusal).toBe('')
    })

    test.each(forgeries)('%s', async (_, change, message) => {
      expect((await judge(changed(made, change))).refusal).toMatch(message)
    })
  })
})

test('the guard lets its pods through, and holds others', async () => {
  const guard = { namespaceSelector: { matchLabels: LABEL } }
  const config = { permission: { mode: 'required', defaultRoles: roleArn('web') } }
  await installPolicy(TRIED, { config, guard })
  await waitFor('permission is required', async () =>
    (await judge(tried(TRIED, { 'lanyard.dev/role-arn': roleArn('worker') }))).refusal === '' ? undefined : true,
  )
  await apply([pod('guarded', WHERE)])
  await podReady('guarded', WHERE)
  const token = { audience: 'sts.amazonaws.com', path: 'token' }
  const volumes = [{ name: 'own', projected: { sources: [{ serviceAccountToken: token }] } }]
  const { refusal } = await waitFor('the guard is in force', async () => {
    const judged = await judge(tried(TRIED, { 'lanyard.dev/role-arn': undefined }, { volumes }))
    return judged.refusal === '' ? undefined : judged
  })
  expect(refusal).toContain('lanyard-guard-pods')
})
