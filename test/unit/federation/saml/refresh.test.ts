import { describe, expect, it } from 'vitest'
import { CLIENT_WINDOWS, createSession, type SettledEvent } from '../../../../src/credentials/index.ts'
import type { SamlRequest } from '../../../../src/federation/index.ts'
import { readMetadata, saml } from '../../../../src/federation/saml/index.ts'
import { createSamlIdp } from '../../../support/samlIdp.ts'
import { createVirtualClock } from '../../../support/virtualClock.ts'
import { entityId, principalArn, recipient, roleArn, serviceProvider, signer } from './support.ts'

const MINUTE = 60_000
const users = { web: 'x' }

/** A session by SAML under a clock that moves when told; `wrong` spoils assertions. */
function run(seconds: number, sessionEnds?: number) {
  const clock = createVirtualClock()
  const idp = createSamlIdp({ entityId, signer, now: clock.now, users, roles: [[roleArn, principalArn]] })
  const redeemed: { at: number; assertion: string }[] = []
  const assumeRoleWithSaml = async ({ assertion, durationSeconds }: SamlRequest) => {
    redeemed.push({ at: clock.now(), assertion })
    return {
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 's',
      sessionToken: 't',
      expires: clock.now() + Math.min(durationSeconds, sessionEnds ?? durationSeconds) * 1000,
      assumedRoleArn: 'arn:aws:sts::123456789012:assumed-role/shop-web/web',
      date: clock.now(),
      localTime: clock.now(),
    }
  }
  let away = false
  const source = async () => ({ xml: away ? '<x/>' : idp.respond('web'), from: 'idp' })
  const settled: SettledEvent['kind'][] = []
  const request = { roleArn, principalArn, durationSeconds: seconds }
  const options = { serviceProvider, recipient, trusted: readMetadata(idp.metadata), now: clock.now }
  const session = createSession({
    name: 'default',
    obtain: saml(source, { assumeRoleWithSaml }, request, options),
    clock,
    random: () => 0,
    window: CLIENT_WINDOWS.container,
    onSettled: (_, { kind }) => settled.push(kind),
  })
  const spoil = (is: boolean): void => {
    away = is
  }
  const ages = (): number[] => redeemed.slice(1).map(({ at }, index) => (at - (redeemed[index]?.at ?? 0)) / MINUTE)
  return { clock, session, redeemed, settled, spoil, ages }
}

describe('a session by SAML', () => {
  it.each([
    [900, undefined, 6],
    [3600, undefined, 30],
    [43_200, undefined, 360],
    [43_200, 3600, 30],
  ])('of %i s, ended by the assertion after %s s, is renewed at the age of %i min', async (seconds, ends, age) => {
    const { clock, session, redeemed, ages } = run(seconds, ends)
    session.start()
    await clock.advance(5 * age * MINUTE + MINUTE)
    session.stop()
    expect(ages()).toEqual([age, age, age, age, age])
    expect(new Set(redeemed.map(({ assertion }) => assertion)).size).toBe(6)
  })

  it('goes on serving what it holds while no assertion is good, and gets new credentials with the first that is', async () => {
    const { clock, session, redeemed, settled, spoil } = run(3600)
    session.start()
    await clock.advance(MINUTE)
    spoil(true)
    await clock.advance(40 * MINUTE)
    expect(redeemed).toHaveLength(1)
    expect(settled.filter((kind) => kind === 'failed').length).toBeGreaterThan(3)
    expect(session.view().kind).toBe('held')
    spoil(false)
    await clock.advance(6 * MINUTE)
    session.stop()
    expect(redeemed).toHaveLength(2)
    expect(session.view().kind).toBe('held')
  })
})
