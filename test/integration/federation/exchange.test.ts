import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSts } from '../../../src/aws/index.ts'
import type { SessionCredentials } from '../../../src/credentials/types.ts'
import { Failure } from '../../../src/errors/index.ts'
import { fileTokenSource, webIdentity } from '../../../src/federation/index.ts'
import type { Fault } from '../../../src/testbed/index.ts'
import {
  createCertificateAuthority,
  type Issuer,
  startIssuer,
  startSts,
  type TrustPolicyDocument,
  trustPolicy,
} from '../../../src/testbed/index.ts'

const now = () => Date.UTC(2026, 0, 15, 12)
const accountId = '111122223333'
const audience = 'sts.amazonaws.com'
const directory = mkdtempSync(join(tmpdir(), 'lanyard-exchange-'))
const path = join(directory, 'token')

const ca = await createCertificateAuthority({ name: 'testbed', now })
const issuer = await startIssuer({ ca, now })
const stranger = await startIssuer({ ca, now })
const policy: TrustPolicyDocument = trustPolicy({
  issuer: issuer.url,
  accountId,
  namespace: 'shop',
  serviceAccount: 'web',
})
const provider = { url: issuer.url, clientIds: [audience, 'other-audience'], ca: ca.pem }
const roles = [{ name: 'web', path: '/apps/', trustPolicy: policy }]
const sts = await startSts({ ca, now, accountId, providers: [provider], roles })

afterAll(async () => {
  await Promise.all([sts.stop(), issuer.stop(), stranger.stop()])
  rmSync(directory, { recursive: true })
})

const tokenRequest = { namespace: 'shop', serviceAccount: 'web', pod: 'web-0', audience, expiresIn: 3600 }
const allowRead = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const sessionPolicy = JSON.stringify({ Version: '2012-10-17', Statement: [allowRead] })
let sent = ''

async function project(change: Partial<typeof tokenRequest> = {}, from: Issuer = issuer): Promise<void> {
  sent = await from.serviceAccountToken({ ...tokenRequest, ...change })
  await writeFile(path, sent)
}

beforeEach(() => project())
afterEach(() => sts.faults.clear())

type Change = {
  expected?: string
  roleArn?: string
  durationSeconds?: number
  policy?: string
  totalTimeout?: number
  localTime?: () => number
}

function exchange(change: Change = {}): Promise<SessionCredentials> {
  const { expected = audience, roleArn = sts.roleArn('web'), durationSeconds = 3600, totalTimeout = 20_000 } = change
  const localTime = change.localTime ?? now
  const read = (file: string, signal: AbortSignal) => readFile(file, { encoding: 'utf8', signal })
  const source = fileTokenSource({ path, read, audience: expected, now: localTime })
  const port = createSts({
    region: 'eu-west-1',
    endpoint: sts.url,
    ca: ca.pem,
    connectTimeout: 5_000,
    totalTimeout,
    now: localTime,
  })
  const request = { roleArn, roleSessionName: 'shop.web.web-0', durationSeconds }
  const session = change.policy === undefined ? request : { ...request, policy: change.policy }
  return webIdentity(source, port, session)(new AbortController().signal)
}

/** The code and the message of an exchange that fails, after a look for any part of the token in it. */
async function failureOf(change: Change = {}): Promise<Failure> {
  const thrown = await exchange(change).then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw thrown
  const shown = [thrown.message, thrown.stack, JSON.stringify(thrown), String(thrown.cause)].join('\n')
  for (const part of sent.split('.')) {
    expect(shown.includes(part.slice(0, 24))).toBe(part === '')
  }
  return thrown
}

describe('an exchange', () => {
  it('turns the projected token into credentials of the role', async () => {
    const credentials = await exchange({ policy: sessionPolicy })
    expect(credentials).toMatchObject({
      expires: now() + 3_600_000,
      issued: now(),
      skew: 0,
      roleArn: `arn:aws:iam::${accountId}:role/apps/web`,
      assumedRoleArn: `arn:aws:sts::${accountId}:assumed-role/web/shop.web.web-0`,
      accountId,
    })
    expect(credentials.accessKeyId).toMatch(/^ASIA/)
  })

  it('sends the token that is in the file now', async () => {
    await writeFile(path, 'truncated')
    sent = ''
    expect((await failureOf()).code).toBe('TokenNotJwt')
    await project()
    expect((await exchange()).accountId).toBe(accountId)
  })

  it('does not ask STS with a token that is not there', async () => {
    const before = sts.requests.length
    await rm(path)
    expect((await failureOf()).code).toBe('TokenFileMissing')
    expect(sts.requests).toHaveLength(before)
  })

  it.each([
    [90_000, 90_000],
    [-200_000, -200_000],
    [4_000, 0],
  ])('measures a clock of STS that is off by %i ms as a skew of %i', async (ms, skew) => {
    sts.faults.set({ kind: 'skew', ms })
    const credentials = await exchange()
    expect(credentials).toMatchObject({ skew, issued: now() + ms, expires: now() + ms + 3_600_000 })
  })

  it("finds credentials good that the pod's own clock finds expired", async () => {
    const ahead = await exchange({ localTime: () => now() + 3_700_000 - 200_000 })
    expect(ahead.skew).toBe(-3_500_000)
  })

  it('takes a session that is shorter than asked, and refuses one that is not worth having', async () => {
    sts.faults.set({ kind: 'shortSession', seconds: 900 })
    expect((await exchange()).expires).toBe(now() + 900_000)
    sts.faults.set({ kind: 'shortSession', seconds: 30 })
    expect((await failureOf()).code).toBe('StsAnswerInvalid')
  })
})

