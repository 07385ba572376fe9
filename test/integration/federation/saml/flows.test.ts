import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSamlIdp } from '../../../support/samlIdp.ts'
import { createSigner, styles } from '../../../support/samlXml.ts'
import {
  accountId,
  ca,
  failureOf,
  makePod,
  never,
  now,
  obtainBy,
  principalArn,
  roleArn,
  startTrustingSts,
} from './support.ts'

const password = 'c4n4ry-password <&> "long"'
const options = {
  ca,
  entityId: 'https://idp.example.com/saml',
  signer: await createSigner(),
  now,
  users: { web: password },
  roles: [
    [`arn:aws:iam::${accountId}:role/other`, principalArn],
    [roleArn, principalArn],
  ],
  sessionName: (user: string) => `${user}@example.com`,
} as const
const idps = {
  adfs: await startSamlIdp({ ...options, style: styles.adfs }),
  okta: await startSamlIdp({ ...options, style: styles.okta }),
  shibboleth: await startSamlIdp({ ...options, style: styles.shibboleth }),
  keycloak: await startSamlIdp({ ...options, style: styles.keycloak }),
}
const { metadata } = idps.okta
const sts = await startTrustingSts({ name: 'corporate', metadata })
const pod = makePod()

afterAll(async () => {
  await Promise.all([sts.stop(), ...Object.values(idps).map(({ stop }) => stop())])
  pod.remove()
})

beforeEach(() => {
  pod.write('username', 'web\n')
  pod.write('password', `${password}\n`)
})
afterEach(() => {
  sts.faults.clear()
  for (const idp of Object.values(idps)) idp.spoil(undefined)
})

const names = ['adfs', 'okta', 'shibboleth', 'keycloak'] as const
const assumedRoleArn = `arn:aws:sts::${accountId}:assumed-role/web/web@example.com`
const byEcp = (name: (typeof names)[number] = 'okta') =>
  obtainBy({ source: 'ecp', endpoint: `${idps[name].url}/ecp`, metadata }, sts.url, pod.directory)
const byTrust = (name: (typeof names)[number] = 'adfs') =>
  obtainBy({ source: 'ws-trust', endpoint: `${idps[name].url}/usernamemixed`, metadata }, sts.url, pod.directory)
const byFile = (durationSeconds?: number) =>
  obtainBy(
    { source: 'file', volume: 'identity', path: 'assertion', writer: 'w', metadata },
    sts.url,
    pod.directory,
    durationSeconds,
  )

describe.each(names)('assertions as %s writes them', (name) => {
  it('by ECP become credentials, each attempt with one of its own', async () => {
    const obtain = byEcp(name)
    const [first, second] = [await obtain(never), await obtain(never)]
    expect(first).toMatchObject({ roleArn, assumedRoleArn, accountId })
    expect(second.accessKeyId).not.toBe(first.accessKeyId)
  })

  it('by WS-Trust become credentials: a bare assertion in a response of our own', async () => {
    expect(await byTrust(name)(never)).toMatchObject({ assumedRoleArn })
  })

  it('in a file become credentials', async () => {
    pod.write('assertion', idps[name].respond('web'))
    expect(await byFile()(never)).toMatchObject({ assumedRoleArn })
  })
})

describe('the file', () => {
  it('is refused until another container has replaced what was redeemed', async () => {
    const obtain = byFile()
    pod.write('assertion', Buffer.from(idps.okta.respond('web')).toString('base64'))
    await obtain(never)
    expect((await failureOf(obtain)).code).toBe('SamlFileStale')
    pod.write('assertion', Buffer.from(idps.okta.respond('web')).toString('base64'))
    expect(await obtain(never)).toMatchObject({ assumedRoleArn })
  })

  it('serves two sessions of a pod, each for itself', async () => {
    pod.write('assertion', idps.okta.respond('web'))
    expect(await byFile()(never)).toMatchObject({ assumedRoleArn })
    expect(await byFile()(never)).toMatchObject({ assumedRoleArn })
  })

  it('can end a session before its time', async () => {
    pod.write('assertion', idps.okta.respond('web', { sessionEnds: 1_800 }))
    const { expires, issued } = await byFile(43_200)(never)
    expect((expires - issued) / 1000).toBeLessThanOrEqual(1_800)
    expect((expires - issued) / 1000).toBeGreaterThan(1_700)
  })

  it('may be missing, empty or old, and each is said', async () => {
    const missing = obtainBy({ source: 'file', volume: 'v', path: 'none/there', writer: 'w' }, sts.url, pod.directory)
    expect((await failureOf(missing)).code).toBe('SamlFileMissing')
    pod.write('assertion', '')
    expect((await failureOf(byFile())).code).toBe('SamlFileEmpty')
    pod.write('assertion', idps.okta.respond('web', { now: now() - 400_000 }))
    expect((await failureOf(byFile())).code).toBe('SamlFileStale')
  })
})

