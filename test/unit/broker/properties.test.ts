import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBroker } from '../../../src/broker/broker.ts'
import { nameUser } from '../../../src/broker/names.ts'
import type { Outcome, Provider } from '../../../src/broker/types.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { StsAnswer, WebIdentityRequest } from '../../../src/federation/index.ts'
import { aFewMicrotasks, createVirtualClock } from '../../support/virtualClock.ts'
import { CLIENT, fakeSts, never, POLICY, role } from './support.ts'

const roles = new Map(
  ['files', 'photos', 'admin'].map((name) => [
    name,
    role({
      roleArn: `arn:aws:iam::111122223333:role/${name}`,
      providers: name === 'admin' ? ['one'] : ['one', 'two', 'shop'],
      sessionDuration: name === 'photos' ? 900 : 3600,
      // With it, the user would be in the key twice.
      sessionPolicy: name === 'photos' ? undefined : POLICY,
    }),
  ]),
)
/** Two providers of the same issuer, one of another, one of access tokens: their subjects have the same names. */
const issuers = { one: 'https://one', two: 'https://one', shop: 'https://shop' } as const
type ProviderName = keyof typeof issuers

/** A token says whose it is and how long it lives; `!` that it is forged. */
const providerOf = (name: ProviderName): Provider => ({
  verify: async ({ token }) => {
    const [subject = '', expires] = token.split('@')
    await aFewMicrotasks()
    if (subject.startsWith('!')) throw new Failure({ code: 'UserTokenForged', message: 'no' })
    return { issuer: issuers[name], subject, audience: CLIENT, ...(expires && { expires: Number(expires) }) }
  },
  ...(name === 'shop' && { providerId: 'www.amazon.com' }),
})

type Step =
  | {
      readonly do: 'ask'
      readonly provider: ProviderName
      readonly role: string
      readonly subject: string
      readonly life: number
    }
  | { readonly do: 'answer'; readonly which: number; readonly fails: boolean }
  | { readonly do: 'wait'; readonly time: number }
  | { readonly do: 'set'; readonly by: number }

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      provider: fc.constantFrom('one' as const, 'two' as const, 'shop' as const),
      role: fc.constantFrom('files', 'photos', 'admin', 'none'),
      subject: fc.constantFrom('ada', 'bob', '!ada'),
      life: fc.constantFrom(10_000, 3_600_000),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(5), fails: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.constantFrom(500, 5_000, 900_000, 3_300_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set' as const), by: fc.constantFrom(-7_200_000, 7_200_000) }) },
)

/** Plays the steps against a broker whose STS answers when a step says so. */
async function play(all: readonly Step[], cacheEntries: number): Promise<void> {
  const clock = createVirtualClock({ settle: aFewMicrotasks })
  const open: { request: WebIdentityRequest; settle: (fails: boolean) => void }[] = []
  let mostAtOnce = 0
  const sts = fakeSts(clock.now, (request) => {
    const { promise, resolve, reject } = Promise.withResolvers<Partial<StsAnswer>>()
    const failure = new Failure({ code: 'StsThrottled', message: `of ${request.roleSessionName}` })
    open.push({ request, settle: (fails) => (fails ? reject(failure) : resolve({})) })
    const same = open.filter(({ request: other }) => sameSession(other, request))
    mostAtOnce = Math.max(mostAtOnce, same.length)
    return promise
  })
  const broker = createBroker({
    providers: new Map((Object.keys(issuers) as ProviderName[]).map((name) => [name, providerOf(name)])),
    roles,
    sts,
    clock,
    signal: never,
    requestsPerMinute: 1_000,
    requestsPerSecond: 1_000,
    cacheEntries,
  })
  const asked: Promise<void>[] = []
  for (const step of all) {
    if (step.do === 'wait') await clock.advance(step.time)
    else if (step.do === 'set') clock.jump(step.by)
    else if (step.do === 'answer') open.splice(step.which % Math.max(1, open.length), 1)[0]?.settle(step.fails)
    else {
      const token = `${step.subject}@${clock.now() + step.life}`
      const { provider, role: alias } = step
      asked.push(broker.answer({ provider, role: alias, token }).then((outcome) => judge(step, outcome)))
    }
    await aFewMicrotasks()
    await aFewMicrotasks()
    expect(broker.entries()).toBeLessThanOrEqual(cacheEntries)
  }
  for (const { settle } of open) settle(false)
  await Promise.all(asked)
  // Two providers are of one issuer: each may ask for the same user, once.
  expect(mostAtOnce).toBeLessThanOrEqual(2)
}

const sameSession = (one: WebIdentityRequest, other: WebIdentityRequest): boolean =>
  one.roleSessionName === other.roleSessionName && one.roleArn === other.roleArn

/** How often each kind of outcome was seen, over all runs: the property must not hold for want of cases. */
const seen = new Map<string, number>()

/** Whoever asked gets their own, or nothing: and a failure tells of nobody else. */
function judge({ provider, role: alias, subject }: Extract<Step, { do: 'ask' }>, outcome: Outcome): void {
  const user = nameUser({ issuer: issuers[provider], subject })
  const kind = outcome.kind === 'granted' && !outcome.fresh ? 'again' : outcome.kind
  seen.set(kind, (seen.get(kind) ?? 0) + 1)
  if (outcome.kind === 'refused') {
    const others = outcome.failure.message.match(/u-[\w-]{30}/g) ?? []
    expect(others.filter((name) => name !== user)).toEqual([])
    return
  }
  const { roleArn, sessionPolicy } = roles.get(alias) ?? {}
  const own = [user, roleArn, sessionPolicy?.replace('{user}', user) ?? null]
  expect(JSON.parse(outcome.credentials.sessionToken)).toEqual(own)
  expect(outcome.user).toBe(user)
  expect(subject).not.toMatch(/^!/)
  expect(roles.get(alias)?.providers).toContain(provider)
}

test('nobody ever gets credentials of another subject or role, however requests, answers, failures and clocks interleave', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 40, maxLength: 120 }), fc.integer({ min: 1, max: 4 }), play),
    {
      numRuns: 300,
    },
  )
  for (const kind of ['granted', 'again', 'refused']) expect(seen.get(kind)).toBeGreaterThan(100)
})
