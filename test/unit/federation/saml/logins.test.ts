import { describe, expect, it } from 'vitest'
import { Failure } from '../../../../src/errors/index.ts'
import type { Outbound, OutboundAnswer } from '../../../../src/federation/index.ts'
import { ecpSource, restingLogins, saml, wsTrustSource } from '../../../../src/federation/saml/index.ts'
import { failureOf, never, noon } from '../support.ts'
import { expected, principalArn, recipient, roleArn, serviceProvider } from './support.ts'

const endpoint = 'https://idp.example.com/login'
const where = { endpoint, serviceProvider, recipient, usernameFile: '/username', passwordFile: '/password' }
const MINUTE = 60_000

/** A pod whose identity provider answers every login like this. */
function makePod(answer: Pick<OutboundAnswer, 'status' | 'body'> = { status: 401, body: '' }) {
  const pod = { now: noon, asked: 0, password: 'c4n4ry-old', kept: undefined as unknown }
  const kept = {
    load: () => pod.kept,
    save: (refused: unknown) => {
      pod.kept = refused
    },
  }
  const outbound: Outbound = async () => {
    pod.asked += 1
    return { headers: {}, ...answer, localTime: pod.now }
  }
  const now = () => pod.now
  const partsOf = (logins = restingLogins(now, kept)) => ({
    read: async (path: string) => (path === '/username' ? 'web' : pod.password),
    now,
    randomId: () => '0'.repeat(32),
    logins,
  })
  return { pod, outbound, partsOf }
}

describe('a login that was refused', () => {
  it.each([ecpSource, wsTrustSource])('is not shown again at once, by no session: %o', async (sourceOf) => {
    const { pod, outbound, partsOf } = makePod()
    const parts = partsOf()
    const [one, other] = [sourceOf(where, outbound, parts), sourceOf(where, outbound, parts)]
    expect((await failureOf(one(never))).message).toContain('HTTP 401')
    for (const source of [one, other]) {
      const failure = await failureOf(source(never))
      expect(failure.code).toBe('SamlLoginRefused')
      expect(failure.message).toMatch(/has refused the login of this Secret, and it is not shown again before \d{4}-/)
      expect(failure.message).not.toContain('c4n4ry')
    }
    expect(pod.asked).toBe(1)
  })

  it('is shown again when a while has passed, or the clock was set back', async () => {
    const { pod, outbound, partsOf } = makePod()
    const source = ecpSource(where, outbound, partsOf())
    await failureOf(source(never))
    pod.now += 6 * MINUTE - 1
    await failureOf(source(never))
    expect(pod.asked).toBe(1)
    pod.now += 1
    await failureOf(source(never))
    expect(pod.asked).toBe(2)
    pod.now -= 60 * MINUTE
    await failureOf(source(never))
    expect(pod.asked).toBe(3)
  })

  it('is followed at once by another one, of a changed Secret', async () => {
    const { pod, outbound, partsOf } = makePod()
    const source = ecpSource(where, outbound, partsOf())
    await failureOf(source(never))
    pod.password = 'c4n4ry-new'
    await failureOf(source(never))
    expect(pod.asked).toBe(2)
  })

  it('rests over a restart, and what is kept holds nothing of it', async () => {
    const { pod, outbound, partsOf } = makePod()
    await failureOf(ecpSource(where, outbound, partsOf())(never))
    await failureOf(ecpSource(where, outbound, partsOf())(never))
    expect(pod.asked).toBe(1)
    expect(JSON.stringify(pod.kept)).not.toContain('c4n4ry')
  })

  it.each([undefined, null, 'x', {}, { digest: 1, until: 2 }, { digest: 'x', until: 1e300 }])(
    'is not known by what else was left: %j',
    async (left) => {
      const { pod, outbound, partsOf } = makePod()
      pod.kept = left
      await failureOf(ecpSource(where, outbound, partsOf())(never))
      expect(pod.asked).toBe(1)
    },
  )

  it('rests where nothing can be kept, too', async () => {
    const { pod, outbound, partsOf } = makePod()
    const full = { load: () => undefined, save: () => expect.fail('no room') }
    const source = ecpSource(where, outbound, partsOf(restingLogins(() => pod.now, full)))
    await failureOf(source(never))
    expect((await failureOf(source(never))).message).toContain('not shown again')
  })

  it('may be refused by the status of the response', async () => {
    const status = 'urn:oasis:names:tc:SAML:2.0:status'
    const body =
      '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header>' +
      `<e:Response xmlns:e="urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp" AssertionConsumerServiceURL="${recipient}"/>` +
      '</S:Header><S:Body><p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"><p:Status>' +
      `<p:StatusCode Value="${status}:Responder"><p:StatusCode Value="${status}:AuthnFailed"/></p:StatusCode>` +
      '</p:Status></p:Response></S:Body></S:Envelope>'
    const { pod, outbound, partsOf } = makePod({ status: 200, body })
    const sts = { assumeRoleWithSaml: async () => expect.fail('STS is not asked') }
    const request = { roleArn, principalArn, durationSeconds: 3600 }
    const obtain = saml(ecpSource(where, outbound, partsOf()), sts, request, { ...expected, now: () => pod.now })
    for (const said of ['AuthnFailed', 'not shown again']) {
      const failure = await failureOf(obtain(never))
      expect([failure.code, failure.message]).toEqual(['SamlLoginRefused', expect.stringContaining(said)])
    }
    expect(pod.asked).toBe(1)
  })

  it('is not what other failures make of it', async () => {
    const { pod, outbound, partsOf } = makePod({ status: 503, body: '' })
    const source = ecpSource(where, outbound, partsOf())
    for (const _ of [1, 2]) expect(await failureOf(source(never))).toBeInstanceOf(Failure)
    expect(pod.asked).toBe(2)
  })
})
