import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { TestbedError, type TokenRequest, trustPolicy } from '../../../src/testbed/index.ts'
import {
  accountId,
  assume,
  audience,
  call,
  createClock,
  startWorld,
  textOf,
  token,
  useWorld,
  verdictOf,
  webToken,
  world,
} from './support.ts'

const clock = createClock()
useWorld(clock)

const base = { sub: 'system:serviceaccount:shop:web', audience: [audience], expiresIn: 3600 }
const issue = (change: Partial<TokenRequest>): Promise<string> => world.issuer.issueToken({ ...base, ...change })

async function refusal(parameters: Record<string, string | undefined>): Promise<unknown[]> {
  return verdictOf(await assume(world, { WebIdentityToken: token, ...parameters }))
}

describe('tokens', () => {
  const invalid = (message: string): (string | number)[] => [400, 'InvalidIdentityToken', message]
  const notJwt = invalid(
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  )
  const noKey = invalid(
    'Couldn&apos;t retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements',
  )
  const judge = async (given: Promise<string> | string): Promise<unknown[]> =>
    refusal({ WebIdentityToken: await given })

  it('that are none', async () => {
    for (const text of ['opaque', 'a.b.c', `${token.split('.')[0]}.e30`]) expect(await judge(text)).toEqual(notJwt)
  })

  it('of an issuer that nobody registered', async () => {
    expect(await judge(issue({ claims: { iss: 'https://other.test' } }))).toEqual(
      invalid('No OpenIDConnect provider found in your account for https://other.test'),
    )
    expect(await judge(issue({ claims: { iss: `${world.issuer.url}/` } }))).toEqual(
      invalid(`No OpenIDConnect provider found in your account for ${world.issuer.url}/`),
    )
    expect(await judge(issue({ claims: { iss: undefined } }))).toEqual(invalid('Missing a required claim: iss'))
  })

  it('signed with a key that is not published', async () => {
    expect(await judge(issue({ signWithUnpublishedKey: true }))).toEqual(noKey)
  })

  it('forged under the id of a published key', async () => {
    const forged = issue({ signWithUnpublishedKey: true, header: { kid: world.issuer.keyId() } })
    expect(await judge(forged)).toEqual(invalid('Invalid token signature'))
  })

  it('whose payload was exchanged', async () => {
    const [header, , signature] = token.split('.')
    const [, payload] = (await issue({ sub: 'system:serviceaccount:shop:api' })).split('.')
    expect(await judge(`${header}.${payload}.${signature}`)).toEqual(invalid('Invalid token signature'))
  })

  it('without a signature, or with a shared secret', async () => {
    const claims = { iss: world.issuer.url, sub: base.sub, aud: audience }
    const [status, code, message] = await judge(new UnsecuredJWT(claims).setExpirationTime('1h').encode())
    expect([status, code]).toEqual([400, 'InvalidIdentityToken'])
    expect(message).toContain('signed with none')
    const { text } = await call(world.issuer.jwksUri, world.ca.pem)
    const header = { alg: 'HS256', kid: world.issuer.keyId() }
    const shared = await new SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(text))
    expect((await judge(shared))[2]).toContain('signed with HS256')
  })

  it('without a key id are verified while there is one key', async () => {
    expect(await judge(issue({ header: { kid: undefined } }))).toEqual([200, undefined, undefined])
  })

  it.each(['sub', 'exp', 'iat', 'aud'])('without %s', async (claim) => {
    expect(await judge(issue({ claims: { [claim]: undefined } }))).toEqual(
      invalid(`Missing a required claim: ${claim}`),
    )
  })

  it('for another audience', async () => {
    expect(await judge(issue({ audience: 'vault' }))).toEqual(invalid('Incorrect token audience'))
    expect(await judge(issue({ audience: [] }))).toEqual(invalid('Incorrect token audience'))
    expect(await judge(issue({ claims: { azp: 'vault' } }))).toEqual(invalid('Incorrect token audience'))
    expect(await judge(issue({ audience: ['vault', audience] }))).toEqual([200, undefined, undefined])
    expect(await judge(issue({ audience: 'vault', claims: { azp: audience } }))).toEqual([200, undefined, undefined])
  })

  it('that expired over five minutes ago', async () => {
    const at = Math.floor(clock.now() / 1000)
    expect(await judge(issue({ expiresIn: -299 }))).toEqual([200, undefined, undefined])
    const message = `Token expired: current date/time ${at} must be before the expiration date/time ${at - 300}`
    expect(await judge(issue({ expiresIn: -300 }))).toEqual([400, 'ExpiredTokenException', message])
  })

  it('that begin in over five minutes', async () => {
    const at = Math.floor(clock.now() / 1000)
    expect(await judge(issue({ claims: { nbf: at + 300 } }))).toEqual([200, undefined, undefined])
    expect((await judge(issue({ claims: { nbf: at + 301 } })))[2]).toContain('Token is not valid yet')
  })
})

