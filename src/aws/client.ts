import { Agent } from 'node:https'
import { STSClient } from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Milliseconds } from '../credentials/types.ts'
import { type ProxyOptions, proxyEnvOf, type SigningKeys } from '../federation/index.ts'

/** What signs the requests of a client. */
export type Signing = {
  readonly keys: SigningKeys
  /** What is added to the process's clock for the date of a signature. */
  readonly clockOffset: Milliseconds
}

type ClientOptions = {
  readonly region: string
  /** An https URL; called at every request. */
  readonly endpoint: () => string
  readonly agent: Agent
  readonly connectTimeout: Milliseconds
  readonly version?: string | undefined
  /** Without, the client can make those calls alone that are not signed. */
  readonly signing?: Signing | undefined
}

/**
 * A bare STSClient. Every value that the SDK would else look up in the environment, in `~/.aws` or at an instance
 * metadata service is given here, even where it is the SDK's default.
 */
export function createClient({ region, endpoint, agent, connectTimeout, version, signing }: ClientOptions): STSClient {
  const client = new STSClient({
    region,
    endpoint: async () => ({ url: new URL(endpoint()) }),
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useGlobalEndpoint: false,
    defaultsMode: 'standard',
    // Whoever holds the session repeats an attempt, by a schedule that knows of credentials and of the token.
    maxAttempts: 1,
    retryMode: 'standard',
    credentials: signing === undefined ? noCredentials : async () => ({ ...signing.keys }),
    systemClockOffset: signing?.clockOffset ?? 0,
    disableClockSkewCorrection: false,
    authSchemePreference: async () => [],
    sigv4aSigningRegionSet: async () => undefined,
    userAgentAppId: async () => undefined,
    defaultUserAgentProvider: async () => [version === undefined ? ['lanyard'] : ['lanyard', version]],
    // A socket timeout of 0: the one for the whole exchange is the caller's, and a variable would turn on a default.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectTimeout,
      socketTimeout: 0,
      httpsAgent: agent,
    }),
  })
  // It would send a trace id of the environment along.
  client.middlewareStack.remove('recursionDetectionMiddleware')
  return client
}

/** Without keep-alive: between two calls lies half an hour. `ca` is PEM, in place of the public authorities. */
export function createAgent({ ca, ...by }: ProxyOptions & { readonly ca?: string | undefined }): Agent {
  const proxyEnv = proxyEnvOf(by)
  return new Agent({
    keepAlive: false,
    minVersion: 'TLSv1.2',
    // Else NODE_TLS_REJECT_UNAUTHORIZED decides.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(proxyEnv === undefined ? {} : { proxyEnv }),
  })
}

async function noCredentials(): Promise<never> {
  throw new Error('a call that needs no signature asked for credentials')
}
