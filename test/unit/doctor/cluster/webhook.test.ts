import { beforeAll, describe, expect, test } from 'vitest'
import { webhookRights } from '../../../../src/doctor/cluster/checks/webhookRights.ts'
import { webhookTrusted } from '../../../../src/doctor/cluster/checks/webhookTrusted.ts'
import { webhookUp } from '../../../../src/doctor/cluster/checks/webhookUp.ts'
import { Failure } from '../../../../src/errors/index.ts'
import { bundles } from './ca.ts'
import {
  configMap,
  configuration,
  FORBIDDEN,
  failure,
  groundOf,
  look,
  namespace,
  PATHS,
  refusing,
  webhookDeployment,
  world,
} from './world.ts'

let certificates: Awaited<ReturnType<typeof bundles>>
beforeAll(async () => {
  certificates = await bundles()
})
const ground = (things: Readonly<Record<string, unknown>> = {}, setup: Parameters<typeof groundOf>[1] = {}) =>
  groundOf(world(certificates.good, things), setup).ground
const policy = { [PATHS.configurations]: [], [PATHS.policies]: [{ metadata: { name: 'lanyard-injection' } }] }

describe('the webhook', () => {
  test('is up, or is not needed', async () => {
    expect(await look(webhookUp, ground())).toEqual([{ verdict: 'ok', message: '2 of 2 replicas are ready' }])
    expect(await look(webhookUp, ground(policy))).toMatchObject([{ verdict: 'ok' }])
  })

  test('has no Deployment', async () => {
    expect(await look(webhookUp, ground({ [PATHS.deployment]: undefined }))).toMatchObject([
      { verdict: 'fail', code: 'WebhookDown', fix: 'Run helm upgrade, which makes it again.' },
    ])
  })

  test('is scaled to nothing', async () => {
    expect(await look(webhookUp, ground({ [PATHS.deployment]: webhookDeployment({}, { replicas: 0 }) }))).toMatchObject(
      [{ code: 'WebhookDown', fix: '`kubectl -n lanyard-system scale deployment/lanyard-webhook --replicas=2`' }],
    )
  })

  test('is ready, and its Service leads nowhere', async () => {
    const slices = [{ endpoints: [{ conditions: { ready: false } }] }]
    expect(await look(webhookUp, ground({ [PATHS.slices]: slices }))).toMatchObject([
      { verdict: 'fail', code: 'WebhookDown', subject: 'service/lanyard-webhook -n lanyard-system' },
      { verdict: 'ok' },
    ])
    expect(await look(webhookUp, ground({ [PATHS.slices]: [{ endpoints: [{}] }] }))).toHaveLength(1)
  })

  const down = (pods: unknown, more: Readonly<Record<string, unknown>> = {}) =>
    ground({ [PATHS.deployment]: webhookDeployment({}, { replicas: undefined }), [PATHS.webhookPods]: pods, ...more })
  const pod = (status: object) => ({ metadata: { name: 'w-1', namespace: 'lanyard-system' }, status })
  const notReady = pod({
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ state: { running: {} } }],
  })
  const LOG = '/api/v1/namespaces/lanyard-system/pods/w-1/log'

  test.each([
    [
      'no node',
      pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes' }] }),
      /finds no node: 0\/1 nodes/,
      /Make room/,
    ],
    [
      'no image',
      pod({ containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such' } } }] }),
      /ImagePullBackOff: no such/,
      /image\.repository/,
    ],
    [
      'no container',
      pod({ containerStatuses: [{ state: { waiting: { reason: 'CreateContainerConfigError' } } }] }),
      /CreateContainerConfigError/,
      undefined,
    ],
  ])('has a pod with %s', async (_, one, message, fix) => {
    const [finding] = await look(webhookUp, down([one]))
    expect(finding).toMatchObject({ verdict: 'fail', code: 'WebhookDown', subject: 'pod/w-1 -n lanyard-system' })
    expect(finding?.message).toMatch(message)
    expect(finding?.fix ?? '').toMatch(fix ?? /^$/)
  })

  test('was refused something, as its log says', async () => {
    const log = `{"level":"info","msg":"x"}\n{"level":"error","error":{"code":"ClusterForbidden","message":"ClusterForbidden: Secret x: get: HTTP 403. Restore."}}\n{not json`
    expect(await look(webhookUp, down([notReady], { [LOG]: log }))).toMatchObject([
      { verdict: 'fail', code: 'WebhookRightsMissing', message: expect.stringContaining('Secret x: get: HTTP 403') },
      { verdict: 'fail', code: 'WebhookDown' },
    ])
  })

  test('has a wrong setting, as its last words say', async () => {
    const log = 'SettingUnknown: aws.regoin: there is no such setting. Correct it'
    expect(await look(webhookUp, down([notReady], { [LOG]: log }))).toMatchObject([
      { verdict: 'fail', code: 'SettingUnknown', message: 'aws.regoin: there is no such setting. Correct it' },
      { code: 'WebhookDown' },
    ])
  })

  test('has another trouble, as its log says', async () => {
    const log = '{"level":"error","error":{"message":"ClusterUnreachable: get: no answer."}}'
    expect(await look(webhookUp, down([notReady], { [LOG]: log }))).toMatchObject([
      { code: 'WebhookDown', message: expect.stringContaining('its log says ClusterUnreachable: get: no answer') },
    ])
  })

  test.each([
    ['which says nothing', ''],
    ['which cannot be read', FORBIDDEN],
  ])('has a pod whose log %s', async (_, log) => {
    expect(await look(webhookUp, down([notReady], { [LOG]: log }))).toMatchObject([
      { code: 'WebhookDown', message: 'its only pod is not ready' },
    ])
  })

  test('has no pods, or several, and nobody says why', async () => {
    expect(await look(webhookUp, down([]))).toMatchObject([
      {
        code: 'WebhookDown',
        message: 'none of its pods is there, and no event says why',
        fix: 'Look at what its controller waits for: `kubectl -n lanyard-system describe deployment/lanyard-webhook`.',
      },
    ])
    expect(await look(webhookUp, down([notReady, notReady]))).toMatchObject([
      { code: 'WebhookDown', message: 'of its 2 pods not all are ready' },
    ])
  })

  test('has no pods, since none is admitted', async () => {
    const event = { involvedObject: { name: 'lanyard-webhook-5d' }, message: 'exceeded quota: small, requested: x' }
    expect(
      await look(webhookUp, down([], { [PATHS.systemEvents]: [{ involvedObject: { name: 'x' } }, event] })),
    ).toMatchObject([
      { code: 'QuotaExceeded', fix: expect.stringContaining('ResourceQuota small of namespace lanyard-system') },
      { code: 'WebhookDown' },
    ])
    for (const events of [[], FORBIDDEN])
      expect(await look(webhookUp, down([], { [PATHS.systemEvents]: events }))).toMatchObject([{ code: 'WebhookDown' }])
  })

  test('has fewer replicas than it should', async () => {
    const ready = pod({ conditions: [{ type: 'Ready', status: 'True' }] })
    const things = { [PATHS.deployment]: webhookDeployment({ readyReplicas: 1 }), [PATHS.webhookPods]: [ready] }
    expect(await look(webhookUp, ground(things))).toMatchObject([
      { verdict: 'warn', code: 'WebhookDown' },
      { verdict: 'ok', message: '1 of 2 replicas are ready' },
    ])
  })
})

