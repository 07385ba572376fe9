import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Issuer,
  type Sts,
  startIssuer,
  startSts,
  type TrustPolicyDocument,
  trustPolicy,
} from '../../../src/testbed/index.ts'

export const accountId = '111122223333'
export const audience = 'sts.amazonaws.com'

/** A clock that stands still until it is moved. */
export type Clock = { now: () => number; advance(ms: number): void }

export function createClock(start = Date.UTC(2026, 0, 15, 12, 0, 0)): Clock {
  let time = start
  return {
    now: () => time,
    advance: (ms) => {
      time += ms
    },
  }
}

export type World = { ca: CertificateAuthority; issuer: Issuer; sts: Sts; clock: Clock; stop(): Promise<void> }

/** An issuer, and an STS whose roles `web` and `long` (two hours, with a path) trust shop/web, and `api` shop/api. */
export async function startWorld(clock = createClock()): Promise<World> {
  const { now } = clock
  const ca = await createCertificateAuthority({ name: 'testbed', now })
  const issuer = await startIssuer({ ca, now })
  const trust = (serviceAccount: string): TrustPolicyDocument =>
    trustPolicy({ issuer: issuer.url, accountId, namespace: 'shop', serviceAccount })
  const sts = await startSts({
    ca,
    now,
    accountId,
    providers: [{ url: issuer.url, clientIds: [audience], ca: ca.pem }],
    roles: [
      { name: 'web', trustPolicy: trust('web') },
      { name: 'long', path: '/shop/', maxSessionDuration: 7200, trustPolicy: trust('web') },
      { name: 'api', trustPolicy: trust('api') },
    ],
  })
  const stop = async (): Promise<void> => {
    await sts.stop()
    await issuer.stop()
  }
  return { ca, issuer, sts, clock, stop }
}

/** The world of the file that said `useWorld`, and a fresh good token of shop/web for each of its tests. */
export let world: World
export let token: string

export function useWorld(clock: Clock): void {
  beforeAll(async () => {
    world = await startWorld(clock)
  })
  beforeEach(async () => {
    token = await webToken(world.issuer)
  })
  afterAll(() => world.stop())
}

/** A good token of shop/web. */
export function webToken(issuer: Issuer, expiresIn = 3600): Promise<string> {
  return issuer.serviceAccountToken({ namespace: 'shop', serviceAccount: 'web', pod: 'web-0', audience, expiresIn })
}

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string }
export type CallOptions = { method?: string; headers?: Record<string, string>; body?: string; agent?: false }

/** One https request, trusting the given authority alone. */
export function call(url: string, ca: string, options: CallOptions = {}): Promise<Answer> {
  const { body, ...rest } = options
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ca, agent: false, ...rest }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** A form POST of one action, as the SDKs send it. */
export function post({ sts, ca }: World, parameters: Record<string, string>): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return call(sts.url, ca.pem, { method: 'POST', headers, body: new URLSearchParams(parameters).toString() })
}

/** AssumeRoleWithWebIdentity of `web`, each parameter replaceable; `undefined` leaves it out. */
export function assume(world: World, parameters: Record<string, string | undefined>): Promise<Answer> {
  const all = {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    ...('RoleArn' in parameters ? {} : { RoleArn: world.sts.roleArn('web') }),
    RoleSessionName: 'shop.web.web-0',
    ...parameters,
  }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return post(world, Object.fromEntries(given))
}

/** The text of the first element of that name. */
export function textOf(answer: Answer, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.text)?.[1]
}

/** Status, code and message of an answer. */
export function verdictOf(answer: Answer): (string | number | undefined)[] {
  return [answer.status, textOf(answer, 'Code'), textOf(answer, 'Message')]
}
