import { exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import { expect } from 'vitest'
import { createSts } from '../../../../src/aws/index.ts'
import { Failure } from '../../../../src/errors/index.ts'
import { fileTokenSource, type TokenSource, webIdentity } from '../../../../src/federation/index.ts'
import {
  type ClientCredentialsProvider,
  clientCredentials,
  type TokenExchangeProvider,
  tokenExchange,
} from '../../../../src/federation/oauth/index.ts'
import { createOutbound } from '../../../../src/outbound/index.ts'
import { podIdentityProvider } from '../../../../src/settings/identityProviders.ts'
import { createCertificateAuthority, startIssuer, startSts } from '../../../../src/testbed/index.ts'
import { type OidcClient, type OidcProviderOptions, startOidcProvider } from '../../../support/oidcProvider.ts'

const now = Date.now
const accountId = '111122223333'
export const audience = 'sts.amazonaws.com'
export const subject = 'system:serviceaccount:shop:web'
export const never = new AbortController().signal

/** A client secret and a key that no message may show. */
export const secret = 's3cret+c4nary/=&%:c4nary'
const pair = await generateKeyPair('ES256', { extractable: true })
export const privateKey = await exportPKCS8(pair.privateKey)

const clients: readonly OidcClient[] = [
  { kind: 'service-account', clientId: 'shop-web', subject },
  { kind: 'private-key', clientId: 'signing', keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256' }] },
  { kind: 'secret-basic', clientId: 'batch', secret },
  { kind: 'secret-post', clientId: 'form', secret },
  {
    kind: 'service-account',
    clientId: 'as-keycloak',
    subject: 'system:serviceaccount:shop:azp',
    claims: { azp: 'as-keycloak' },
  },
  {
    kind: 'service-account',
    clientId: 'as-okta',
    subject: 'system:serviceaccount:shop:cid',
    claims: { cid: 'as-okta', scp: ['aws'] },
  },
]

const ca = await createCertificateAuthority({ name: 'test', now })
const outboundOptions = { ca: ca.pem, connectTimeout: 5_000, totalTimeout: 10_000, maxBytes: 262_144, now }
const outbound = createOutbound(outboundOptions)

/** A cluster's issuer, an OAuth 2.0 server that knows it, and an STS whose role `app` trusts that server. */
export async function startWorld(change: Partial<OidcProviderOptions> = {}) {
  const cluster = await startIssuer({ ca, now })
  const start = (port: number) =>
    startOidcProvider({
      port,
      clients,
      serviceAccounts: { issuer: cluster.url, ca: ca.pem },
      ...change,
      ca,
    } as OidcProviderOptions)
  let oidc = await start(0)
  const { url } = oidc
  const name = url.slice('https://'.length)
  const sts = await startSts({
    ca,
    now,
    accountId,
    providers: [{ url, clientIds: [audience, 'as-keycloak', 'form'], ca: ca.pem }],
    roles: [
      {
        name: 'app',
        trustPolicy: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${name}` },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: {
                [`${name}:aud`]: [audience, 'as-keycloak', 'form'],
                [`${name}:sub`]: [...clients.map(({ clientId }) => clientId), subject],
              },
            },
          },
        },
      },
    ],
  })
  return {
    cluster,
    sts,
    url,
    tokenRequests: () => oidc.tokenRequests(),
    /** Stops, and starts again at the same address with new keys and nothing remembered. */
    restart: async () => {
      await oidc.stop()
      oidc = await start(Number(new URL(url).port))
    },
    goDown: () => oidc.stop(),
    stop: async () => {
      await Promise.all([oidc.stop(), sts.stop(), cluster.stop()])
    },
  }
}

export type World = Awaited<ReturnType<typeof startWorld>>

export type Pod = {
  readonly serviceAccount?: string
  /** Of the pod's own token; the identity provider, if not set. */
  readonly tokenAudience?: string
  readonly expiresIn?: number
  readonly secret?: string
  /** Fields of the identity provider, as an operator writes them. */
  readonly provider?: Readonly<Record<string, string>>
}

/** The source of tokens of a pod, wired as a sidecar's. */
export function sourceOf(world: World, pod: Pod = {}): TokenSource {
  const { serviceAccount = 'web', tokenAudience = world.url, expiresIn = 3600 } = pod
  const record = { kind: 'oidc-client-credentials', issuer: world.url, stsAudience: audience, ...pod.provider }
  const read = podIdentityProvider.parse(JSON.stringify(record))
  if (!read.ok) throw new Error(JSON.stringify(read))
  const project = (): Promise<string> =>
    world.cluster.serviceAccountToken({ namespace: 'shop', serviceAccount, audience: tokenAudience, expiresIn })
  const parts = {
    subject: fileTokenSource({ path: '/token', read: project, audience: tokenAudience, now }),
    readSecret: async () => pod.secret ?? secret,
    newId: () => crypto.randomUUID(),
    outbound,
    now,
  }
  return record.kind === 'token-exchange'
    ? tokenExchange(read.value as TokenExchangeProvider, parts)
    : clientCredentials(read.value as ClientCredentialsProvider, parts)
}

/** Credentials of the role, by way of the identity provider. */
export function credentialsOf(world: World, source: TokenSource) {
  const limits = { connectTimeout: 5_000, totalTimeout: 10_000 }
  const sts = createSts({ region: 'eu-west-1', endpoint: world.sts.url, ca: ca.pem, ...limits, now })
  const request = { roleArn: world.sts.roleArn('app'), roleSessionName: 'shop.web.web-0', durationSeconds: 3600 }
  return webIdentity(source, sts, request)(never)
}

/** What a promise is rejected with, after a look for secrets in it. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw thrown
  const shown = [thrown.message, thrown.stack, JSON.stringify(thrown)].join('\n')
  expect(shown).not.toMatch(/c4nary|eyJ[\w-]+\.eyJ|BEGIN PRIVATE/)
  return thrown
}
