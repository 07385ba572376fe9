import type { IdentityGround, Intended } from '../../../../src/doctor/identity/index.ts'
import { identityChecks } from '../../../../src/doctor/identity/index.ts'
import type { Finding } from '../../../../src/doctor/index.ts'
import { runChecks } from '../../../../src/doctor/index.ts'
import type { OutboundAnswer } from '../../../../src/federation/index.ts'

export const ISSUER = 'https://oidc.example.com/clusters/shop'
export const NAME = 'oidc.example.com/clusters/shop'
export const ROLE = 'arn:aws:iam::111122223333:role/web'
export const NOW = Date.UTC(2026, 0, 1)

export const intended: Intended = {
  title: 'pod/web',
  namespace: 'shop',
  roles: [{ session: 'default', roleArn: ROLE, durationSeconds: 3_600 }],
  audience: 'sts.amazonaws.com',
  subject: 'system:serviceaccount:shop:web',
  region: 'eu-west-1',
  stsEndpoint: undefined,
  isAws: true,
  provider: undefined,
}

const key = (kid: string) => ({ kty: 'RSA', kid, alg: 'RS256', n: kid.padEnd(342, 'u'), e: 'AQAB' })
export const jwks = (...kids: readonly string[]): string => JSON.stringify({ keys: kids.map(key) })
export const discovery = (issuer = ISSUER): string => JSON.stringify({ issuer, jwks_uri: `${ISSUER}/openid/v1/jwks` })

/** What is published, by its address; what is not there answers 404. */
export const published =
  (pages: Readonly<Record<string, string>>): IdentityGround['fetchPublic'] =>
  async ({ url }): Promise<OutboundAnswer> => {
    const body = pages[url]
    return { status: body === undefined ? 404 : 200, headers: {}, body: body ?? '', localTime: NOW }
  }

export const usual = {
  [`${ISSUER}/.well-known/openid-configuration`]: discovery(),
  [`${ISSUER}/openid/v1/jwks`]: jwks('one'),
}

/** A pod that is well, seen from outside. */
export const groundWith = (changes: Partial<IdentityGround> = {}): IdentityGround => ({
  now: () => NOW,
  uptime: () => 0,
  intended: async () => intended,
  live: async () => ({ discovery: discovery(), keys: jwks('one') }),
  token: undefined,
  failing: async () => [],
  skew: async () => 0,
  fetchPublic: published(usual),
  exchange: undefined,
  roleFile: undefined,
  providerFile: undefined,
  ...changes,
})

export type Said = Readonly<Record<string, readonly Finding[]>>

/** What each check found, by its id. */
export async function lookAt(ground: IdentityGround): Promise<Said> {
  const quiet = { begins: () => {}, ends: () => {}, done: () => {} }
  const checked = await runChecks(identityChecks, ground, new AbortController().signal, quiet)
  return Object.fromEntries(checked.map(({ id, findings }) => [id, findings]))
}

/** `CODE: MESSAGE` or `VERDICT: MESSAGE`, on one line each. */
export const briefly = (findings: readonly Finding[] | undefined): readonly string[] =>
  (findings ?? []).map(({ verdict, code, message }) => `${code ?? verdict}: ${message}`)
