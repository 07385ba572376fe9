import { beforeAll, describe, expect, test } from 'vitest'
import { credentials } from '../../../../src/doctor/cluster/checks/credentials.ts'
import { gen, type Json, ROLE } from '../../../support/gen.ts'
import { bundles } from './ca.ts'
import {
  FORBIDDEN,
  failure,
  focusOf,
  groundOf,
  injectedPod,
  look,
  METRICS,
  NOW,
  PATHS,
  podInState,
  world,
} from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})
const groundWith = (things: Readonly<Record<string, unknown>>) => groundOf(world(good, things)).ground
const see = (things: Readonly<Record<string, unknown>> = {}) => look(credentials, groundWith(things))
const storyOf = async (things: Readonly<Record<string, unknown>>) => {
  const ground = groundWith(things)
  return await ground.story(await focusOf(ground))
}

const seconds = (at: number): number => at / 1_000
const metrics = (expires: number, refreshed = 0, ...more: readonly string[]): string =>
  [
    `lanyard_credentials_expiration_timestamp_seconds{session="default",role="${ROLE}"} ${expires}`,
    `lanyard_credentials_last_refresh_timestamp_seconds{session="default",role="${ROLE}"} ${refreshed}`,
    ...more,
  ].join('\n')
const line = (msg: string, more: Json = {}): string =>
  JSON.stringify({ level: 'warn', time: '2026-11-27T11:59:00Z', session: 'default', msg, ...more })
const failed = (code: string, message = `${code}: no`, more: Json = {}): string =>
  line('credentials not obtained', { error: { code, message }, ...more })

describe('the sidecars', () => {
  test('hold credentials', async () => {
    expect(await see()).toEqual([
      { verdict: 'ok', subject: 'pod/web', message: 'its credentials last 30 min more, and are renewed before' },
    ])
  })

  test('are not there', async () => {
    expect(await see({ [PATHS.pod]: gen.pod() })).toMatchObject([{ verdict: 'skip' }])
  })

  test('have none, for a reason that the log tells', async () => {
    expect(await see({ [PATHS.log]: failed('StsAccessDenied'), [PATHS.metrics]: metrics(0) })).toEqual([
      { verdict: 'fail', code: 'StsAccessDenied', subject: 'pod/web', message: 'no' },
    ])
  })

  test('go on with what they have while STS is away', async () => {
    const things = {
      [PATHS.log]: failed('StsUnreachable', 'StsUnreachable: no', { session: 'app' }),
      [PATHS.metrics]: METRICS.replaceAll('default', 'app'),
    }
    expect(await see(things)).toEqual([
      {
        verdict: 'warn',
        code: 'StsUnreachable',
        subject: 'pod/web',
        message: 'app: it has credentials, and gets no new ones: no',
      },
    ])
  })

  test('have none, or no more, and say nothing', async () => {
    expect(await see({ [PATHS.metrics]: metrics(0) })).toMatchObject([
      { verdict: 'fail', code: 'CredentialsNotReady', message: 'it has no credentials yet' },
    ])
    expect(await see({ [PATHS.metrics]: metrics(seconds(NOW) - 1) })).toMatchObject([
      { verdict: 'fail', code: 'CredentialsNotReady', message: 'its credentials have expired' },
    ])
  })

  test('cannot be asked', async () => {
    expect(await see({ [PATHS.log]: FORBIDDEN, [PATHS.metrics]: FORBIDDEN })).toMatchObject([
      { verdict: 'warn', code: 'RightsMissing', message: 'its log cannot be read: HTTP 403' },
      { verdict: 'warn', code: 'RightsMissing', message: 'its metrics cannot be read: HTTP 403' },
    ])
  })

  test('cannot be asked, which is a matter of rights only where the API server refuses', async () => {
    const things = {
      [PATHS.metrics]: failure(
        'ClusterAnswerInvalid',
        'get: the pod, or what stands before the API server, answers HTTP 403',
      ),
      [PATHS.log]: failure('ClusterUnreachable', 'get: HTTP 503'),
    }
    expect(await see(things)).toMatchObject([
      { verdict: 'warn', code: 'ClusterUnreachable', message: 'its log cannot be read: get: HTTP 503' },
      {
        verdict: 'warn',
        code: 'ClusterAnswerInvalid',
        message: expect.stringContaining('the pod, or what stands before the API server, answers'),
      },
    ])
  })

  test('are too many to ask all', async () => {
    const pods = Array.from({ length: 101 }, (_, index) => {
      const pod = injectedPod()
      return { ...pod, metadata: { ...(pod['metadata'] as Json), name: `web-${index}` } }
    })
    const { ground, asked } = groundOf(world(good, { [PATHS.pods]: pods }), { target: 'ns/shop' })
    expect((await look(credentials, ground)).at(-1)).toEqual({
      verdict: 'skip',
      message: 'of 101 pods the 100 most troubled were looked at',
    })
    expect(asked.filter(({ place }) => place.path.includes('/log'))).toHaveLength(100)
  })
})

