/** What is wrong with issuer, keys, region and role is what the whole command names first: AWS's side of it, by real https. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { gen, ROLE } from '../../support/gen.ts'
import { scratch } from '../../support/processes.ts'
import { configMap, injectedPod, PATHS, world } from '../../unit/doctor/cluster/world.ts'
import { discovery, ISSUER, jwks, NAME } from '../../unit/doctor/identity/ground.ts'
import { openTunnel } from '../aws/tunnel.ts'
import { BUNDLE, clusterOf } from './clusterServer.ts'

const authority = await createCertificateAuthority({ name: 'public', now: Date.now })
const site = new Map<string, string>()
const server = createServer(await authority.issue(['oidc.example.com']), ({ url = '' }, response) => {
  const body = site.get(url)
  response.writeHead(body === undefined ? 404 : 200).end(body)
})
const ends: (() => unknown)[] = []
let proxy = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const here = `127.0.0.1:${(server.address() as AddressInfo).port}`
  proxy = (await openTunnel((end) => ends.push(end), 200, { 'oidc.example.com:443': here })).url
})
afterAll(() => {
  for (const end of ends) end()
  server.close()
})

type Sick = {
  /** Of the API server: what tokens have. */
  readonly issuer?: string
  readonly live?: string
  /** What is public; nothing at all where it is undefined. */
  readonly published?: { readonly discovery: string; readonly keys: string } | undefined
  readonly region?: string
  /** The trust policy, and the longest session. */
  readonly role?: object
}

const trust = (changes: Readonly<Record<string, string>> = {}): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${NAME}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${NAME}:aud`]: 'sts.amazonaws.com',
          [`${NAME}:sub`]: 'system:serviceaccount:shop:default',
          ...changes,
        },
      },
    },
  ],
})
const role = (policy = trust(), MaxSessionDuration = 43_200): object => ({
  Role: { RoleName: 'web', Arn: ROLE, AssumeRolePolicyDocument: policy, MaxSessionDuration },
})

/** Runs `lanyard doctor pod/web` against a cluster and a public site like that. */
async function askDoctor({ issuer = ISSUER, live = jwks('one'), region = 'eu-west-1', ...sick }: Sick) {
  const published = 'published' in sick ? sick.published : { discovery: discovery(), keys: jwks('one') }
  site.clear()
  if (published !== undefined) {
    site.set(`${new URL(ISSUER).pathname}/.well-known/openid-configuration`, published.discovery)
    site.set(`${new URL(ISSUER).pathname}/openid/v1/jwks`, published.keys)
  }
  const folder = scratch()
  writeFileSync(join(folder, 'ca.pem'), authority.pem)
  writeFileSync(join(folder, 'role.json'), JSON.stringify(sick.role ?? role()))
  const pod = gen.pod()
  const settings = { 'aws.region': region }
  const { doctorBy } = await clusterOf(
    world(BUNDLE, {
      [PATHS.pod]: injectedPod(pod, {}, settings),
      [PATHS.config]: configMap(settings),
      [PATHS.metrics]: `lanyard_credentials_expiration_timestamp_seconds{session="default",role="x"} ${Date.now() / 1_000 + 3_600}\nlanyard_endpoint_requests_total{protocol="container",code="200"} 1\n`,
      '/.well-known/openid-configuration': discovery(issuer),
      '/openid/v1/jwks': live,
    }),
  )
  const env = { HTTPS_PROXY: proxy, NO_PROXY: '127.0.0.1', NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }
  const { stdout, stderr } = await doctorBy(
    env,
    'pod/web',
    '-n',
    'shop',
    '--json',
    '--role-file',
    join(folder, 'role.json'),
  )
  return { report: JSON.parse(stdout), stderr }
}

test('a pod that is well, with AWS and a public issuer', async () => {
  const { report } = await askDoctor({})
  expect(report.first).toBeNull()
  expect(report).toMatchObject({ verdict: 'ok' })
})

const bare = (keys: string) => ({ discovery: discovery(), keys })
test.each<[string, Sick, string, RegExp]>([
  [
    'an issuer with a slash',
    { published: { discovery: discovery(`${ISSUER}/`), keys: jwks('one') } },
    'IssuerMismatch',
    /slash/,
  ],
  [
    "an issuer that is the cluster's own name",
    { issuer: 'https://kubernetes.default.svc' },
    'IssuerNotPublic',
    /--service-account-issuer/,
  ],
  ['an expired JWKS', { live: jwks('two') }, 'KeysOutdated', /lanyard setup issuer/],
  ['an unpublished key', { live: jwks('one', 'two') }, 'KeyUnpublished', /lanyard setup issuer/],
  ['keys that are none', { published: bare('{}') }, 'KeysInvalid', /lanyard setup issuer/],
  ['an issuer that is not there', { published: undefined }, 'DiscoveryUnreachable', /well-known/],
  ['a wrong region', { region: 'eu-west-9' }, 'RegionUnknown', /lanyard.dev\/region|aws.region/],
  [
    'a wrong subject',
    { role: role(trust({ [`${NAME}:sub`]: 'system:serviceaccount:shop:api' })) },
    'TrustSubjectOther',
    /shop:default/,
  ],
  ['a wrong audience', { role: role(trust({ [`${NAME}:aud`]: 'vault' })) }, 'TrustAudienceOther', /audience/],
  ['a duration over the maximum', { role: role(trust(), 3_000) }, 'RoleSessionTooShort', /max-session-duration/],
])('%s is named first', async (_, sick, code, fix) => {
  const { report, stderr } = await askDoctor(sick)
  expect(report.first, stderr).toMatchObject({ code, fix: expect.stringMatching(fix) })
})
