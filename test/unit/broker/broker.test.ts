import { describe, expect, test } from 'vitest'
import { type Broker, type BrokerParts, createBroker } from '../../../src/broker/broker.ts'
import type { Outcome, Presented, Provider, VerifiedUser } from '../../../src/broker/types.ts'
import { type Code, Failure } from '../../../src/errors/index.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { CLIENT, fakeSts, ISSUER, never, POLICY, role } from './support.ts'

/** A provider that takes every token for the name of its user, but those that begin with a dash. */
const trusting = (log: Presented[] = [], expires?: number): Provider['verify'] => {
  return async (presented) => {
    log.push(presented)
    if (presented.token.startsWith('-')) throw new Failure({ code: 'UserTokenForged', message: 'no' })
    const user: VerifiedUser = { issuer: ISSUER, subject: presented.token, audience: CLIENT }
    return expires === undefined ? user : { ...user, expires }
  }
}

function world(changes: Partial<BrokerParts> = {}) {
  const clock = createVirtualClock()
  const sts = fakeSts(clock.now)
  const verified: Presented[] = []
  const broker = createBroker({
    providers: new Map<string, Provider>([
      ['login', { verify: trusting(verified) }],
      ['shop', { verify: trusting(verified), providerId: 'www.amazon.com' }],
    ]),
    roles: new Map([
      ['files', role({ providers: ['login', 'shop'] })],
      ['admin', role({ roleArn: 'arn:aws:iam::111122223333:role/admin' })],
    ]),
    sts,
    clock,
    signal: never,
    requestsPerMinute: 60,
    requestsPerSecond: 50,
    cacheEntries: 1_000,
    ...changes,
  })
  return { clock, sts, broker, verified }
}

const ask = (broker: Broker, token: string, changes: object = {}): Promise<Outcome> =>
  broker.answer({ provider: 'login', role: 'files', token, ...changes })
const codeOf = (outcome: Outcome): Code | 'Success' => (outcome.kind === 'granted' ? 'Success' : outcome.failure.code)

describe('the broker', () => {
  test('gives the credentials of the role in the name of the user, with the policy for that user', async () => {
    const { broker, sts } = world()
    const outcome = await ask(broker, 'ada')
    expect(outcome).toMatchObject({ kind: 'granted', provider: 'login', role: 'files', fresh: true })
    if (outcome.kind !== 'granted') return
    expect(sts.requests[0]).toMatchObject({
      roleSessionName: outcome.user,
      policy: POLICY.replace('{user}', outcome.user),
      token: 'ada',
    })
  })

  test('verifies a token every time, and asks STS once', async () => {
    const { broker, sts, verified } = world()
    await ask(broker, 'ada', { nonce: 'n' })
    expect(await ask(broker, 'ada')).toMatchObject({ kind: 'granted', fresh: false })
    expect(verified).toEqual([{ token: 'ada', nonce: 'n' }, { token: 'ada' }])
    expect(sts.requests).toHaveLength(1)
    expect(broker.entries()).toBe(1)
  })

  test('asks STS apart for every user, role and provider', async () => {
    const { broker, sts } = world()
    const users = [await ask(broker, 'ada'), await ask(broker, 'bob'), await ask(broker, 'ada', { role: 'admin' })]
    users.push(await ask(broker, 'ada', { provider: 'shop' }))
    expect(new Set(users.map((each) => each.kind === 'granted' && each.credentials.accessKeyId)).size).toBe(4)
    expect(sts.requests.map(({ providerId }) => providerId)).toEqual([
      undefined,
      undefined,
      undefined,
      'www.amazon.com',
    ])
  })

  test.each<[string, object, Code, object]>([
    ['an unknown provider', { provider: 'x' }, 'UserProviderUnknown', { provider: 'other', role: 'files' }],
    ['an unknown role', { role: 'x' }, 'UserRoleUnknown', { provider: 'login', role: 'other' }],
    ['the constructor as a role', { role: 'constructor' }, 'UserRoleUnknown', { role: 'other' }],
    ['a role that is for users of others', { provider: 'shop', role: 'admin' }, 'UserRoleDenied', { role: 'admin' }],
    ['a forged token', { token: '-' }, 'UserTokenForged', { provider: 'login', role: 'files' }],
  ])('refuses %s, and STS never hears of it', async (_, changes, code, names) => {
    const { broker, sts } = world()
    const outcome = await ask(broker, 'ada', changes)
    expect(codeOf(outcome)).toBe(code)
    expect(outcome).toMatchObject({ kind: 'refused', ...names })
    expect(outcome).not.toHaveProperty('user')
    expect(sts.requests).toEqual([])
  })

  test('says where there is nothing that could be asked for', async () => {
    const { broker } = world({ providers: new Map() })
    expect(await ask(broker, 'ada')).toMatchObject({ failure: { message: /there are none/ } })
  })

  test('keeps credentials no longer than the token lives', async () => {
    const clock = createVirtualClock()
    const provider = { verify: trusting([], clock.now() + 60_000) }
    const sts = fakeSts(clock.now)
    const { broker } = world({ clock, sts, providers: new Map([['login', provider]]) })
    await ask(broker, 'ada')
    await clock.advance(59_999)
    expect(await ask(broker, 'ada')).toMatchObject({ fresh: false })
    await clock.advance(1)
    expect(await ask(broker, 'ada')).toMatchObject({ fresh: true })
    expect(sts.requests).toHaveLength(2)
  })

  test('tells what fails with the name of the user, and when to ask again', async () => {
    const clock = createVirtualClock()
    const sts = fakeSts(clock.now, async () => {
      throw new Failure({ code: 'StsThrottled', message: 'busy' })
    })
    const { broker } = world({ clock, sts })
    const outcome = await ask(broker, 'ada')
    expect(outcome).toMatchObject({ kind: 'refused', user: expect.stringMatching(/^u-/), retryAfter: 2 })
    await clock.advance(1_500)
    expect(await ask(broker, 'ada')).toMatchObject({ retryAfter: 1 })
    expect(sts.requests).toHaveLength(1)
  })

  test('never rejects: a bug is a failure without a word of what went through it', async () => {
    const verify = async (): Promise<never> => {
      throw new Error('c4n4ry')
    }
    const { broker } = world({ providers: new Map([['login', { verify }]]) })
    const outcome = await ask(broker, 'ada')
    expect(codeOf(outcome)).toBe('Internal')
    expect(JSON.stringify(outcome)).not.toContain('c4n4ry')
  })
})

