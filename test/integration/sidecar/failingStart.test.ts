import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault, Sts } from '../../../src/testbed/index.ts'
import type { AtEnd, Running } from '../../support/processes.ts'
import { ACTION, askUntil, createPod, type Pod, startWorld, type World } from './pod.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

/** The gate is shut, and whoever looks learns why: at the gate, by kubectl describe, in the app's own error, in the log. */
async function expectShut(pod: Pod, sidecar: Running, code: string): Promise<void> {
  await sidecar.said(/"msg":"credentials not obtained"/)
  const [gate, { status, text }] = await Promise.all([pod.wait('3'), pod.ask()])
  expect(gate).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^GateTimeout: no credentials within 3 s: .*${code}: .*\n$`)),
  })
  expect([status, JSON.parse(text)]).toEqual([
    503,
    expect.objectContaining({ Code: 'CredentialsNotReady', Message: expect.stringContaining(`${code}: `) }),
  ])
  expect(pod.read('termination-log')).toMatch(new RegExp(`^default: ${code}: `))
  expect(sidecar.stderr()).toContain(`"code":"${code}"`)
}

/** What was wrong is right again: the gate opens by itself, and nothing is left of the complaint. */
async function expectRecovered(pod: Pod): Promise<void> {
  const opened = await askUntil(pod, pod.opened())
  expect(opened).toMatchObject({ event: { status: 200 }, last: { status: 200 } })
  expect(await pod.wait('1')).toMatchObject({ code: 0, stderr: '' })
  expect(pod.read('termination-log')).toBe('')
}

/** Concurrent tests each clean up behind themselves. */
async function cleaningUp(body: (atEnd: AtEnd) => Promise<void>): Promise<void> {
  const ends: (() => unknown)[] = []
  try {
    await body((end) => void ends.unshift(end))
  } finally {
    for (const end of ends) await end()
  }
}

describe.concurrent('an identity token file', () => {
  let sts: Sts
  beforeAll(async () => {
    sts = await world.startSts()
  })

  const unsigned = (claims: object): string =>
    ['{"alg":"RS256"}', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.')
  const good = { iss: 'https://issuer.test', aud: 'sts.amazonaws.com', sub: 'a', exp: 4_000_000_000 }

  test.each<[string, string, (token: string) => string | undefined | Promise<string>]>([
    ['that is missing', 'TokenFileMissing', () => undefined],
    ['that is empty', 'TokenEmpty', () => ''],
    ['truncated in its claims', 'TokenNotJwt', (token) => token.slice(0, token.indexOf('.') + 40)],
    ['truncated in its signature', 'StsTokenRejected', (token) => token.slice(0, -20)],
    ['that holds no JWT', 'TokenNotJwt', () => '-----BEGIN CERTIFICATE-----'],
    ['of binary rubbish', 'TokenNotJwt', () => '\u0000\u0001\ufffd.\u0000.\u0000'],
    ['of 100 kB', 'TokenTooLarge', () => 'e'.repeat(100_000)],
    ['with a token that has expired', 'TokenExpired', () => world.token({ expiresIn: -3600 })],
    ['with a token for another audience', 'TokenAudience', () => world.token({ audience: 'vault' })],
    ['with a token of an issuer without https', 'TokenIssuer', () => unsigned({ ...good, iss: 'http://issuer.test' })],
    ['with a token of an unknown issuer', 'StsIdentityProviderUnknown', () => unsigned(good)],
  ])('%s keeps the gate shut (%s) until there is a good one', async (_, code, spoil) => {
    await cleaningUp(async (atEnd) => {
      const token = await world.token()
      const pod = await createPod({ world, endpoint: sts.url, atEnd })
      pod.identity(await spoil(token))
      const sidecar = pod.sidecar()
      await expectShut(pod, sidecar, code)
      pod.identity(token)
      sidecar.send({ aheadMinutes: 1 })
      await expectRecovered(pod)
    })
  })
})

describe.concurrent('an STS that', () => {
  const fault = (each: Fault) => (sts: Sts) => {
    sts.faults.set({ action: ACTION, ...each })
    return () => sts.faults.clear()
  }
  const distrust = (sts: Sts) => {
    sts.setTrustPolicy('web', world.trust('another'))
    return () => sts.setTrustPolicy('web', world.trust('web'))
  }

  test.each<[string, string, (sts: Sts) => () => void]>([
    ['resets the connection', 'StsUnreachable', fault({ kind: 'reset' })],
    ['throttles', 'StsThrottled', fault({ kind: 'throttling' })],
    ['is unavailable', 'StsUnavailable', fault({ kind: 'unavailable' })],
    ['answers HTML with 200', 'StsAnswerInvalid', fault({ kind: 'html', status: 200 })],
    ['answers HTML with 502', 'StsUnavailable', fault({ kind: 'html', status: 502 })],
    ['answers half of a document', 'StsAnswerInvalid', fault({ kind: 'lies', lie: 'truncated' })],
    ['leaves fields out', 'StsAnswerInvalid', fault({ kind: 'lies', lie: 'missingFields' })],
    ['gives credentials of yesterday', 'StsAnswerInvalid', fault({ kind: 'lies', lie: 'alreadyExpired' })],
    ['gives an Expiration that is no date', 'StsAnswerInvalid', fault({ kind: 'lies', lie: 'garbageExpiration' })],
    ['cannot reach the issuer', 'StsIdentityProviderUnreachable', fault({ kind: 'idpCommunicationError' })],
    ['does not trust the service account', 'StsAccessDenied', distrust],
  ])('%s keeps the gate shut (%s) until it is right again', async (_, code, spoil) => {
    await cleaningUp(async (atEnd) => {
      const sts = await world.startSts()
      const repair = spoil(sts)
      const pod = await createPod({ world, endpoint: sts.url, atEnd })
      const sidecar = pod.sidecar()
      await expectShut(pod, sidecar, code)
      repair()
      sidecar.send({ aheadMinutes: 1 })
      await expectRecovered(pod)
    })
  })

  test.each<[string, Fault]>([
    ['hangs', { kind: 'hang' }],
    ['stops in the middle of its answer', { kind: 'slowBody', ms: Number.POSITIVE_INFINITY }],
  ])('%s is given up on, and SIGTERM does not wait for it', async (_, trouble) => {
    await cleaningUp(async (atEnd) => {
      const sts = await world.startSts()
      sts.faults.set(trouble)
      const pod = await createPod({ world, endpoint: sts.url, atEnd })
      const sidecar = pod.sidecar()
      await expectShut(pod, sidecar, 'StsTimeout')
      expect(pod.read('termination-log')).toContain(`${sts.url} for `)
      expect(await sidecar.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    })
  })
})