describe('the trust of the API server', () => {
  const trusting = (caBundle: string | undefined) => {
    const things = world('', { [PATHS.configurations]: [configuration(caBundle as string)] })
    return groundOf(things).ground
  }
  const encoded = (text: string): string => Buffer.from(text).toString('base64')

  test('is proven by a dry run, and of two authorities one is enough', async () => {
    for (const bundle of [certificates.good, certificates.both])
      expect(await look(webhookTrusted, trusting(bundle))).toEqual([
        { verdict: 'ok', message: 'a dry run of a pod was answered by it' },
      ])
    expect(await look(webhookTrusted, ground(policy))).toMatchObject([{ verdict: 'ok' }])
  })

  test('is in nothing that could be trusted', async () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
    for (const [bundle, message] of [
      [undefined, /is empty/],
      ['', /is empty/],
      [encoded('hello'), /no certificate in PEM/],
      [encoded(broken), /does not parse/],
      [certificates.expired, /has expired/],
    ] as const) {
      const findings = await look(webhookTrusted, trusting(bundle))
      expect(findings).toHaveLength(2)
      expect(findings[0]).toMatchObject({ verdict: 'fail', code: 'WebhookAuthorityWrong' })
      expect(findings[0]?.subject).toBe('mutatingwebhookconfiguration/lanyard-webhook, entry pods.lanyard.dev')
      expect(findings[0]?.message).toMatch(message)
    }
  })

  const call = (words: string) => refusing(`failed calling webhook "pods.lanyard.dev": ${words}`, 500)
  test.each([
    ['x509: certificate signed by unknown authority', 'WebhookAuthorityWrong'],
    ['connection refused', 'WebhookDown'],
    ['context deadline exceeded', 'WebhookUnreachable'],
  ])('is disproven: %s', async (words, code) => {
    expect(await look(webhookTrusted, ground({}, { creating: call(words) }))).toMatchObject([{ verdict: 'fail', code }])
  })

  test.each([
    ['our own denial', 'admission webhook "pods.lanyard.dev" denied the request: RoleMissing: no'],
    ['a quota', 'exceeded quota: small'],
  ])('is proven by whatever comes later: %s', async (_, words) => {
    expect(await look(webhookTrusted, ground({}, { creating: refusing(words) }))).toMatchObject([{ verdict: 'ok' }])
  })

  test.each([
    [
      'another webhook fails',
      refusing('failed calling webhook "their.example.com": no', 500),
      /another webhook is in the way/,
    ],
    [
      'he may not make pods',
      refusing('pods is forbidden: User "eve" cannot create resource "pods"'),
      /may not create pods/,
    ],
  ])('is not known where %s', async (_, creating, message) => {
    const [finding] = await look(webhookTrusted, ground({}, { creating }))
    expect(finding).toMatchObject({ verdict: 'skip', message: expect.stringMatching(message) })
  })

  test('is not known where nothing is tried', async () => {
    expect(await look(webhookTrusted, ground({}, { isDryRunAllowed: false }))).toMatchObject([{ verdict: 'skip' }])
    const excluded = {
      [PATHS.configurations]: [configuration(certificates.good, { namespaceSelector: { matchLabels: { a: 'b' } } })],
    }
    expect(await look(webhookTrusted, ground(excluded))).toMatchObject([
      { verdict: 'skip', message: expect.stringContaining('namespace shop') },
    ])
    expect(await look(webhookTrusted, ground({ [PATHS.namespace]: undefined }))).toMatchObject([{ verdict: 'skip' }])
  })

  test('is tried where the most troubled pod is, or in the default namespace', async () => {
    const things = { '/api/v1/pods': [], '/api/v1/namespaces/default': namespace('default') }
    const { ground: all, asked } = groundOf(world(certificates.good, things), { target: '', namespace: '' })
    expect(await look(webhookTrusted, all)).toMatchObject([{ verdict: 'ok' }])
    expect(asked.map(({ place }) => place.path)).toContain('/api/v1/namespaces/default/pods?dryRun=All')
  })
})

