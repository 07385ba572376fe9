import { describe, expect, test } from 'vitest'
import { allExchanges } from '../../../cmd/sidecar/allExchanges.ts'
import type { Exchanges } from '../../../cmd/sidecar/exchanges.ts'
import { shown, timed, watched } from '../../../cmd/sidecar/instruments.ts'
import { plainExchanges } from '../../../cmd/sidecar/plainExchanges.ts'
import { recordSessions, tellFailures } from '../../../cmd/sidecar/record.ts'
import { readSettings } from '../../../cmd/sidecar/settings.ts'
import {
  type CredentialsView,
  initialState,
  type KeptSessions,
  type Session,
  type SessionCredentials,
  type SessionState,
} from '../../../src/credentials/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { Sts, StsAnswer } from '../../../src/federation/index.ts'
import { sidecarMetrics } from '../../../src/metrics/index.ts'
import { memoryLog } from '../webhook/reviews.ts'

const role = 'arn:aws:iam::111122223333:role/web'
const now = Date.UTC(2026, 0, 2, 3, 4, 5)
const sessions = ['default', 'batch'].map((session) => ({ session, role }))

const credentials: SessionCredentials = {
  accessKeyId: 'ASIAQQQQQQQQQQQQQQQQ',
  secretAccessKey: 'CANARY-secret',
  sessionToken: 'CANARY-token',
  expires: now + 3_600_000 + 60_000,
  issued: now + 60_000,
  skew: 60_000,
  roleArn: role,
  assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/web/s',
  accountId: '111122223333',
}
const none = { backoff: 0, rereadToken: 0, slow: 0 }
const idle: SessionState = initialState({ now, uptime: 1 })
const held: SessionState = {
  ...idle,
  held: { credentials, expires: now + 3_600_000, renewAt: now + 1_800_000 },
}
const failure = new Failure({ code: 'StsThrottled', message: 'too many' })
const failing = (message = failure.message): SessionState => ({
  ...idle,
  failures: { ...none, backoff: 1 },
  lastFailure: { code: 'StsThrottled', message, at: now },
  retryAt: now + 500,
})

function books(save: (state: unknown) => void = () => {}) {
  const log = memoryLog()
  const metrics = sidecarMetrics({ version: '1', sessions })
  const messages: string[] = []
  const saved: string[] = []
  const kept: Record<string, KeptSessions[string]> = {}
  const state = {
    load: () => undefined,
    save: (value: unknown) => {
      save(value)
      saved.push(JSON.stringify(value))
    },
  }
  const termination = { write: (text: string) => void messages.push(text), clear: () => void messages.push('') }
  const settled = recordSessions({ log, metrics, state, termination }, kept)
  const fail = (name: string) => settled({ name, fingerprint: 'f' }, failing(), { kind: 'failed', failure, jitter: 0 })
  const obtain = (name: string) =>
    settled({ name, fingerprint: 'f' }, held, { kind: 'obtained', credentials, jitter: 0 })
  return { log, metrics, messages, saved, kept, termination, fail, obtain }
}