describe('the story of a sidecar', () => {
  test('is of its last attempts, session by session, the newest first', async () => {
    const log = [
      'not json',
      '{broken',
      '[]',
      failed('StsTimeout'),
      failed('StsAccessDenied', 'StsAccessDenied: the role. Let', { time: '2026-11-27T11:59:30Z', session: 'worker' }),
      failed('TokenExpired', 'TokenExpired: old', { session: 'mended' }),
      line('credentials obtained', { session: 'mended' }),
      line('sidecar started', { session: undefined }),
      failed('Unheard'),
      line('credentials not obtained'),
      failed('StsThrottled', 'words alone', { time: 'noon', session: 'late' }),
      line('credentials not obtained', { session: 'odd', error: { code: 'StsOther' } }),
    ].join('\n')
    const { failing, unread } = await storyOf({ [PATHS.log]: log, [PATHS.metrics]: metrics(0) })
    expect(failing).toEqual([
      {
        session: 'worker',
        problem: { code: 'StsAccessDenied', message: 'the role. Let' },
        at: Date.parse('2026-11-27T11:59:30Z'),
      },
      { session: 'default', problem: { code: 'StsTimeout', message: 'no' }, at: Date.parse('2026-11-27T11:59:00Z') },
      { session: 'odd', problem: { code: 'StsOther', message: '' }, at: Date.parse('2026-11-27T11:59:00Z') },
      { session: 'late', problem: { code: 'StsThrottled', message: 'words alone' }, at: undefined },
    ])
    expect(unread).toEqual([])
  })

  test('goes by the metrics where the log tells of no success', async () => {
    const log = failed('StsTimeout')
    const after = Date.parse('2026-11-27T11:59:01Z') / 1_000
    expect((await storyOf({ [PATHS.log]: log, [PATHS.metrics]: metrics(after + 3_600, after) })).failing).toEqual([])
    expect(
      (await storyOf({ [PATHS.log]: log, [PATHS.metrics]: metrics(after + 3_600, after - 2) })).failing,
    ).toHaveLength(1)
    expect((await storyOf({ [PATHS.log]: log, [PATHS.metrics]: FORBIDDEN })).failing).toHaveLength(1)
  })

  test('is in its last words where it has just been restarted', async () => {
    const message = 'default: StsAudienceRejected: no\nworker: hm\nGateTimeout: x'
    for (const status of [{ lastState: { terminated: { message } } }, { state: { terminated: { message } } }])
      expect((await storyOf({ [PATHS.pod]: podInState(status), [PATHS.metrics]: FORBIDDEN })).failing).toEqual([
        { session: 'default', problem: { code: 'StsAudienceRejected', message: 'no' }, at: undefined },
      ])
  })

  test('is in its counters where nothing else can be read', async () => {
    const refreshes = (code: string, count: number): string =>
      `lanyard_credentials_refreshes_total{session="default",role="${ROLE}",result="failure",code="${code}"} ${count}`
    const text = metrics(0, 0, refreshes('other', 9), refreshes('StsTimeout', 1), refreshes('StsAccessDenied', 4))
    const { failing, unread } = await storyOf({ [PATHS.log]: FORBIDDEN, [PATHS.metrics]: text })
    expect(failing).toEqual([
      { session: 'default', problem: { code: 'StsAccessDenied', message: '4 attempts failed so' }, at: undefined },
    ])
    expect(unread.map(({ what }) => what)).toEqual(['log'])
    const unknown = metrics(0, 0, refreshes('Unheard', 1))
    expect((await storyOf({ [PATHS.log]: FORBIDDEN, [PATHS.metrics]: unknown })).failing).toEqual([])
  })

  test('has no metrics where something else answers', async () => {
    const { samples, unread } = await storyOf({ [PATHS.metrics]: '<html>' })
    expect(samples).toBeUndefined()
    expect(unread[0]?.failure.code).toBe('ClusterAnswerInvalid')
    const { unread: away } = await storyOf({ [PATHS.metrics]: failure('ClusterUnreachable') })
    expect(away[0]?.failure.code).toBe('ClusterUnreachable')
  })

  test('is asked for at the port that the pod chose', async () => {
    const pod = injectedPod(gen.pod({ 'role-arn': ROLE, 'metrics-port': '9900' }))
    const { ground, asked } = groundOf(world(good, { [PATHS.pod]: pod }))
    await ground.story(await focusOf(ground))
    expect(asked.map(({ place }) => place.path)).toContain('/api/v1/namespaces/shop/pods/web:9900/proxy/metrics')
    const bare = groundOf(world(good, { [PATHS.pod]: gen.pod() }))
    await bare.ground.story(await focusOf(bare.ground))
    expect(bare.asked.map(({ place }) => place.path)).toContain(PATHS.metrics)
  })

  test('shows no token that somebody wrote into the log', async () => {
    const jwt = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`
    const { failing } = await storyOf({
      [PATHS.log]: failed('StsOther', `StsOther: ${jwt}`),
      [PATHS.metrics]: metrics(0),
    })
    expect(failing[0]?.problem.message).toBe('[redacted]')
  })
})

test('the issuer’s documents are the API server’s own', async () => {
  const ground = groundWith({ '/.well-known/openid-configuration': '{"a":1}', '/openid/v1/jwks': '{"keys":[]}' })
  expect(await ground.issuerDocuments()).toEqual({ discovery: '{"a":1}', keys: '{"keys":[]}' })
})