describe('the rights of the webhook', () => {
  const allowing = (allowed: (attributes: { resource: string; verb: string }) => boolean) => ({
    creating: (_: unknown, object: { [key: string]: unknown }) => {
      const { resourceAttributes } = object['spec'] as { resourceAttributes: { resource: string; verb: string } }
      return { status: 201, value: { status: { allowed: allowed(resourceAttributes) } } }
    },
  })

  test('are asked for its ServiceAccount, with its groups', async () => {
    const { ground: one, asked } = groundOf(world(certificates.good))
    expect(await look(webhookRights, one)).toEqual([])
    const specs = asked.flatMap(({ object }) =>
      object === undefined ? [] : [object['spec'] as { user: string; groups: string[] }],
    )
    expect(specs).toHaveLength(14)
    expect(specs[0]).toMatchObject({
      user: 'system:serviceaccount:lanyard-system:lanyard-webhook',
      groups: expect.arrayContaining(['system:serviceaccounts:lanyard-system']),
    })
  })

  test('are none without a webhook, and fewer with other settings', async () => {
    expect(await look(webhookRights, ground(policy))).toMatchObject([{ verdict: 'ok' }])
    const { ground: one, asked } = groundOf(
      world(certificates.good, {
        [PATHS.config]: configMap({ 'tls.certFile': '/a', 'tls.keyFile': '/b', 'sources.enabled': false }),
        [PATHS.deployment]: undefined,
      }),
    )
    expect(await look(webhookRights, one)).toEqual([])
    expect(asked.filter(({ object }) => object !== undefined)).toEqual([])
  })

  test('that are missing are named', async () => {
    const setup = allowing(
      ({ resource, verb }) => resource !== 'namespaces' && !(resource.startsWith('mutating') && verb === 'patch'),
    )
    expect(await look(webhookRights, ground({}, setup))).toEqual([
      {
        verdict: 'fail',
        code: 'WebhookRightsMissing',
        subject: 'system:serviceaccount:lanyard-system:lanyard-webhook',
        message:
          'it may not: patch of mutatingwebhookconfigurations.admissionregistration.k8s.io lanyard-webhook; get, list, watch of namespaces',
      },
    ])
  })

  describe('where nobody but an administrator may ask for them', () => {
    const setup = { creating: () => ({ status: 403, value: {} }) }
    const pods = [{ metadata: { name: 'w-1', namespace: 'lanyard-system' } }]
    const log = '/api/v1/namespaces/lanyard-system/pods/w-1/log'

    test('are seen in its log', async () => {
      const line = '{"level":"error","error":{"message":"ClusterForbidden: Secret x: patch: HTTP 403. Restore."}}'
      expect(await look(webhookRights, ground({ [PATHS.webhookPods]: pods, [log]: line }, setup))).toMatchObject([
        { verdict: 'fail', code: 'WebhookRightsMissing' },
      ])
    })

    test('are not known', async () => {
      for (const text of ['', FORBIDDEN])
        expect(await look(webhookRights, ground({ [PATHS.webhookPods]: pods, [log]: text }, setup))).toMatchObject([
          { verdict: 'skip' },
        ])
    })
  })

  test('what is thrown otherwise stays', async () => {
    await expect(look(webhookRights, ground({ [PATHS.deployment]: failure('ClusterUnreachable') }))).rejects.toThrow(
      Failure,
    )
  })
})