describe('a refusal of STS', () => {
  it('StsAccessDenied: another service account, an unknown role, a changed trust policy', async () => {
    await project({ serviceAccount: 'other' })
    expect((await failureOf()).code).toBe('StsAccessDenied')
    await project()
    expect((await failureOf({ roleArn: `arn:aws:iam::${accountId}:role/nobody` })).code).toBe('StsAccessDenied')
    sts.setTrustPolicy('web', trustPolicy({ issuer: issuer.url, accountId, namespace: 'x', serviceAccount: 'y' }))
    const failure = await failureOf()
    sts.setTrustPolicy('web', policy)
    expect(failure.code).toBe('StsAccessDenied')
    expect(failure.message).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity')
    expect(failure.message).toContain(sts.url)
    expect(failure.message).toContain(sts.requests.at(-1)?.requestId)
  })

  it('StsIdentityProviderUnknown', async () => {
    await project({}, stranger)
    const failure = await failureOf()
    expect(failure.code).toBe('StsIdentityProviderUnknown')
    expect(failure.message).toContain(stranger.url)
  })

  it('StsAudienceRejected', async () => {
    await project({ audience: 'mars' })
    expect((await failureOf()).code).toBe('TokenAudience')
    expect((await failureOf({ expected: 'mars' })).code).toBe('StsAudienceRejected')
  })

  it("StsTokenExpired, and the pod's clock is named where it is the cause", async () => {
    await project({ expiresIn: -301 })
    expect((await failureOf()).code).toBe('TokenExpired')
    const failure = await failureOf({ localTime: () => now() - 600_000 })
    expect(failure.code).toBe('StsTokenExpired')
    expect(failure.message).toContain("the pod's clock is 600 s behind STS's")
  })

  it('StsVerificationKeyMissing: signed with a key that is not published', async () => {
    const claims = { 'kubernetes.io': {} }
    const sub = 'system:serviceaccount:shop:web'
    sent = await issuer.issueToken({ sub, audience, expiresIn: 3600, claims, signWithUnpublishedKey: true })
    await writeFile(path, sent)
    expect((await failureOf()).code).toBe('StsVerificationKeyMissing')
  })

  it('StsTokenRejected: a signature that does not fit', async () => {
    const [header, payload] = sent.split('.')
    const other = await issuer.serviceAccountToken({ ...tokenRequest, pod: 'web-1' })
    sent = [header, payload, other.split('.')[2]].join('.')
    await writeFile(path, sent)
    expect((await failureOf()).code).toBe('StsTokenRejected')
  })

  it('StsDurationTooLong, by the role and by the API', async () => {
    expect((await failureOf({ durationSeconds: 7200 })).code).toBe('StsDurationTooLong')
    expect((await failureOf({ durationSeconds: 50_000 })).code).toBe('StsDurationTooLong')
  })

  it('StsPolicyMalformed', async () => {
    expect((await failureOf({ policy: 'nonsense' })).code).toBe('StsPolicyMalformed')
  })

  it('StsRequestInvalid', async () => {
    expect((await failureOf({ roleArn: 'arn:aws:iam::1:role/web-role' })).code).toBe('StsRequestInvalid')
  })
})

describe('a fault of STS', () => {
  const cases: readonly [string, Fault][] = [
    ['StsThrottled', { kind: 'throttling' }],
    ['StsUnavailable', { kind: 'unavailable' }],
    ['StsIdentityProviderUnreachable', { kind: 'idpCommunicationError' }],
    ['StsRegionDisabled', { kind: 'failure', code: 'RegionDisabledException', message: 'm', status: 403 }],
    ['StsClaimRejected', { kind: 'failure', code: 'IDPRejectedClaim', message: 'm', status: 403 }],
    ['StsPolicyTooLarge', { kind: 'failure', code: 'PackedPolicyTooLarge', message: 'm' }],
    ['StsOther', { kind: 'failure', code: 'SomethingNew', message: 'm' }],
    ['StsUnavailable', { kind: 'failure', code: 'SomethingNew', message: 'm', status: 500 }],
    ['StsUnreachable', { kind: 'reset' }],
    ['StsAnswerInvalid', { kind: 'html', status: 200 }],
    ['StsUnavailable', { kind: 'html', status: 502 }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'missingFields' }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'missingFields', fields: ['AccessKeyId'] }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'missingFields', fields: ['Credentials'] }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'missingFields', fields: ['AssumedRoleUser'] }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'missingFields', fields: ['Expiration'] }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'garbageExpiration' }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'alreadyExpired' }],
    ['StsAnswerInvalid', { kind: 'lies', lie: 'truncated' }],
  ]

  it.each(cases)('%s: %j, after one attempt', async (code, fault) => {
    const before = sts.requests.length
    sts.faults.set(fault)
    expect((await failureOf()).code).toBe(code)
    expect(sts.requests.length - before).toBe(1)
  })

  it.each<Fault>([{ kind: 'hang' }, { kind: 'slowBody', ms: Number.POSITIVE_INFINITY }])(
    'StsTimeout: %j',
    async (fault) => {
      sts.faults.set(fault)
      expect((await failureOf({ totalTimeout: 400 })).code).toBe('StsTimeout')
    },
  )

  it('echoes the token: it is not shown', async () => {
    sts.faults.set({
      kind: 'failure',
      code: 'ValidationError',
      message: `Value '${sent}' at 'webIdentityToken' failed`,
    })
    expect((await failureOf()).message).toContain('[redacted]')
  })
})