describe('what is written down after an attempt', () => {
  test('that succeeded: when, until when, and no secret', async () => {
    const { log, metrics, messages, saved, obtain } = books()
    obtain('default')
    expect(messages).toEqual([''])
    expect(log.lines).toEqual([
      {
        level: 'info',
        event: 'credentials obtained',
        fields: {
          session: 'default',
          assumedRole: credentials.assumedRoleArn,
          expires: '2026-01-02T04:04:05.000Z',
          renewAt: '2026-01-02T03:34:05.000Z',
        },
      },
    ])
    expect(JSON.parse(saved[0] ?? '')).toEqual({ default: { fingerprint: 'f', state: held } })
    const { body } = await metrics.text()
    expect(body).toContain(
      `lanyard_credentials_last_refresh_timestamp_seconds{session="default",role="${role}"} ${now / 1000}\n`,
    )
    expect(body).toContain('lanyard_clock_skew_seconds 60\n')
  })

  test('that failed: the cause where kubectl describe looks, as long as any session fails', () => {
    const { log, messages, fail, obtain } = books()
    fail('default')
    fail('batch')
    obtain('default')
    obtain('batch')
    const line = (name: string): string => `${name}: ${failure.message}`
    expect(messages).toEqual([line('default'), `${line('default')}\n${line('batch')}`, line('batch'), ''])
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      event: 'credentials not obtained',
      fields: { session: 'default', retryAt: '2026-01-02T03:04:05.500Z', error: failure },
    })
  })

  test('a state that cannot be kept is told, and stops nothing', () => {
    const { log, obtain, messages } = books(() => {
      throw new Failure({ code: 'StateUnwritable', message: 'full' })
    })
    obtain('default')
    expect(log.lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
      'error state not kept',
      'info credentials obtained',
    ])
    expect(messages).toEqual([''])
  })
})

test('what failed in an earlier run is told again at the start, and nothing where nothing failed', () => {
  const { messages, termination } = books()
  const kept = { a: { fingerprint: '', state: failing('first') }, b: { fingerprint: '', state: held } }
  expect(tellFailures(kept, termination)).toBe(true)
  expect(tellFailures({ b: kept.b }, termination)).toBe(false)
  expect(messages).toEqual(['a: first'])
})

describe('instruments', () => {
  const request = { roleArn: role, roleSessionName: 's', token: 't', durationSeconds: 900 }
  const { signal } = new AbortController()
  const count = async (metrics: ReturnType<typeof sidecarMetrics>, operation: string): Promise<string | undefined> =>
    new RegExp(`lanyard_sts_request_duration_seconds_count\\{operation="${operation}"\\} (\\d+)`).exec(
      (await metrics.text()).body,
    )?.[1]

  test('time every exchange, failed ones too', async () => {
    const metrics = sidecarMetrics({ version: '1', sessions })
    const answer: StsAnswer = { localTime: now }
    const sts: Sts = {
      assumeRoleWithWebIdentity: async () => answer,
      assumeRoleWithSaml: async () => answer,
      assumeRole: () => Promise.reject(failure),
    }
    const { assumeRoleWithWebIdentity, assumeRoleWithSaml, assumeRole } = timed(sts, metrics)
    expect(await assumeRoleWithWebIdentity(request, signal)).toBe(answer)
    expect(await assumeRoleWithSaml({ ...request, principalArn: 'p', assertion: 'a' }, signal)).toBe(answer)
    expect(await assumeRoleWithSaml({ ...request, principalArn: 'p', assertion: 'a' }, signal)).toBe(answer)
    await expect(assumeRole(request, credentials, signal)).rejects.toBe(failure)
    for (const [operation, calls] of [
      ['AssumeRoleWithWebIdentity', '1'],
      ['AssumeRoleWithSAML', '2'],
      ['AssumeRole', '1'],
    ] as const)
      expect(await count(metrics, operation)).toBe(calls)
  })

  test('show when what a session serves expires, and that it serves nothing', async () => {
    const metrics = sidecarMetrics({ version: '1', sessions })
    const views: CredentialsView[] = [{ kind: 'held', credentials, expires: now }]
    const session: Session = {
      name: 'batch',
      asked: async () => {},
      view: () => views.shift() ?? { kind: 'none', lastFailure: undefined },
    }
    expect(shown(session, metrics)).toBe(session)
    for (const expires of [now / 1000, 0])
      expect((await metrics.text()).body).toContain(
        `lanyard_credentials_expiration_timestamp_seconds{session="batch",role="${role}"} ${expires}\n`,
      )
  })

  test('show when the token expires', async () => {
    const metrics = sidecarMetrics({ version: '1', sessions })
    const token = { raw: 't', issuer: 'i', subject: 's', audiences: [], expires: now }
    expect(await watched(async () => token, metrics)(signal)).toBe(token)
    expect((await metrics.text()).body).toContain(`lanyard_identity_token_expiration_timestamp_seconds ${now / 1000}\n`)
  })
})

