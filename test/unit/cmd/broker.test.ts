import { describe, expect, test } from 'vitest'
import { timed } from '../../../cmd/broker/parts.ts'
import { recordOutcomes } from '../../../cmd/broker/record.ts'
import { danglingRoles, readBrokerSettings } from '../../../cmd/broker/settings.ts'
import type { Told } from '../../../src/broker/index.ts'
import { type Code, Failure } from '../../../src/errors/index.ts'
import { brokerMetrics } from '../../../src/metrics/index.ts'
import { fakeSts, never, ROLE_ARN } from '../broker/support.ts'
import { memoryLog } from '../webhook/reviews.ts'

const enough = {
  LANYARD_POD_NAMESPACE: 'shop',
  LANYARD_BROKER_PORT: '9799',
  LANYARD_BROKER_METRICS_PORT: '9800',
  LANYARD_BROKER_CONTAINERS: 'app',
  LANYARD_BROKER_PROVIDERS: JSON.stringify({ google: { kind: 'google', clientIds: 'c' } }),
  LANYARD_BROKER_ROLES: JSON.stringify({
    files: { kind: 'role', namespaces: 'shop', providers: 'google amazon', roleArn: ROLE_ARN },
  }),
  LANYARD_STS_REGION: 'eu-west-1',
}

describe('the settings of the broker', () => {
  test('are read from variables, with their defaults', () => {
    const config = readBrokerSettings(enough)
    expect(config['broker.providers'].get('google')).toMatchObject({ requireNonce: true, maxTokenAge: 3600 })
    expect(config['broker.roles'].get('files')).toMatchObject({ sessionDuration: 3600 })
    expect([
      config['broker.requestsPerMinute'],
      config['broker.requestsPerSecond'],
      config['broker.cacheEntries'],
    ]).toEqual([60, 50, 1000])
    expect(danglingRoles(config)).toEqual([{ role: 'files', provider: 'amazon' }])
  })

  test('that are missing are named as variables, all at once', () => {
    for (const name of ['PORT', 'ROLES'])
      expect(() => readBrokerSettings({})).toThrow(`LANYARD_BROKER_${name}: there is no value.`)
  })
})

const granted: Told = {
  kind: 'granted',
  provider: 'google',
  role: 'files',
  user: 'u-1',
  container: 'app',
  fresh: true,
  credentials: {
    accessKeyId: 'ASIAQQQQQQQQQQQQQQQQ',
    secretAccessKey: 'CANARY-secret',
    sessionToken: 'CANARY-token',
    expires: 0,
    issued: 0,
    skew: 0,
    roleArn: ROLE_ARN,
    assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/files/u-1',
    accountId: '111122223333',
  },
}
const refused = (code: Code, more: object = {}): Told => ({
  kind: 'refused',
  provider: 'google',
  role: 'files',
  failure: new Failure({ code, message: 'm' }),
  ...more,
})

function books() {
  const time = { now: 0 }
  const log = memoryLog()
  const metrics = brokerMetrics({ version: '1', providers: ['google'], roles: ['files'], entries: () => 0 })
  return { time, log, metrics, record: recordOutcomes({ log, metrics, uptime: () => time.now }) }
}

describe('what is written down of an answer', () => {
  test('is who, by which provider, for which role, and no secret', async () => {
    const { log, metrics, record } = books()
    record(granted)
    record(refused('UserRateExceeded', { user: 'u-1', retryAfter: 20 }))
    expect(JSON.stringify(log.lines)).not.toContain('CANARY')
    const names = { provider: 'google', role: 'files', user: 'u-1' }
    expect(log.lines).toMatchObject([
      {
        level: 'info',
        event: 'user credentials given',
        fields: { code: 'Success', ...names, container: 'app', fresh: true },
      },
      {
        level: 'info',
        event: 'user credentials refused',
        fields: { code: 'UserRateExceeded', ...names, retryAfter: 20 },
      },
    ])
    const { body } = await metrics.text()
    expect(body).toContain('{provider="google",role="files",code="Success"} 1\n')
    expect(body).toContain('{provider="google",role="files",code="UserRateExceeded"} 1\n')
  })

  test.each<[Told, string]>([
    [{ ...granted, fresh: false }, 'debug'],
    [refused('UserTokenForged'), 'info'],
    [refused('EndpointTokenWrong'), 'info'],
    [refused('UserProviderInvalid'), 'warn'],
    [refused('ProviderTimeout'), 'warn'],
    [refused('StsAccessDenied'), 'warn'],
    [refused('Internal'), 'warn'],
  ])('is as loud as it is important (%#)', (told, level) => {
    const { log, record } = books()
    record(told)
    expect(log.lines.map((line) => line.level)).toEqual([level])
  })

  test('are twenty lines a second at most, however many come; all of them are counted', async () => {
    const { log, metrics, record, time } = books()
    for (let n = 0; n < 1_000; n += 1) record(refused('UserTokenForged'))
    expect(log.lines).toHaveLength(20)
    time.now = 1_000
    record(granted)
    expect(log.lines).toHaveLength(21)
    expect((await metrics.text()).body).toContain('code="UserTokenForged"} 1000\n')
  })
})

test('STS is timed, whether it answers or fails', async () => {
  const times: [string, number][] = []
  let now = 0
  const uptime = (): number => {
    now += 250
    return now
  }
  const record = (operation: string, seconds: number): void => void times.push([operation, seconds])
  const request = { roleArn: ROLE_ARN, roleSessionName: 's', token: 't', durationSeconds: 900 }
  const failure = new Failure({ code: 'StsThrottled', message: 'm' })
  await timed(record, uptime)(fakeSts(() => 0)).assumeRoleWithWebIdentity(request, never)
  const failing = fakeSts(
    () => 0,
    async () => {
      throw failure
    },
  )
  await expect(timed(record, uptime)(failing).assumeRoleWithWebIdentity(request, never)).rejects.toBe(failure)
  expect(times).toEqual([
    ['AssumeRoleWithWebIdentity', 0.25],
    ['AssumeRoleWithWebIdentity', 0.25],
  ])
})