describe('a refusal', () => {
  it('of the login, by either protocol, and a new password counts at once', async () => {
    const [ecp, trust] = [byEcp(), byTrust()]
    pod.write('password', 'c4n4ry-other')
    expect((await failureOf(ecp)).code).toBe('SamlLoginRefused')
    expect((await failureOf(trust)).code).toBe('SamlLoginRefused')
    pod.write('password', password)
    expect(await ecp(never)).toMatchObject({ assumedRoleArn })
  })

  it('of a service provider that the identity provider does not know', async () => {
    const other = { endpoint: `${idps.okta.url}/ecp`, serviceProvider: 'urn:other' }
    expect((await failureOf(obtainBy({ source: 'ecp', ...other }, sts.url, pod.directory))).code).toBe(
      'SamlEndpointRefused',
    )
    const trust = { endpoint: `${idps.okta.url}/usernamemixed`, serviceProvider: 'urn:other' }
    expect((await failureOf(obtainBy({ source: 'ws-trust', ...trust }, sts.url, pod.directory))).code).toBe(
      'SamlEndpointRefused',
    )
  })

  it('of an assertion that somebody changed on its way, before STS sees it', async () => {
    const before = sts.requests.length
    idps.okta.spoil((answer) => ({ ...answer, body: answer.body.replaceAll('role/apps/web', 'role/apps/admin') }))
    expect((await failureOf(byEcp())).code).toBe('SamlSignatureInvalid')
    expect(sts.requests).toHaveLength(before)
  })

  it('of a redirect, a page and silence', async () => {
    idps.okta.spoil(() => ({ status: 302, headers: { location: 'https://attacker.example.com' }, body: '' }))
    expect((await failureOf(byEcp())).code).toBe('ProviderRedirects')
    idps.okta.spoil(() => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }))
    expect((await failureOf(byEcp())).code).toBe('SamlAnswerInvalid')
    idps.okta.spoil((answer) => ({ ...answer, body: ' '.repeat(300_000) }))
    expect((await failureOf(byEcp())).code).toBe('ProviderAnswerTooLarge')
  })

  it('of STS: StsSamlDenied, StsSamlRejected, StsSamlExpired, and then a new assertion', async () => {
    const stranger = await createSigner()
    const other = await startSamlIdp({ ...options, signer: stranger })
    const unverified = obtainBy({ source: 'ecp', endpoint: `${other.url}/ecp` }, sts.url, pod.directory)
    const rejected = await failureOf(unverified)
    expect(rejected.code).toBe('StsSamlRejected')
    expect(rejected.message).toContain('says issuer https://idp.example.com/saml')
    await other.stop()

    const obtain = byEcp()
    sts.faults.next(1, {
      kind: 'failure',
      code: 'ExpiredTokenException',
      message: 'Token must be redeemed within 5 minutes of issuance',
    })
    expect((await failureOf(obtain)).code).toBe('StsSamlExpired')
    expect(await obtain(never)).toMatchObject({ assumedRoleArn })

    const statement = {
      Effect: 'Allow',
      Principal: { Federated: principalArn },
      Action: 'sts:AssumeRoleWithSAML',
    } as const
    const condition = { StringEquals: { 'SAML:aud': 'https://other.example.com' } }
    sts.setTrustPolicy('web', { Version: '2012-10-17', Statement: [{ ...statement, Condition: condition }] })
    expect((await failureOf(obtain)).code).toBe('StsSamlDenied')
    sts.setTrustPolicy('web', { Version: '2012-10-17', Statement: [statement] })
  })
})