describe('readSettings', () => {
  const enough = {
    LANYARD_ROLE_ARN: role,
    LANYARD_CONTAINERS: 'app',
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
  const fields = (
    changes: Readonly<Record<string, string | undefined>>,
    exchanges: Exchanges = plainExchanges,
  ): (string | undefined)[] => {
    try {
      readSettings({ ...enough, ...changes }, exchanges)
    } catch (thrown) {
      if (thrown instanceof Failure) return thrown.problems.map(({ field }) => field)
      throw thrown
    }
    return []
  }

  test('plans the sessions from variables alone', () => {
    const { config, plans } = readSettings(enough, plainExchanges)
    expect(config['identity.tokenFile']).toBe('/var/run/secrets/lanyard.dev/identity/token')
    expect(plans.map(({ hop }) => hop.request.roleSessionName)).toEqual(['web-0'])
  })

  test('tells what is wrong and what is missing at once, each once', () => {
    expect(fields({ LANYARD_REGION: '!', LANYARD_AUDIENCE: undefined })).toEqual(['LANYARD_REGION', 'LANYARD_AUDIENCE'])
    expect(fields({ LANYARD_ROLE_ARN: undefined, LANYARD_CONTAINER_ROLES: '!' })).toEqual(['LANYARD_CONTAINER_ROLES'])
    expect(fields({ LANYARD_ROLE_ARN: '!', LANYARD_CONTAINERS: undefined })).toEqual(['LANYARD_ROLE_ARN'])
    expect(fields({ LANYARD_POD_UID: undefined, LANYARD_CONTAINERS: '' })).toEqual([
      'LANYARD_POD_UID',
      'LANYARD_CONTAINERS',
    ])
  })

  const provider = {
    LANYARD_IDENTITY_PROVIDER: 'corporate',
    LANYARD_PROVIDER_CONFIG: JSON.stringify({
      kind: 'oidc-client-credentials',
      issuer: 'https://login.example.com',
      stsAudience: 'lanyard',
    }),
  }
  const chain = { LANYARD_ASSUME_ROLE_ARN: role }

  test('the plain program refuses a chain and a provider rather than leave them out', () => {
    expect(fields(chain)).toEqual(['LANYARD_ASSUME_ROLE_ARN'])
    expect(fields(provider)).toEqual(['LANYARD_IDENTITY_PROVIDER'])
    expect(fields({ ...provider, LANYARD_IDENTITY_PROVIDER: undefined })).toEqual(['LANYARD_IDENTITY_PROVIDER'])
    expect(fields({ ...chain, ...provider })).toEqual(['LANYARD_ASSUME_ROLE_ARN', 'LANYARD_IDENTITY_PROVIDER'])
  })

  test('the other program takes both, and plans each role', () => {
    expect(fields({ ...chain, ...provider }, allExchanges)).toEqual([])
    const { config, plans } = readSettings({ ...enough, ...chain, ...provider }, allExchanges)
    expect(config['provider.config']).toMatchObject({ kind: 'oidc-client-credentials', stsAudience: 'lanyard' })
    expect(plans.map(({ name, hop }) => [name, hop.kind])).toEqual([
      ['default/1', 'identity'],
      ['default', 'chain'],
    ])
  })

  test('no program takes the service account for a provider that it is not told of', () => {
    const named = { LANYARD_IDENTITY_PROVIDER: 'corporate' }
    expect(fields(named, allExchanges)).toEqual(['LANYARD_PROVIDER_CONFIG'])
    expect(fields({ ...named, LANYARD_PROVIDER_CONFIG: '{}' }, allExchanges)).toEqual(['LANYARD_PROVIDER_CONFIG.kind'])
    expect(fields({ ...named, LANYARD_PROVIDER_CONFIG: 'x' }, allExchanges)).toEqual(['LANYARD_PROVIDER_CONFIG'])
  })
})
