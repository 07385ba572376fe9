import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { startBroker } from '../../../cmd/broker/start.ts'
import { systemClock } from '../../../cmd/systemClock.ts'
import type { LoginIssuers } from '../../../src/broker/index.ts'
import {
  type AmazonLogin,
  type CertificateAuthority,
  createCertificateAuthority,
  type FacebookLogin,
  type Issuer,
  type Sts,
  startAmazonLogin,
  startFacebookLogin,
  startIssuer,
  startSts,
  type TrustPolicyDocument,
} from '../../../src/testbed/index.ts'
import { type OidcProvider, startOidcProvider } from '../../support/oidcProvider.ts'
import { type AtEnd, freePort, scratch } from '../../support/processes.ts'

export const ACCOUNT = '111122223333'
export const CLIENT = 'files-app'
export const REDIRECT = 'https://127.0.0.1:8443/callback'
export const NONCE = 'n-0S6_WzA2Mj'
export const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`

/** All who vouch for users, and an AWS account that trusts them. */
export type World = {
  readonly ca: CertificateAuthority
  /** A real OpenID Connect server. */
  readonly oidc: OidcProvider
  /** Whose tokens a test makes itself; as any, as Google and as Apple. */
  readonly issuer: Issuer
  readonly google: Issuer
  readonly apple: Issuer
  readonly amazon: AmazonLogin
  readonly facebook: FacebookLogin
  readonly sts: Sts
  readonly stop: () => Promise<void>
}

const trusted = (provider: string, condition: Record<string, string>, arn = true): TrustPolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: arn ? `arn:aws:iam::${ACCOUNT}:oidc-provider/${provider}` : provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: condition },
    },
  ],
})
const byIssuer = (url: string): TrustPolicyDocument => {
  const name = url.replace('https://', '')
  return trusted(name, { [`${name}:aud`]: CLIENT })
}

export async function startWorld(): Promise<World> {
  const now = Date.now
  const ca = await createCertificateAuthority({ name: 'testbed', now })
  const [issuer, google, apple] = await Promise.all([1, 2, 3].map(() => startIssuer({ ca, now })))
  const amazon = await startAmazonLogin({ ca, now })
  const facebook = await startFacebookLogin({ ca, now })
  const accounts = ['ada', 'bob'].map((name) => ({ id: `${name}@example.com`, username: name, password: `${name}-pw` }))
  const oidc = await startOidcProvider({
    ca,
    clients: [
      { kind: 'web', clientId: CLIENT, redirectUris: [REDIRECT] },
      { kind: 'web', clientId: 'other-app', redirectUris: [REDIRECT] },
    ],
    accounts,
  })
  if (issuer === undefined || google === undefined || apple === undefined) throw new Error('no issuer')
  const providers = [oidc.url, issuer.url, google.url, apple.url].map((url) => ({
    url,
    clientIds: [CLIENT],
    ca: ca.pem,
  }))
  const sts = await startSts({
    ca,
    now,
    accountId: ACCOUNT,
    providers,
    logins: [amazon.provider, facebook.provider],
    roles: [
      { name: 'oidc', trustPolicy: byIssuer(oidc.url) },
      { name: 'issuer', trustPolicy: byIssuer(issuer.url) },
      { name: 'google', trustPolicy: byIssuer(google.url) },
      { name: 'apple', trustPolicy: byIssuer(apple.url) },
      { name: 'amazon', trustPolicy: trusted('www.amazon.com', { 'www.amazon.com:app_id': amazon.appId }, false) },
      {
        name: 'facebook',
        trustPolicy: trusted('graph.facebook.com', { 'graph.facebook.com:app_id': facebook.appId }, false),
      },
      { name: 'untrusting', trustPolicy: trusted('nobody.example.com', { 'nobody.example.com:aud': 'x' }) },
    ],
  })
  const all = [oidc, issuer, google, apple, amazon, facebook, sts]
  return {
    ca,
    oidc,
    issuer,
    google,
    apple,
    amazon,
    facebook,
    sts,
    stop: async () => void (await Promise.all(all.map((each) => each.stop()))),
  }
}

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::files/{user}/*' }],
})

/** The operator's declarations, as the webhook hands them to a broker. */
export function declarations({ ca, oidc, issuer, amazon, facebook, google, apple }: World) {
  const idToken = { clientIds: CLIENT, ca: ca.pem }
  const providers = {
    oidc: { kind: 'oidc', issuer: oidc.url, ...idToken },
    issuer: { kind: 'oidc', issuer: issuer.url, ...idToken },
    google: { kind: 'google', ...idToken },
    apple: { kind: 'apple', ...idToken, requireNonce: false },
    amazon: { kind: 'amazon', clientIds: amazon.clientId, tokenInfoEndpoint: amazon.tokenInfoUrl, ca: ca.pem },
    facebook: { kind: 'facebook', clientIds: facebook.appId, graphEndpoint: facebook.url, ca: ca.pem },
  }
  const names = Object.keys(providers)
  const role = (name: string, by: readonly string[] = [name]) => ({
    kind: 'role',
    namespaces: 'shop',
    providers: by.join(' '),
    roleArn: roleArn(name),
    sessionPolicy: POLICY,
  })
  const roles = Object.fromEntries([
    ...names.map((name) => [name, role(name)]),
    ['untrusting', role('untrusting', names)],
  ])
  const issuers: LoginIssuers = {
    google: { issuer: google.url, spellings: [google.url, 'accounts.google.com'], algorithms: ['RS256'] },
    apple: { issuer: apple.url, spellings: [apple.url], algorithms: ['RS256'] },
  }
  return { providers, roles, issuers }
}

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}
export type Asked = {
  readonly provider: string
  readonly role: string
  readonly token: string
  readonly nonce?: string
}
export type Granted = {
  readonly user: string
  readonly role: string
  readonly credentials: Readonly<Record<'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'expiration', string>>
}

export type BrokerUnderTest = {
  readonly env: Readonly<Record<string, string>>
  readonly port: number
  readonly metricsPort: number
  readonly log: () => string
  readonly token: (container?: string) => string
  /** One request as an app sends it, on a connection of its own. */
  readonly ask: (asked: Asked, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  readonly metrics: () => Promise<string>
  readonly stop: () => Promise<void>
}

/** The variables of a broker, and where a test finds its parts. */
export async function variables(world: World, changes: Readonly<Record<string, string>> = {}, atEnd?: AtEnd) {
  const { providers, roles, issuers } = declarations(world)
  const ports = { port: await freePort(), metricsPort: await freePort() }
  const directory = scratch(atEnd)
  const env = {
    LANYARD_POD_NAMESPACE: 'shop',
    LANYARD_BROKER_PORT: String(ports.port),
    LANYARD_BROKER_METRICS_PORT: String(ports.metricsPort),
    LANYARD_BROKER_CONTAINERS: 'app other',
    LANYARD_BROKER_TOKENS_DIRECTORY: directory,
    LANYARD_BROKER_PROVIDERS: JSON.stringify(providers),
    LANYARD_BROKER_ROLES: JSON.stringify(roles),
    LANYARD_STS_REGION: 'eu-west-1',
    LANYARD_STS_ENDPOINT: world.sts.url,
    LANYARD_STS_CA: world.ca.pem,
    LANYARD_TERMINATION_LOG: join(directory, 'termination-log'),
    ...changes,
  }
  return {
    env,
    issuers,
    ...ports,
    token: (container = 'app') => readFileSync(join(directory, container, 'token'), 'utf8'),
  }
}

/** A broker in this process, with Google and Apple where the world has them. */
export async function openBroker(
  world: World,
  changes: Readonly<Record<string, string>> = {},
  atEnd?: AtEnd,
): Promise<BrokerUnderTest> {
  const { env, issuers, port, metricsPort, token } = await variables(world, changes, atEnd)
  const lines: string[] = []
  const running = await startBroker({ env, write: (line) => void lines.push(line), clock: systemClock, issuers })
  return {
    env,
    port,
    metricsPort,
    token,
    log: () => lines.join(''),
    ask: (asked, headers = {}) => post(port, JSON.stringify(asked), { authorization: token(), ...headers }),
    metrics: async () => (await send({ port: metricsPort, path: '/metrics', method: 'GET' })).text,
    stop: running.stop,
  }
}

export const post = (port: number, body: string, headers: Readonly<Record<string, string>>): Promise<Answer> =>
  send({
    port,
    path: '/v1/user-credentials',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers },
    body,
  })

type Request = {
  readonly port: number
  readonly path: string
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export function send({ port, path, method, headers = {}, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    outgoing.on('error', reject).end(body)
  })
}

export function granted({ status, text }: Answer): Granted {
  if (status !== 200) throw new Error(`${status}: ${text}`)
  return JSON.parse(text)
}
export const codeOf = ({ text }: Answer): string => JSON.parse(text).code