describe('the rates', () => {
  test('of one user are that user’s own, and say when to ask again', async () => {
    const { broker, clock } = world({ requestsPerMinute: 3 })
    for (let n = 0; n < 3; n += 1) expect(codeOf(await ask(broker, 'ada'))).toBe('Success')
    const outcome = await ask(broker, 'ada')
    expect(outcome).toMatchObject({ kind: 'refused', retryAfter: 20, user: expect.any(String) })
    expect(codeOf(outcome)).toBe('UserRateExceeded')
    expect(codeOf(await ask(broker, 'ada', { role: 'admin' }))).toBe('UserRateExceeded')
    expect(codeOf(await ask(broker, 'bob'))).toBe('Success')
    await clock.advance(20_000)
    expect(codeOf(await ask(broker, 'ada'))).toBe('Success')
  })

  test('of all users end before a token is verified', async () => {
    const { broker, clock, verified } = world({ requestsPerSecond: 2 })
    await ask(broker, 'ada')
    await ask(broker, 'bob')
    const outcome = await ask(broker, 'eve')
    expect(codeOf(outcome)).toBe('BrokerRateExceeded')
    expect(outcome).toMatchObject({ retryAfter: 1 })
    expect(verified).toHaveLength(2)
    await clock.advance(500)
    expect(codeOf(await ask(broker, 'eve'))).toBe('Success')
  })

  test('are not touched by a flood of forgeries, nor by names that do not exist', async () => {
    const { broker } = world({ requestsPerSecond: 1, requestsPerMinute: 1 })
    for (let n = 0; n < 100; n += 1) {
      expect(codeOf(await ask(broker, `-${n}`))).toBe('UserTokenForged')
      expect(codeOf(await ask(broker, `-${n}`, { role: 'x' }))).toBe('UserRoleUnknown')
    }
    expect(codeOf(await ask(broker, 'ada'))).toBe('Success')
  })

  test('of a provider that is asked about every token are its own: forgeries there keep out nobody else', async () => {
    const { broker, verified } = world({ requestsPerSecond: 2 })
    const shop = { provider: 'shop' }
    for (const token of ['-1', '-2']) expect(codeOf(await ask(broker, token, shop))).toBe('UserTokenForged')
    expect(codeOf(await ask(broker, '-3', shop))).toBe('BrokerRateExceeded')
    expect(codeOf(await ask(broker, 'eve', shop))).toBe('BrokerRateExceeded')
    expect(verified).toHaveLength(2)
    expect(codeOf(await ask(broker, 'ada'))).toBe('Success')
  })

  test('of all users hold for such a provider too', async () => {
    const { broker } = world({ requestsPerSecond: 1 })
    expect(codeOf(await ask(broker, 'ada'))).toBe('Success')
    expect(codeOf(await ask(broker, 'eve', { provider: 'shop' }))).toBe('BrokerRateExceeded')
  })
})
