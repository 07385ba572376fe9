import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CertificateAuthority, createCertificateAuthority } from '../../src/testbed/index.ts'
import { type Ceph, startCeph } from '../servers/ceph.ts'
import { type AtEnd, scratch } from '../support/processes.ts'
import { startApp } from './app.ts'
import { type Broker, type BrokerConfig, createBroker, NAMESPACE } from './broker.ts'
import { type CrookedProvider, startCrookedProvider } from './crookedProvider.ts'
import { startFront } from './front.ts'
import { type Login, OTHER_APP, startLogin } from './providers.ts'

/** Everything that the example needs in production, on the loopback. */
export type World = {
  /** The app, and the same app under the name of another one: its users' tokens are not for this one. */
  readonly app: string
  readonly otherApp: string
  readonly logins: readonly [Login, Login]
  readonly crooked: CrookedProvider
  readonly broker: Broker
  readonly ceph: Ceph
  /** What the apps have printed. */
  readonly log: () => string
}

export const BUCKET = 'user-files'
const ROLE = 'files'
const CROOKED = { name: 'crooked', title: 'Crooked login', clientId: 'files-at-crooked' } as const

export async function openWorld(atEnd: AtEnd): Promise<World> {
  const dir = scratch(atEnd)
  const ca = await createCertificateAuthority({ name: 'example', now: Date.now })
  const front = await startFront(ca, 'files.example.test')
  const otherFront = await startFront(ca, 'other.example.test')
  const apps = { app: front.url, other: otherFront.url }
  const logins = [
    await startLogin({ ca, name: 'north', title: 'Northern Login', algorithm: 'RS256', apps }),
    await startLogin({ ca, name: 'south', title: 'Southern Login', algorithm: 'ES256', secret: 'of-the-app', apps }),
  ] as const
  const crooked = await startCrookedProvider(ca)
  const stopping = [front, otherFront, ...logins, crooked]
  atEnd(() => Promise.all(stopping.map(({ stop }) => stop())))

  const ceph = await startCeph({ dir: join(dir, 'ceph'), ca })
  atEnd(ceph.stop)
  const trusted = [
    ...logins.map(({ issuer, clientId, thumbprint }) => ({ url: issuer, clientId, thumbprint })),
    { url: crooked.url, clientId: CROOKED.clientId, thumbprint: crooked.thumbprint },
  ]
  const roleArn = await furnish(ceph, trusted)
  const broker = await createBroker({
    dir: join(dir, 'broker'),
    ...brokerConfig(ca, ceph, logins, crooked, roleArn),
    atEnd,
  })
  await broker.start()

  const caFile = join(dir, 'ca.crt')
  writeFileSync(caFile, ca.pem)
  const env = { NODE_EXTRA_CA_CERTS: caFile, AWS_ENDPOINT_URL_S3: ceph.endpoint, ...broker.appEnv }
  const at = (name: string, publicUrl: string, providers: readonly object[]) => {
    const file = { role: ROLE, bucket: BUCKET, pathStyle: true, providers }
    return startApp({ dir: join(dir, name), publicUrl, file, env, atEnd })
  }
  const asked = logins.map((login) => appProvider(dir, login, login.clientId))
  const app = await at('app', front.url, [...asked, { ...CROOKED, issuer: crooked.url }])
  const otherApp = await at(
    'other',
    otherFront.url,
    logins.map((login) => appProvider(dir, login, OTHER_APP)),
  )
  front.lead(app.port)
  otherFront.lead(otherApp.port)
  const log = (): string => [app, otherApp].map(({ process }) => process.stdout() + process.stderr()).join('')
  return { app: front.url, otherApp: otherFront.url, logins, crooked, broker, ceph, log }
}

/** As the app's configuration file has it, with a secret in a file where the provider wants one. */
function appProvider(dir: string, { name, title, issuer, secret }: Login, clientId: string): object {
  if (secret === undefined) return { name, title, issuer, clientId }
  const clientSecretFile = join(dir, `secret-of-${name}`)
  writeFileSync(clientSecretFile, secret)
  return { name, title, issuer, clientId, clientSecretFile }
}

type Trusted = { readonly url: string; readonly clientId: string; readonly thumbprint: string }

/** A bucket, and a role that opens all of it to users of these providers: what is one user's own the session policy says. */
async function furnish(ceph: Ceph, trusted: readonly Trusted[]): Promise<string> {
  await ceph.createBucket(BUCKET)
  const statements = []
  for (const { url, clientId, thumbprint } of trusted) {
    const arn = await ceph.registerOidcProvider({ url, clientIds: [clientId], thumbprints: [thumbprint] })
    statements.push({
      Effect: 'Allow',
      Principal: { Federated: [arn] },
      Action: ['sts:AssumeRoleWithWebIdentity'],
      Condition: { StringEquals: { [`${url.replace('https://', '')}:aud`]: clientId } },
    })
  }
  return ceph.createRole({
    name: 'web-users',
    trust: { Version: '2012-10-17', Statement: statements },
    policy: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['s3:*'], Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`] },
      ],
    },
  })
}

function brokerConfig(
  ca: CertificateAuthority,
  ceph: Ceph,
  logins: readonly Login[],
  crooked: CrookedProvider,
  roleArn: string,
): BrokerConfig {
  const common = { kind: 'oidc', ca: ca.pem }
  const providers = {
    ...Object.fromEntries(
      logins.map(({ name, issuer, clientId, algorithm }) => [
        name,
        { ...common, issuer, clientIds: clientId, algorithms: algorithm },
      ]),
    ),
    [CROOKED.name]: { ...common, issuer: crooked.url, clientIds: CROOKED.clientId },
  }
  const role = {
    kind: 'role',
    namespaces: NAMESPACE,
    providers: Object.keys(providers),
    roleArn,
    sessionPolicy: JSON.stringify(ownPrefix(BUCKET)),
  }
  return { providers, roles: { [ROLE]: role }, stsEndpoint: ceph.endpoint, stsCa: ca.pem }
}

/** As in examples/web-login/operator/values.yaml, which the test of the manifests holds to this. */
export const ownPrefix = (bucket: string): object => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `arn:aws:s3:::${bucket}/{user}/*` },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${bucket}`,
      Condition: { StringLike: { 's3:prefix': '{user}/*' } },
    },
  ],
})
