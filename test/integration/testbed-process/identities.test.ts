import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { finish, freePort, type Running, scratch, start } from '../../support/processes.ts'
import { send } from '../sidecar/pod.ts'
import { createSamlKey, entityId, goodResponse, metadataOf, redeem, type SamlKey } from '../testbed/saml.ts'
import { keysOf, postSigned } from '../testbed/signed.ts'
import {
  type Answer,
  accountId,
  assume,
  audience,
  call,
  createClock,
  textOf,
  useWorld,
  world,
} from '../testbed/support.ts'

// The process lives by the clock of the machine.
const clock = { ...createClock(), now: Date.now }
useWorld(clock)

const program = 'testbedMain.ts'
let key: SamlKey
beforeAll(async () => {
  key = await createSamlKey()
})

type Ports = { sts: number; control: number; amazon: number; facebook: number }
type Changes = Readonly<Record<string, unknown>>

/** Writes a configuration with everything that can be trusted, and says where it is. */
async function configure(changes: Changes = {}): Promise<{ config: string; ports: Ports }> {
  const directory = scratch()
  const path = (name: string): string => join(directory, name)
  const [sts, control, amazon, facebook] = [await freePort(), await freePort(), await freePort(), await freePort()]
  writeFileSync(path('ca.crt'), world.ca.pem)
  writeFileSync(path('metadata.xml'), metadataOf([key]))
  const subject = 'client-*'
  const content = {
    accountId,
    host: '127.0.0.1',
    port: sts,
    controlPort: control,
    hosts: ['127.0.0.1'],
    providers: [{ url: world.issuer.url, clientIds: [audience], caFile: path('ca.crt') }],
    samlProviders: [
      { name: 'corporate', metadataFile: path('metadata.xml') },
      { name: 'inline', metadata: metadataOf([key], { entityId: `${entityId}/2` }) },
    ],
    logins: [
      { provider: 'amazon', port: amazon, clientId: 'client-1', appId: 'app-1' },
      { provider: 'facebook', port: facebook, appId: '77' },
    ],
    roles: [
      { name: 'web', trust: [{ saml: 'corporate', recipient: 'https://signin.aws.amazon.com/saml' }] },
      {
        name: 'client',
        path: '/x/',
        trust: [{ provider: world.issuer.url, subject, carries: ['tags', 'sourceIdentity'] }],
      },
      { name: 'next', trust: [{ role: 'client', externalId: 'ext-1', carries: ['tags', 'sourceIdentity'] }] },
      { name: 'plain', trust: [{ role: 'client' }] },
      { name: 'closed', trust: [{ role: 'web' }], mayAssume: [] },
      { name: 'amazon', trust: [{ login: 'amazon', app: 'app-1', user: 'amzn1.*' }] },
      { name: 'facebook', trust: [{ login: 'facebook', app: '77' }] },
    ],
    ...changes,
  }
  const config = path('config.yaml')
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(content))
  return { config, ports: { sts, control, amazon, facebook } }
}

type Started = { testbed: Running; ports: Ports; ca: string; target: typeof world }

async function running(changes: Changes = {}): Promise<Started> {
  const { config, ports } = await configure(changes)
  const testbed = start({ program, args: ['--config', config] })
  await testbed.said(/testbed started/)
  const { text: ca } = await send({ port: ports.control, path: '/ca.crt' })
  const sts = { ...world.sts, url: `https://127.0.0.1:${ports.sts}`, roleArn: (name: string) => `role/${name}` }
  return { testbed, ports, ca, target: { ...world, clock, ca: { ...world.ca, pem: ca }, sts } }
}

