import { describe, expect, test } from 'vitest'
import type { Exchanges } from '../../../cmd/sidecar/exchanges.ts'
import { openSessions, type Sessions } from '../../../cmd/sidecar/sessions.ts'
import { readSettings } from '../../../cmd/sidecar/settings.ts'
import type { KeptSessions, RunningSession, SessionCredentials } from '../../../src/credentials/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { IdentityRequest } from '../../../src/federation/index.ts'
import { sidecarMetrics } from '../../../src/metrics/index.ts'
import { createVirtualClock, type VirtualClock } from '../../support/virtualClock.ts'

const HOUR = 3_600_000
const roleOf = (name: string): string => `arn:aws:iam::111122223333:role/${name}`
const env = {
  LANYARD_ROLE_ARN: roleOf('first'),
  LANYARD_CONTAINERS: 'app',
  LANYARD_ASSUME_ROLE_ARN: `${roleOf('second')} ${roleOf('third')}`,
  LANYARD_ASSUME_ROLE_TAGS: 'team=checkout',
  LANYARD_ASSUME_ROLE_EXTERNAL_ID: 'customer-42',
  LANYARD_AUDIENCE: 'sts.amazonaws.com',
  LANYARD_SESSION_DURATION: '1h',
  LANYARD_SESSION_NAME: '{pod}',
  LANYARD_REGION: 'eu-west-1',
  LANYARD_CREDENTIALS_PORT: '9797',
  LANYARD_METRICS_PORT: '9798',
  LANYARD_POD_NAME: 'web-0',
  LANYARD_POD_NAMESPACE: 'shop',
  LANYARD_POD_UID: 'u',
  LANYARD_POD_SERVICE_ACCOUNT: 'web',
}

type Opened = {
  readonly sessions: Sessions
  readonly kept: Record<string, KeptSessions[string]>
  /** What was exchanged for which role, in order. */
  readonly calls: string[]
  readonly metrics: ReturnType<typeof sidecarMetrics>
}

/** The sidecar's sessions, whose exchanges are the test's: the identity is refused as long as `isDown`. */
function open(
  clock: VirtualClock,
  isDown: () => boolean = () => false,
  { left, changes = {} }: { left?: unknown; changes?: Readonly<Record<string, string>> } = {},
): Opened {
  const calls: string[] = []
  const issue = (roleArn: string): SessionCredentials => ({
    accessKeyId: `ASIA${roleArn.split('/').at(-1)}`,
    secretAccessKey: 'secret',
    sessionToken: 'token',
    expires: clock.now() + HOUR,
    issued: clock.now(),
    skew: 0,
    roleArn,
    assumedRoleArn: `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/web-0`,
    accountId: '111122223333',
  })
  const never = (): never => {
    throw new Error('nobody turns to STS here')
  }
  const exchanges: Exchanges = {
    openSts: () => ({ assumeRoleWithWebIdentity: never, assumeRoleWithSaml: never, assumeRole: never }),
    byIdentity: () => (request: IdentityRequest) => async () => {
      if (isDown()) throw new Failure({ code: 'StsUnavailable', message: 'away' })
      calls.push(`identity → ${request.roleArn}`)
      return issue(request.roleArn)
    },
    more: {
      byRole: (holder, _sts, request) => async () => {
        const { roleArn } = await holder()
        calls.push(`${roleArn} → ${request.roleArn}`)
        return issue(request.roleArn)
      },
    },
  }
  const settings = readSettings({ ...env, ...changes }, exchanges)
  const names = settings.plans.map(({ name, hop }) => ({ session: name, role: hop.request.roleArn }))
  const metrics = sidecarMetrics({ version: '1', sessions: names })
  const kept: Opened['kept'] = {}
  const sessions = openSessions({
    ...settings,
    clock,
    exchanges,
    metrics,
    kept,
    left,
    settled: ({ name, fingerprint }, state) => {
      kept[name] = { fingerprint, state }
    },
  })
  return { sessions, kept, calls, metrics }
}
const all = ({ sessions }: Opened): readonly RunningSession[] => [...sessions.values()]
const kindsOf = (opened: Opened): readonly string[] => all(opened).map((session) => session.view().kind)
const IN_ORDER = [
  `identity → ${roleOf('first')}`,
  `${roleOf('first')} → ${roleOf('second')}`,
  `${roleOf('second')} → ${roleOf('third')}`,
]

