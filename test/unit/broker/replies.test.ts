import { describe, expect, test } from 'vitest'
import { userReplies } from '../../../src/broker/contract.ts'
import { refuse, refuseAs, rowOf, toReply } from '../../../src/broker/replies.ts'
import { type Code, codes, describe as entryOf, Failure } from '../../../src/errors/index.ts'

const credentials = {
  accessKeyId: 'ASIA1',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  expires: Date.UTC(2026, 0, 1, 12, 0, 1, 999),
  issued: 0,
  skew: 1_000,
  roleArn: 'arn:aws:iam::111122223333:role/files',
  assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/files/u-1',
  accountId: '111122223333',
}

test('credentials are answered in a form that no SDK takes for its own', () => {
  const reply = toReply({ kind: 'granted', provider: 'login', role: 'files', user: 'u-1', credentials, fresh: true })
  expect(reply).toMatchObject({
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  })
  const body = JSON.parse(reply.body)
  expect(body).toEqual({
    user: 'u-1',
    role: 'files',
    credentials: {
      accessKeyId: 'ASIA1',
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expiration: '2026-01-01T12:00:00Z',
    },
  })
  // What the container protocol, IMDS and credential_process look for at the top.
  const keys = Object.keys(body).map((key) => key.toLowerCase())
  for (const key of ['accesskeyid', 'secretaccesskey', 'token', 'sessiontoken', 'expiration', 'code', 'version'])
    expect(keys).not.toContain(key)
})

describe('a refusal', () => {
  test('says its code, what happened and what to change', () => {
    const reply = refuse(new Failure({ code: 'UserTokenExpired', message: 'it expired at noon' }))
    expect(reply.status).toBe(401)
    expect(JSON.parse(reply.body)).toEqual({
      code: 'UserTokenExpired',
      message: `${codes.UserTokenExpired.cause.replace('.', ':')} it expired at noon. ${codes.UserTokenExpired.fix}`,
    })
    expect(reply.headers).not.toHaveProperty('Retry-After')
  })

  test('says after how many seconds to ask again', () => {
    const reply = refuse(new Failure({ code: 'UserRateExceeded', message: 'm' }), 20)
    expect(reply).toMatchObject({ status: 429, headers: { 'Retry-After': '20' } })
  })

  test.each<[Code, number, string | undefined]>([
    ['ProviderUnreachable', 503, '1'],
    ['ProviderUntrusted', 502, undefined],
    ['StsThrottled', 503, '1'],
    ['StsAccessDenied', 502, undefined],
    ['StsTokenExpired', 502, undefined],
    ['UserProviderInvalid', 502, undefined],
    ['Internal', 500, undefined],
    ['PortTaken', 500, undefined],
  ])('for %s has the status %d', (code, status, again) => {
    const reply = refuse(new Failure({ code, message: 'm' }))
    expect(reply.status).toBe(status)
    expect(reply.headers['Retry-After']).toBe(again)
  })

  test.each(['HostRefused', 'PathUnknown', 'MethodRefused', 'RequestMalformed', 'EndpointTokenWrong'] as const)(
    'of the guard, %s, speaks of this endpoint and not of the other',
    (code) => {
      const reply = refuseAs({ code, headers: { Allow: 'POST' } })
      expect(reply).toMatchObject({ status: userReplies[code].status, headers: { Allow: 'POST' } })
      expect(reply.body).not.toContain('AWS_CONTAINER')
      expect(JSON.parse(reply.body)).toMatchObject({ code })
    },
  )

  test('is never a success', () => {
    expect(refuseAs({ code: 'Success', headers: {} }).status).toBe(500)
  })
})

test('every code of users has a status of its own row', () => {
  for (const code of Object.keys(codes) as Code[]) {
    if (entryOf(code).area !== 'user') continue
    expect(userReplies).toHaveProperty(code)
    expect(rowOf(code).status).toBeGreaterThanOrEqual(400)
  }
})
