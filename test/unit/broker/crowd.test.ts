import { expect, test } from 'vitest'
import { createBroker } from '../../../src/broker/broker.ts'
import { nameUser } from '../../../src/broker/names.ts'
import type { Outcome, Provider } from '../../../src/broker/types.ts'
import { aFewMicrotasks, createVirtualClock } from '../../support/virtualClock.ts'
import { CLIENT, fakeSts, ISSUER, never, role } from './support.ts'

const USERS = 500
const REQUESTS = 10_000
const subjectOf = (n: number): string => `user-${(n * 7919) % USERS}@example.com`

const provider: Provider = { verify: async ({ token }) => ({ issuer: ISSUER, subject: token, audience: CLIENT }) }

function world(changes: object = {}) {
  const clock = createVirtualClock({ settle: aFewMicrotasks })
  const sts = fakeSts(clock.now, async () => {
    await aFewMicrotasks()
    return {}
  })
  const broker = createBroker({
    providers: new Map([['login', provider]]),
    roles: new Map([['files', role()]]),
    sts,
    clock,
    signal: never,
    requestsPerMinute: 10_000,
    requestsPerSecond: 10_000,
    cacheEntries: 1_000,
    ...changes,
  })
  const ask = (n: number): Promise<Outcome> => broker.answer({ provider: 'login', role: 'files', token: subjectOf(n) })
  return { clock, sts, broker, ask }
}

const isOwn = (outcome: Outcome, n: number): boolean =>
  outcome.kind === 'granted' &&
  outcome.user === nameUser({ issuer: ISSUER, subject: subjectOf(n) }) &&
  JSON.parse(outcome.credentials.sessionToken)[0] === outcome.user

test('10,000 requests of 500 users at once are one call of STS each, and everybody gets their own', async () => {
  const { sts, broker, ask } = world()
  const outcomes = await Promise.all(Array.from({ length: REQUESTS }, (_, n) => ask(n)))
  expect(outcomes.filter(isOwn)).toHaveLength(REQUESTS)
  expect(sts.requests).toHaveLength(USERS)
  expect(broker.entries()).toBe(USERS)
})

test('10,000 requests over a day keep no more sessions than the operator says', async () => {
  const { clock, sts, broker, ask } = world({ cacheEntries: 50 })
  for (let n = 0; n < REQUESTS; n += 1) {
    expect(isOwn(await ask(n), n)).toBe(true)
    expect(broker.entries()).toBeLessThanOrEqual(50)
    if (n % 100 === 0) await clock.advance(864_000)
  }
  expect(sts.requests.length).toBeGreaterThan(USERS)
})

test('10,000 requests in a second: the operator’s number is answered, the others are told when to ask again', async () => {
  const { ask, sts } = world({ requestsPerSecond: 50, requestsPerMinute: 60 })
  const outcomes = await Promise.all(Array.from({ length: REQUESTS }, (_, n) => ask(n)))
  const refused = outcomes.filter((outcome) => outcome.kind === 'refused')
  expect(refused).toHaveLength(REQUESTS - 50)
  expect(refused.every(({ failure, retryAfter }) => failure.code === 'BrokerRateExceeded' && retryAfter === 1)).toBe(
    true,
  )
  expect(sts.requests).toHaveLength(50)
})