const arnOf = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`

async function logIn(port: number, name: string, wanted: object): Promise<{ status: number; token: string }> {
  const { status, text } = await send({ port, path: `/logins/${name}`, method: 'POST', body: JSON.stringify(wanted) })
  return { status, token: JSON.parse(text).token ?? JSON.parse(text).message }
}

describe('the testbed as a process, with every kind of identity', () => {
  test('takes assertions, tokens with tags, and role chains', async () => {
    const { testbed, target } = await running()
    expect((await redeem(target, goodResponse(key, { now: Date.now() }))).status).toBe(200)
    const foreign = goodResponse(await createSamlKey(), { now: Date.now() })
    expect(textOf(await redeem(target, foreign), 'Message')).toBe('Response signature invalid')

    const claims = {
      'https://aws.amazon.com/tags': { principal_tags: { Team: 'shop' } },
      'https://aws.amazon.com/source_identity': 'client-7',
    }
    const token = (sub: string): Promise<string> =>
      world.issuer.issueToken({ sub, audience: [audience], expiresIn: 600, claims })
    const exchange = async (sub: string): Promise<Answer> =>
      assume(target, { RoleArn: arnOf('x/client'), WebIdentityToken: await token(sub) })
    const first = await exchange('client-7')
    expect(textOf(first, 'SourceIdentity')).toBe('client-7')
    expect(textOf(await exchange('other'), 'Code')).toBe('AccessDenied')

    const hop = (name: string, more: Record<string, string> = {}): Promise<Answer> =>
      postSigned(target, keysOf(first), { Action: 'AssumeRole', RoleArn: arnOf(name), RoleSessionName: 'hop', ...more })
    expect((await hop('next', { ExternalId: 'ext-1' })).status).toBe(200)
    expect((await hop('next')).status).toBe(403)
    expect(textOf(await hop('plain'), 'Message')).toContain('sts:SetSourceIdentity')
    expect((await hop('closed')).status).toBe(403)
    await testbed.kill('SIGTERM')
  })

  test('stands in for logins, whose tokens the control port gives out', async () => {
    const { testbed, ports, ca, target } = await running()
    const amazon = await logIn(ports.control, 'amazon', { user: 'amzn1.A' })
    const facebook = await logIn(ports.control, 'facebook', { user: '42', expiresIn: 60 })
    expect([amazon.status, facebook.status]).toEqual([200, 200])
    const asked = await call(
      `https://127.0.0.1:${ports.amazon}/auth/o2/tokeninfo?access_token=${encodeURIComponent(amazon.token)}`,
      ca,
    )
    expect(JSON.parse(asked.text)).toMatchObject({ user_id: 'amzn1.A', aud: 'client-1', app_id: 'app-1' })
    const exchange = (name: string, ProviderId: string, token: string): Promise<Answer> =>
      assume(target, { RoleArn: arnOf(name), WebIdentityToken: token, ProviderId })
    expect((await exchange('amazon', 'www.amazon.com', amazon.token)).status).toBe(200)
    expect((await exchange('facebook', 'graph.facebook.com', facebook.token)).status).toBe(200)
    const stranger = await logIn(ports.control, 'amazon', { user: 'B' })
    expect(textOf(await exchange('amazon', 'www.amazon.com', stranger.token), 'Code')).toBe('AccessDenied')
    const other = await logIn(ports.control, 'amazon', { user: 'amzn1.A', appId: 'other', clientId: undefined })
    expect(textOf(await exchange('amazon', 'www.amazon.com', other.token), 'Code')).toBe('AccessDenied')
    const { text: requests } = await send({ port: ports.control, path: '/requests' })
    for (const { token } of [amazon, facebook, stranger, other]) {
      expect(requests).not.toContain(token)
      expect(testbed.stdout()).not.toContain(token)
    }
    expect(await testbed.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  test('logs nobody in who is not asked for rightly', async () => {
    const { testbed, ports } = await running({ logins: [], roles: [] })
    expect(await logIn(ports.control, 'amazon', { user: 'A' })).toMatchObject({ status: 404 })
    await testbed.kill('SIGTERM')
    const { ports: again, testbed: second } = await running()
    const wrong = [
      {},
      { user: '' },
      { user: 1 },
      { user: 'a', expiresIn: 0.5 },
      { user: 'a', appId: '' },
      { user: 'a', x: 1 },
    ]
    for (const wanted of [...wrong, null as unknown as object])
      expect(await logIn(again.control, 'facebook', wanted)).toMatchObject({ status: 400 })
    await second.kill('SIGTERM')
  })

  test('speaks like another server', async () => {
    const { testbed, target } = await running({ dialect: 'ceph', roles: [] })
    const answer = await assume(target, { RoleArn: 'arn:aws:iam:::role/web', WebIdentityToken: 'none' })
    expect(answer.text).toContain('<?xml version="1.0" encoding="UTF-8"?><Error>')
    await testbed.kill('SIGTERM')
  })
})

describe('it does not start, and says why', () => {
  const trusting = (...trust: object[]): Changes => ({ roles: [{ name: 'web', trust }] })

  test.each<[title: string, changes: Changes, words: string[]]>([
    ['for a dialect that is none', { dialect: 'garage' }, ['dialect: it must be one of aws, ceph, minio, seaweedfs']],
    [
      'for a login that is none',
      { logins: [{ provider: 'x', port: 1 }] },
      ['logins[0].provider: it must be one of amazon'],
    ],
    [
      'for a login twice',
      { logins: [1, 2].map((port) => ({ provider: 'amazon', port })) },
      ['logins: each provider may be'],
    ],
    ['for a login without a port', { logins: [{ provider: 'amazon' }] }, ['logins[0].port: it must be a whole number']],
    [
      'for logins without an authority',
      { hosts: undefined, certFile: 'a', keyFile: 'b' },
      ['logins: their certificates'],
    ],
    [
      'for metadata twice',
      { samlProviders: [{ name: 'a', metadata: 'a', metadataFile: 'b' }] },
      ['samlProviders[0].metadata: give either'],
    ],
    [
      'for metadata that is none',
      { samlProviders: [{ name: 'a', metadata: '<x/>' }] },
      ['samlProvider a: the metadata is no EntityDescriptor'],
    ],
    [
      'for trust without a subject',
      trusting({ provider: 'https://x.test' }),
      ['roles[0].trust[0].subject: it must be a text'],
    ],
    ['for trust of nobody', trusting({}), ['roles[0].trust[0].namespace', 'roles[0].trust[0].serviceAccount']],
    ['for trust of two', trusting({ saml: 'corporate', role: 'web' }), ['roles[0].trust[0].role: it is not known']],
    [
      'for what nobody carries',
      trusting({ role: 'web', carries: ['luggage'] }),
      ['roles[0].trust[0].carries: it may hold'],
    ],
  ])('%s', async (_title, changes, words) => {
    const { config } = await configure(changes)
    const { code, stderr } = await finish({ program, args: ['--config', config] })
    expect(code).toBe(2)
    for (const word of words) expect(stderr).toContain(word)
  })

  test('on a login’s port that is taken', async () => {
    const { testbed, ports } = await running()
    const logins = [{ provider: 'amazon', port: ports.sts }]
    const { config } = await configure({ logins, roles: [] })
    const { code, stderr } = await finish({ program, args: ['--config', config] })
    expect([code, stderr]).toEqual([1, expect.stringContaining('PortInUse: logins[0].port: ')])
    await testbed.kill('SIGTERM')
  })
})
