import { describe, expect, it } from 'vitest'
import { createSession } from '../../../../src/credentials/driver.ts'
import { CLIENT_WINDOWS } from '../../../../src/credentials/schedule.ts'
import type { Instant, Milliseconds } from '../../../../src/credentials/types.ts'
import { clientCredentials } from '../../../../src/federation/oauth/index.ts'
import type { Sts } from '../../../../src/federation/sts.ts'
import { webIdentity } from '../../../../src/federation/webIdentity.ts'
import { createVirtualClock } from '../../../support/virtualClock.ts'
import { clientProvider, createIdp, goodClaims, noon, partsOf, sign, tokenEndpoint } from './support.ts'

const MINUTE: Milliseconds = 60_000
const HOUR = 60 * MINUTE
const roleArn = 'arn:aws:iam::111122223333:role/app'

/** A pod whose session comes by an OAuth 2.0 client, with an identity provider and an STS on the same clock. */
async function pod(lifetime: Milliseconds) {
  const clock = createVirtualClock({ start: noon })
  const idp = createIdp(clock.now)
  idp.replies.set(tokenEndpoint, async () => {
    const issued = Math.floor(clock.now() / 1000)
    const claims = { ...goodClaims, iat: issued, nbf: issued, exp: issued + 300 }
    return { body: { access_token: await sign(claims), token_type: 'Bearer' } }
  })
  const exchanged: Instant[] = []
  const sts: Pick<Sts, 'assumeRoleWithWebIdentity'> = {
    assumeRoleWithWebIdentity: async ({ token, durationSeconds }) => {
      exchanged.push(clock.now())
      const keys = { accessKeyId: `ASIA${exchanged.length}`, secretAccessKey: 'secret', sessionToken: token.slice(-20) }
      const expires = clock.now() + durationSeconds * 1000
      const assumedRoleArn = 'arn:aws:sts::111122223333:assumed-role/app/session'
      return { ...keys, expires, assumedRoleArn, date: clock.now(), localTime: clock.now() }
    },
  }
  const request = { roleArn, roleSessionName: 'session', durationSeconds: lifetime / 1000 }
  const settled: string[] = []
  const session = createSession({
    name: 'default',
    obtain: webIdentity(clientCredentials(clientProvider(), partsOf(idp, { now: clock.now })), sts, request),
    clock,
    // Nothing early: the latest moment that the rule allows.
    random: () => 0,
    window: CLIENT_WINDOWS.container,
    onSettled: (_state, event) => settled.push(event.kind === 'failed' ? event.failure.code : event.kind),
  })
  session.start()
  // Signatures are made off this thread: time stands still until the first credentials are here.
  const arrived = async (count: number): Promise<void> => {
    while (settled.length < count) await clock.advance(0)
  }
  await arrived(1)
  return { clock, idp, session, exchanged, settled, arrived }
}

describe('a session by an OAuth 2.0 client', () => {
  it.each([
    ['15 min', 15 * MINUTE, 6 * MINUTE],
    ['1 h', HOUR, 30 * MINUTE],
    ['12 h', 12 * HOUR, 6 * HOUR],
  ])('of %s is renewed with a new token on the rule of refresh', async (_name, lifetime, cycle) => {
    const { clock, idp, exchanged, arrived } = await pod(lifetime)
    for (let round = 1; round <= 3; round += 1) {
      await clock.advance(cycle - 1)
      expect(exchanged).toHaveLength(round)
      await clock.advance(1)
      await arrived(round + 1)
    }
    expect(exchanged.map((at) => at - noon)).toEqual([0, cycle, 2 * cycle, 3 * cycle])
    expect(idp.requests.filter(({ method }) => method === 'POST')).toHaveLength(4)
  })

  it('goes on serving what it holds while the identity provider is down, to a minute before its end', async () => {
    const { clock, idp, session, settled } = await pod(HOUR)
    const works = idp.replies.get(tokenEndpoint)
    idp.replies.set(tokenEndpoint, () => ({ status: 503, body: 'down', headers: { 'retry-after': '30' } }))
    await clock.advance(59 * MINUTE - 1)
    expect(new Set(settled.slice(1))).toEqual(new Set(['ProviderUnavailable']))
    expect(settled.length).toBeGreaterThan(10)
    expect(session.view()).toMatchObject({ kind: 'held', expires: noon + HOUR })
    await clock.advance(1)
    expect(session.view()).toMatchObject({ kind: 'none', lastFailure: { code: 'ProviderUnavailable' } })
    // And it comes back by itself.
    if (works !== undefined) idp.replies.set(tokenEndpoint, works)
    const [before, asked] = [settled.length, idp.requests.length]
    // No further than the next attempt: it would run out of time while its token is being signed off this thread.
    for (let waited = 0; waited < 2 * MINUTE && idp.requests.length === asked; waited += 1000) await clock.advance(1000)
    while (!settled.slice(before).includes('obtained')) await clock.advance(0)
    expect(session.view().kind).toBe('held')
  })
})