describe('the sessions of a chain', () => {
  test('are obtained one by the other, and the last alone is for a container', async () => {
    const clock = createVirtualClock()
    const opened = open(clock)
    for (const session of all(opened)) session.start()
    await clock.advance(0)
    expect(opened.calls).toEqual(IN_ORDER)
    const served = [...opened.sessions].filter(([{ containers }]) => containers.length > 0)
    expect(served.map(([plan, session]) => [plan.containers, session.view()])).toEqual([
      [['app'], expect.objectContaining({ credentials: expect.objectContaining({ roleArn: roleOf('third') }) })],
    ])
    for (const role of ['first', 'second', 'third'])
      expect((await opened.metrics.text()).body).toMatch(
        new RegExp(
          `lanyard_credentials_expiration_timestamp_seconds\\{session="[^"]+",role="${roleOf(role)}"\\} [1-9]`,
        ),
      )
    for (const session of all(opened)) session.stop()
  })

  test('are all there as soon as the first is, when that comes back', async () => {
    const clock = createVirtualClock()
    let isDown = true
    const opened = open(clock, () => isDown)
    for (const session of all(opened)) session.start()
    await clock.advance(20 * 60_000)
    expect([kindsOf(opened), opened.calls]).toEqual([['none', 'none', 'none'], []])
    expect(opened.kept['default']?.state.lastFailure).toMatchObject({
      code: 'StsChainWaiting',
      message: expect.stringContaining(`no credentials of ${roleOf('second')} yet`),
    })
    isDown = false
    while (all(opened)[0]?.view().kind === 'none') await clock.advance(100)
    expect([kindsOf(opened), opened.calls]).toEqual([['held', 'held', 'held'], IN_ORDER])
    for (const session of all(opened)) session.stop()
  })

  test('are known again by little, whatever an identity provider needs', async () => {
    const clock = createVirtualClock()
    const metadata = `<a>${'x'.repeat(20_000)}</a>`
    const principalArn = 'arn:aws:iam::111122223333:saml-provider/campus'
    const provider = {
      kind: 'saml',
      source: 'ecp',
      endpoint: 'https://idp.example.com',
      secretName: 's',
      principalArn,
      metadata,
    }
    const changes = { LANYARD_IDENTITY_PROVIDER: 'campus', LANYARD_PROVIDER_CONFIG: JSON.stringify(provider) }
    const opened = open(clock, () => false, { changes })
    for (const session of all(opened)) session.start()
    while (kindsOf(opened).includes('none')) await clock.advance(100)
    // The volume that it is kept in has 1 MiB.
    expect(JSON.stringify(opened.kept).length).toBeLessThan(4_000)
    for (const session of all(opened)) session.stop()
  })

  test('are those of an earlier run, as long as each is the same one', async () => {
    const clock = createVirtualClock()
    const before = open(clock)
    for (const session of all(before)) session.start()
    await clock.advance(0)
    for (const session of all(before)) session.stop()
    const left: unknown = JSON.parse(JSON.stringify(before.kept))
    expect(kindsOf(open(clock, undefined, { left }))).toEqual(['held', 'held', 'held'])
    const kindsWith = (changes: Readonly<Record<string, string>>) => kindsOf(open(clock, undefined, { left, changes }))
    // What is said of one hop makes another session of that one, and of those behind it.
    expect(kindsWith({ LANYARD_ASSUME_ROLE_TAGS: 'team=other' })).toEqual(['held', 'held', 'none'])
    expect(kindsWith({ LANYARD_ASSUME_ROLE_EXTERNAL_ID: 'customer-43' })).toEqual(['held', 'none', 'none'])
    expect(kindsWith({ LANYARD_SESSION_DURATION: '30m' })).toEqual(['held', 'held', 'none'])
    expect(kindsWith({ LANYARD_ROLE_ARN: roleOf('other') })).toEqual(['none', 'none', 'none'])
  })
})
