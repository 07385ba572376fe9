import { beforeAll, describe, expect, test } from 'vitest'
import { appAsks, appKeys } from '../../../../src/doctor/cluster/checks/app.ts'
import { mutated } from '../../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../../support/gen.ts'
import { bundles } from './ca.ts'
import { configMap, FORBIDDEN, failure, groundOf, injectedPod, look, METRICS, PATHS, world } from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})
const ground = (things: Readonly<Record<string, unknown>> = {}) => groundOf(world(good, things)).ground

describe('the variables of the app', () => {
  /** What others wrote into the pod after Lanyard, or an operator let in. */
  const withApp = (fields: Json, base: Json = injectedPod()): Json => {
    const spec = base['spec'] as Json
    const containers = (spec['containers'] as Json[]).map((each) => ({
      ...each,
      ...fields,
      env: [...((each['env'] as Json[]) ?? []), ...((fields['env'] as Json[]) ?? [])],
    }))
    return { ...base, spec: { ...spec, containers } }
  }
  const see = (pod: Json, things: Readonly<Record<string, unknown>> = {}) =>
    look(appKeys, ground({ [PATHS.pod]: pod, ...things }))
  const MAP = '/api/v1/namespaces/shop/configmaps/settings'
  const fromMap = (more: Json = {}): Json => withApp({ envFrom: [{ configMapRef: { name: 'settings' }, ...more }] })

  test('are none that win', async () => {
    expect(await see(injectedPod())).toEqual([])
    expect(
      await see(
        gen.pod({ 'role-arn': ROLE }, { containers: [gen.container({ env: [{ name: 'AWS_PROFILE', value: 'x' }] })] }),
      ),
    ).toEqual([])
  })

  test('have static keys, whatever the operator lets in; no value is shown', async () => {
    const pod = withApp({ env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIASECRET' }] })
    for (const things of [
      {},
      { [PATHS.config]: configMap({ 'env.staticKeys': 'warn' }) },
      { [PATHS.config]: FORBIDDEN },
    ])
      expect(await see(pod, things)).toEqual([
        {
          verdict: 'fail',
          code: 'StaticKeys',
          subject: 'pod/web, container app',
          message: 'AWS_ACCESS_KEY_ID is set: every SDK prefers static keys',
          fix: 'Take AWS_ACCESS_KEY_ID out of env of container app and make the pods anew, or leave the container out of lanyard.dev/containers.',
        },
      ])
  })

  test('have a profile, and others that do not matter', async () => {
    expect(
      await see(
        withApp({
          env: [
            { name: 'AWS_PROFILE', value: 'x' },
            { name: 'NO_PROXY', valueFrom: {} },
            { name: 'HTTP_PROXY', value: 'x' },
          ],
        }),
      ),
    ).toMatchObject([{ verdict: 'warn', code: 'StaticKeys', message: expect.stringMatching(/^AWS_PROFILE is set: /) }])
  })

  test('come from a ConfigMap', async () => {
    expect(await see(fromMap(), { [MAP]: { data: { AWS_SECRET_ACCESS_KEY: 'secret', LOG: 'x', n: 1 } } })).toEqual([
      {
        verdict: 'fail',
        code: 'StaticKeys',
        subject: 'pod/web, container app',
        message: 'AWS_SECRET_ACCESS_KEY is set: every SDK prefers static keys (from ConfigMap settings)',
        fix: 'Take AWS_SECRET_ACCESS_KEY out of ConfigMap settings and make the pods anew, or leave the container out of lanyard.dev/containers.',
      },
    ])
  })

  test('come from a ConfigMap by a prefix, lose to those of the container, or are not there', async () => {
    const data = { data: { ACCESS_KEY_ID: 'x', AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://theirs' } }
    expect(await see(fromMap({ prefix: 'AWS_' }), { [MAP]: data })).toMatchObject([{ code: 'StaticKeys' }])
    expect(await see(fromMap(), { [MAP]: data })).toEqual([])
    expect(await see(fromMap())).toEqual([])
  })

  test('come from where nobody looks', async () => {
    expect(await see(fromMap(), { [MAP]: FORBIDDEN })).toMatchObject([
      { verdict: 'skip', message: expect.stringContaining('ConfigMap settings, which you may not read') },
    ])
    await expect(see(fromMap(), { [MAP]: failure('ClusterUnreachable') })).rejects.toThrow(/ClusterUnreachable/)
    const { ground: one, asked } = groundOf(
      world(good, { [PATHS.pod]: withApp({ envFrom: [{ secretRef: { name: 'keys' } }, {}] }) }),
    )
    expect(await look(appKeys, one)).toMatchObject([
      {
        verdict: 'skip',
        subject: 'pod/web, container app',
        message: expect.stringContaining('Secret keys, which are not read'),
      },
      { verdict: 'skip' },
    ])
    expect(asked.some(({ place }) => place.path.includes('/secrets'))).toBe(false)
  })

  test('of a container without a role do not matter, nor where the note is none', async () => {
    const pod = gen.pod(
      { 'role-arn': ROLE, containers: 'app' },
      { containers: [gen.container(), gen.container({ name: 'other' })] },
    )
    const env = [{ name: 'AWS_PROFILE', value: 'x' }]
    const base = injectedPod(pod)
    const spec = base['spec'] as Json
    const [app, other] = spec['containers'] as Json[]
    expect(await see({ ...base, spec: { ...spec, containers: [app, { ...other, env }] } })).toEqual([])
    const metadata = { ...(base['metadata'] as Json), annotations: { 'lanyard.dev/status': 'x' } }
    expect(await see({ ...withApp({ env }, base), metadata })).toEqual([])
  })

  test('are judged by how the credentials come', async () => {
    const env = [{ name: 'AWS_EC2_METADATA_DISABLED', value: 'true' }]
    expect(await see(withApp({ env }, injectedPod(gen.pod({ 'role-arn': ROLE, protocol: 'imds' }))))).toMatchObject([
      { verdict: 'fail', code: 'StaticKeys' },
    ])
    const direct = mutated(gen.pod({ 'role-arn': ROLE, mode: 'direct' }))
    const role = [{ name: 'AWS_ROLE_ARN', value: OTHER_ROLE }]
    expect(await see(withApp({ env: role }, { ...direct, status: {} }))).toMatchObject([])
    expect(
      await see(withApp({ env: [{ name: 'AWS_SESSION_TOKEN', value: 'x' }] }, { ...direct, status: {} })),
    ).toMatchObject([{ code: 'StaticKeys' }])
  })
})

describe('the requests of the app', () => {
  const requests = (...counts: readonly (readonly [code: string, count: number, protocol?: string])[]): string =>
    counts
      .map(
        ([code, count, protocol = 'container']) =>
          `lanyard_endpoint_requests_total{protocol="${protocol}",code="${code}"} ${count}`,
      )
      .join('\n')
  const see = (text: unknown, pod: Json = injectedPod()) =>
    look(appAsks, ground({ [PATHS.metrics]: text, [PATHS.pod]: pod }))

  test('are answered', async () => {
    expect(await see(METRICS)).toEqual([])
    expect(await see(requests(['200', 1], ['401', 9], ['403', 2]))).toEqual([])
    expect(await see(requests(['503', 3], ['200', 0]))).toEqual([])
  })

  test('come from an SDK that is too old', async () => {
    expect(await see(requests(['200', 0], ['401', 3]))).toMatchObject([
      {
        verdict: 'fail',
        code: 'SdkTooOld',
        message: 'it asked 3 times without the right token, and never with it',
        fix: expect.stringContaining('boto3 1.34.41'),
      },
    ])
    expect(await see(requests(['401', 3, 'imds']))).toMatchObject([
      {
        code: 'SdkTooOld',
        message: expect.stringContaining('IMDSv2'),
        fix: 'Update the SDK to one that speaks IMDSv2.',
      },
    ])
  })

  test('come through a proxy', async () => {
    expect(await see(requests(['403', 2]))).toMatchObject([{ verdict: 'warn', code: 'ForwardedRefused' }])
  })

  test('do not come', async () => {
    expect(await see(requests(['200', 0]))).toEqual([
      { verdict: 'warn', code: 'AppNeverAsked', subject: 'pod/web', message: 'no request has come to its endpoint' },
    ])
    const pending = { ...injectedPod(), status: { ...(injectedPod()['status'] as Json), phase: 'Pending' } }
    expect(await see('', pending)).toEqual([])
  })

  test('do not come again at once after a restart of the sidecar', async () => {
    const restarted = (startedAt: string) =>
      injectedPod(gen.pod(), { restartCount: 1, state: { running: { startedAt } } })
    expect(await see('', restarted('2026-11-27T11:30:00Z'))).toEqual([])
    expect(await see('', restarted('2026-11-27T10:59:00Z'))).toMatchObject([{ code: 'AppNeverAsked' }])
  })

  test('cannot be seen', async () => {
    expect(await see(FORBIDDEN)).toEqual([
      { verdict: 'skip', subject: 'pod/web', message: 'its metrics cannot be read' },
    ])
    expect(await see(METRICS, gen.pod())).toMatchObject([{ verdict: 'skip' }])
  })
})
