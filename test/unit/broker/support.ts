import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Instant } from '../../../src/credentials/types.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { Outbound, OutboundAnswer, Sts, StsAnswer, WebIdentityRequest } from '../../../src/federation/index.ts'
import type { UserRole } from '../../../src/settings/index.ts'

export const never = new AbortController().signal
export const ISSUER = 'https://login.example.com'
export const CLIENT = 'app-1'
export const NONCE = 'n-0S6_WzA2Mj'
export const ROLE_ARN = 'arn:aws:iam::111122223333:role/files'
export const POLICY =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/{user}/*"}]}'

export const role = (changes: Partial<UserRole> = {}): UserRole => ({
  kind: 'role',
  namespaces: ['shop'],
  providers: ['login'],
  roleArn: ROLE_ARN,
  sessionPolicy: POLICY,
  sessionPolicyArns: undefined,
  sessionDuration: 3600,
  ...changes,
})

/** Claims of a good ID token at that moment. */
export const claimsAt = (now: Instant, changes: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  sub: 'ada',
  aud: CLIENT,
  iat: Math.floor(now / 1000) - 60,
  exp: Math.floor(now / 1000) + 3600,
  nonce: NONCE,
  ...changes,
})

/** A key that signs, and the half of it that is published. */
export type Signer = {
  readonly kid: string
  readonly jwk: JWK
  sign(claims: JWTPayload, header?: object): Promise<string>
}

export async function createSigner(kid: string, alg = 'RS256'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg }
  return {
    kid,
    jwk,
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(privateKey),
  }
}

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A web of addresses and what they answer; `asked` is what was asked for so far. */
export type Web = Outbound & { readonly asked: string[]; readonly pages: Map<string, () => Partial<OutboundAnswer>> }

export function createWeb(): Web {
  const pages: Web['pages'] = new Map()
  const asked: string[] = []
  const outbound: Outbound = async ({ url }) => {
    asked.push(url)
    const page = pages.get(url)
    if (page === undefined) throw new Failure({ code: 'ProviderUnreachable', message: 'nobody is there' })
    return { status: 200, headers: {}, body: '', localTime: 0, ...page() }
  }
  return Object.assign(outbound, { asked, pages })
}

export const json = (value: unknown): Partial<OutboundAnswer> => ({ body: JSON.stringify(value) })

/** Publishes keys as an issuer does; whoever holds the list changes it. */
export function publish(web: Web, keys: () => readonly JWK[], issuer = ISSUER): void {
  web.pages.set(`${issuer}/.well-known/openid-configuration`, () =>
    json({ issuer, jwks_uri: 'https://keys.example.com/jwks' }),
  )
  web.pages.set('https://keys.example.com/jwks', () => json({ keys: keys() }))
}

/** An STS whose credentials say whose they are: the session's name, the role, the policy. */
export function fakeSts(
  now: () => Instant,
  answer: (request: WebIdentityRequest) => Promise<Partial<StsAnswer>> = async () => ({}),
): Pick<Sts, 'assumeRoleWithWebIdentity'> & { readonly requests: WebIdentityRequest[] } {
  const requests: WebIdentityRequest[] = []
  return {
    requests,
    assumeRoleWithWebIdentity: async (request) => {
      requests.push(request)
      const changes = await answer(request)
      const name = request.roleArn.split('/').at(-1)
      return {
        accessKeyId: `ASIA-${requests.length}`,
        secretAccessKey: `secret of ${request.roleSessionName}`,
        sessionToken: JSON.stringify([request.roleSessionName, request.roleArn, request.policy]),
        expires: now() + request.durationSeconds * 1000,
        assumedRoleArn: `arn:aws:sts::111122223333:assumed-role/${name}/${request.roleSessionName}`,
        date: now(),
        localTime: now(),
        ...changes,
      }
    },
  }
}
