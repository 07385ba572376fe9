import { describe, expect, test } from 'vitest'
import type { CredentialsView, Session, SessionCredentials } from '../../../src/credentials/types.ts'
import { Failure } from '../../../src/errors/index.ts'
import { assumeRole, heldBy } from '../../../src/federation/assumeRole.ts'
import type { AssumeRoleRequest, StsAnswer } from '../../../src/federation/index.ts'

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const FIRST = 'arn:aws:iam::111122223333:role/first'
const request: AssumeRoleRequest = {
  roleArn: 'arn:aws:iam::444455556666:role/path/last',
  roleSessionName: 'shop.web',
  durationSeconds: 900,
  externalId: 'customer-42',
  tags: new Map([['team', 'checkout']]),
}
const held: SessionCredentials = {
  accessKeyId: 'ASIAFIRST',
  secretAccessKey: 'CANARY-secret',
  sessionToken: 'CANARY-token',
  expires: NOW + 3_600_000,
  issued: NOW,
  skew: 0,
  roleArn: FIRST,
  assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/first/s',
  accountId: '111122223333',
}
const answer: StsAnswer = {
  accessKeyId: 'ASIALAST',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  expires: NOW + 900_000,
  assumedRoleArn: 'arn:aws:sts::444455556666:assumed-role/last/shop.web',
  date: NOW,
  localTime: NOW,
}
const { signal } = new AbortController()
const holds: CredentialsView = { kind: 'held', credentials: held, expires: held.expires }
const none: CredentialsView = { kind: 'none', lastFailure: undefined }
const rejected = async (promise: Promise<unknown>): Promise<Failure> => {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw new Error('no Failure')
  return thrown
}

/** A session whose view is the next of these at each look, the last for ever. */
function sessionOf(...views: CredentialsView[]) {
  const asked: number[] = []
  const session: Session = {
    name: 'default/1',
    view: () => (views.length > 1 ? views.shift() : views[0]) ?? none,
    asked: async (atMost) => void asked.push(atMost),
  }
  return { session, asked }
}

describe('credentials of another session', () => {
  test('are taken as they are, without a wait', async () => {
    const { session, asked } = sessionOf(holds)
    expect(await heldBy(session, FIRST)()).toBe(held)
    expect(asked).toEqual([])
  })

  test('are waited for, for less time than the first attempt has', async () => {
    const { session, asked } = sessionOf(none, holds)
    expect(await heldBy(session, FIRST)()).toBe(held)
    expect(asked).toEqual([2500])
  })

  test('that do not come are told, with the reason where there is one', async () => {
    const early = await rejected(heldBy(sessionOf(none).session, FIRST)())
    expect([early.code, early.retry]).toEqual(['StsChainWaiting', 'backoff'])
    expect(early.message).toContain(`no credentials of ${FIRST} yet: it is being obtained`)
    const lastFailure = { code: 'StsAccessDenied', message: 'not trusted', at: NOW } as const
    const late = await rejected(heldBy(sessionOf({ kind: 'none', lastFailure }).session, FIRST)())
    expect(late.message).toContain('yet: not trusted')
  })
})

describe('assumeRole', () => {
  test('signs with what is held at that moment, and asks for exactly what was to be asked for', async () => {
    const calls: unknown[] = []
    const sts = {
      assumeRole: async (...asked: unknown[]) => {
        calls.push(asked)
        return answer
      },
    }
    const renewed = { ...held, accessKeyId: 'ASIASECOND' }
    const holders = [held, renewed]
    const obtain = assumeRole(async () => holders.shift() ?? held, sts, request)
    expect(await obtain(signal)).toEqual({
      accessKeyId: 'ASIALAST',
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expires: NOW + 900_000,
      issued: NOW,
      skew: 0,
      roleArn: request.roleArn,
      assumedRoleArn: answer.assumedRoleArn,
      accountId: '444455556666',
    })
    await obtain(signal)
    expect(calls).toEqual([
      [request, held, signal],
      [request, renewed, signal],
    ])
  })

  test('asks STS nothing where nobody holds anything', async () => {
    let calls = 0
    const sts = {
      assumeRole: async () => {
        calls += 1
        return answer
      },
    }
    const failure = await rejected(assumeRole(heldBy(sessionOf(none).session, FIRST), sts, request)(signal))
    expect([failure.code, calls]).toEqual(['StsChainWaiting', 0])
  })

  test.each<[string, Partial<StsAnswer>]>([
    ['of the role before', { assumedRoleArn: held.assumedRoleArn }],
    ['of another account', { assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/last/shop.web' }],
    ['that last much longer', { expires: NOW + 3_600_000 }],
    ['without a secret', { secretAccessKey: '' }],
  ])('refuses credentials %s', async (_what, change) => {
    const sts = { assumeRole: async () => ({ ...answer, ...change }) }
    const failure = await rejected(assumeRole(async () => held, sts, request)(signal))
    expect(failure.code).toBe('StsAnswerInvalid')
    expect(failure.message).not.toContain('CANARY')
  })

  test("leaves STS's own failure as it is", async () => {
    const denied = new Failure({ code: 'StsAccessDenied', message: 'no' })
    const sts = { assumeRole: () => Promise.reject(denied) }
    await expect(assumeRole(async () => held, sts, request)(signal)).rejects.toBe(denied)
  })
})