describe('trust', () => {
  const denied = [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity']

  it('is refused alike for another subject, an unknown role and another account', async () => {
    expect(await refusal({ RoleArn: world.sts.roleArn('api') })).toEqual(denied)
    expect(await refusal({ RoleArn: `arn:aws:iam::${accountId}:role/unknown` })).toEqual(denied)
    expect(await refusal({ RoleArn: 'arn:aws:iam::999999999999:role/web' })).toEqual(denied)
    expect(await refusal({ RoleArn: `arn:aws:iam::${accountId}:role/long` })).toEqual(denied)
  })

  it('changes while the server runs', async () => {
    const about = { issuer: world.issuer.url, accountId, namespace: 'shop' }
    world.sts.setTrustPolicy('api', trustPolicy({ ...about, serviceAccount: 'web' }))
    expect(await refusal({ RoleArn: world.sts.roleArn('api') })).toEqual([200, undefined, undefined])
    world.sts.setTrustPolicy('api', trustPolicy({ ...about, serviceAccount: 'api' }))
    expect(await refusal({ RoleArn: world.sts.roleArn('api') })).toEqual(denied)
    expect(() => world.sts.setTrustPolicy('other', trustPolicy({ ...about, serviceAccount: 'x' }))).toThrow(
      TestbedError,
    )
    expect(() => world.sts.setTrustPolicy('api', { Statement: [] })).toThrow(TestbedError)
  })

  it('may look at the session name and the provider', async () => {
    const [allow] = [
      trustPolicy({ issuer: world.issuer.url, accountId, namespace: 'shop', serviceAccount: 'web' }).Statement,
    ].flat()
    const Condition = { StringLike: { 'sts:RoleSessionName': 'shop.*', 'aws:FederatedProvider': '*:oidc-provider/*' } }
    world.sts.setTrustPolicy('api', { Statement: [{ ...allow, Effect: 'Allow', Condition }] })
    expect(await refusal({ RoleArn: world.sts.roleArn('api') })).toEqual([200, undefined, undefined])
    expect(await refusal({ RoleArn: world.sts.roleArn('api'), RoleSessionName: 'other' })).toEqual(denied)
  })
})

describe('key rotation', () => {
  it('keeps old tokens good until the old key is retired', async () => {
    const other = await startWorld(clock)
    const old = await webToken(other.issuer)
    await other.issuer.rotate()
    expect((await assume(other, { WebIdentityToken: old })).status).toBe(200)
    expect((await assume(other, { WebIdentityToken: await webToken(other.issuer) })).status).toBe(200)
    const anonymous = await other.issuer.issueToken({ ...base, header: { kid: undefined } })
    expect(textOf(await assume(other, { WebIdentityToken: anonymous }), 'Message')).toContain(
      'retrieve verification key',
    )
    other.issuer.retire()
    const late = await assume(other, { WebIdentityToken: old })
    expect([late.status, textOf(late, 'Code')]).toEqual([400, 'InvalidIdentityToken'])
    expect(textOf(late, 'Message')).toContain('retrieve verification key')
    await other.stop()
  })
})
