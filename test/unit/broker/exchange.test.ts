import { describe, expect, test } from 'vitest'
import { type Exchange, exchange, expiryOf } from '../../../src/broker/exchange.ts'
import { type Code, Failure } from '../../../src/errors/index.ts'
import type { StsAnswer } from '../../../src/federation/index.ts'
import { failureOf } from '../federation/support.ts'
import { CLIENT, fakeSts, ISSUER, never, ROLE_ARN } from './support.ts'

const NOW = Date.UTC(2026, 2, 4)
const verified = { issuer: ISSUER, subject: 'ada@example.com', audience: CLIENT, expires: NOW + 7_200_000 }
const given: Exchange = {
  grant: { alias: 'files', roleArn: ROLE_ARN, durationSeconds: 3600, policy: '{"Statement":[]}' },
  user: 'u-1',
  verified,
  token: 'the-token',
  providerId: undefined,
}
const run = (changes: Partial<Exchange> = {}, answer: Partial<StsAnswer> = {}) => {
  const sts = fakeSts(
    () => NOW,
    async () => answer,
  )
  return { sts, obtained: exchange(sts, { ...given, ...changes }, never) }
}

describe('the exchange', () => {
  test('asks for the role that is granted, in the name of the user, and for nothing else', async () => {
    const { sts, obtained } = run()
    await obtained
    expect(sts.requests).toEqual([
      {
        roleArn: ROLE_ARN,
        durationSeconds: 3600,
        policy: '{"Statement":[]}',
        roleSessionName: 'u-1',
        token: 'the-token',
      },
    ])
  })

  test('names the provider of an access token', async () => {
    const { sts, obtained } = run({ providerId: 'www.amazon.com' })
    await obtained
    expect(sts.requests[0]).toMatchObject({ providerId: 'www.amazon.com' })
  })

  test.each<[string, Partial<Exchange>, Partial<StsAnswer>, number]>([
    ['five minutes before they end', {}, {}, 3_300_000],
    ['until the token ends', { verified: { ...verified, expires: NOW + 60_000 } }, {}, 60_000],
    [
      'five minutes before they end, where the end of the token is not known',
      { verified: { issuer: ISSUER, subject: 'ada@example.com', audience: CLIENT } },
      {},
      3_300_000,
    ],
    ['for half of their life, where STS gave little', {}, { expires: NOW + 300_000 }, 150_000],
    ['not at all, where there is only a minute', {}, { expires: NOW + 60_000 }, 0],
    ['by the clock of the pod', {}, { date: NOW + 600_000, expires: NOW + 4_200_000 }, 3_300_000],
  ])('keeps credentials %s', async (_, changes, answer, life) => {
    expect((await run(changes, answer).obtained).until).toBe(NOW + life)
  })

  test('tells their end by the clock of the pod', async () => {
    const { credentials } = await run({}, { date: NOW + 600_000, expires: NOW + 4_200_000 }).obtained
    expect(expiryOf(credentials)).toBe(NOW + 3_600_000)
  })

  test.each<[string, Partial<StsAnswer>]>([
    ['outlive what the operator has set', { expires: NOW + 3_661_000 }],
    ['are of another role', { assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/admin/u-1' }],
    ['have no secret', { secretAccessKey: '' }],
    ['have ended', { expires: NOW - 1 }],
  ])('takes no credentials that %s', async (_, answer) => {
    expect((await failureOf(run({}, answer).obtained)).code).toBe('StsAnswerInvalid')
  })

  test('says what to change for users, not for pods, and never whose token it was', async () => {
    const sts = fakeSts(
      () => NOW,
      async () => {
        throw new Failure({ code: 'StsAccessDenied', message: 'ada@example.com is not authorized', field: 'x' })
      },
    )
    const failure = await failureOf(exchange(sts, given, never))
    expect(failure.code).toBe('StsAccessDenied')
    expect(failure.problems).toMatchObject([{ message: '[user] is not authorized', field: 'x' }])
    expect(failure.message).not.toMatch(/ada|service ?account|lanyard\.dev/)
  })

  test.each<Code>(['StsUnreachable', 'StsThrottled'])('keeps the advice of %s', async (code) => {
    const sts = fakeSts(
      () => NOW,
      async () => {
        throw new Failure({ code, message: 'm' })
      },
    )
    expect((await failureOf(exchange(sts, given, never))).message).toBe(new Failure({ code, message: 'm' }).message)
  })

  test('turns what is no Failure into one that says nothing', async () => {
    const sts = fakeSts(
      () => NOW,
      async () => {
        throw new Error('the-token')
      },
    )
    const failure = await failureOf(exchange(sts, given, never))
    expect(failure.code).toBe('Internal')
    expect(failure.message).not.toContain('the-token')
  })
})
