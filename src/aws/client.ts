import { Agent } from 'node:https'
import { STSClient } from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Milliseconds } from '../credentials/types.ts'

type ClientOptions = {
  readonly region: string
  /** An https URL; called at every request. */
  readonly endpoint: () => string
  /** PEM; in place of the public authorities. */
  readonly ca?: string | undefined
  readonly connectTimeout: Milliseconds
  readonly version?: string | undefined
}

/**
 * A bare STSClient for calls that are not signed. Every value that the SDK would else look up in the environment, in
 * `~/.aws` or at an instance metadata service is given here, even where it is the SDK's default.
 */
export function createClient({ region, endpoint, ca, connectTimeout, version }: ClientOptions): STSClient {
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
    credentials: noCredentials,
    authSchemePreference: async () => [],
    sigv4aSigningRegionSet: async () => undefined,
    userAgentAppId: async () => undefined,
    defaultUserAgentProvider: async () => [version === undefined ? ['lanyard'] : ['lanyard', version]],
    // A socket timeout of 0: the one for the whole exchange is the caller's, and a variable would turn on a default.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectTimeout,
      socketTimeout: 0,
      httpsAgent: createAgent(ca),
    }),
  })
  // It would send a trace id of the environment along.
  client.middlewareStack.remove('recursionDetectionMiddleware')
  return client
}

/** Without keep-alive: between two calls lies half an hour. */
function createAgent(ca: string | undefined): Agent {
  return new Agent({
    keepAlive: false,
    minVersion: 'TLSv1.2',
    // Else NODE_TLS_REJECT_UNAUTHORIZED decides.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
  })
}

async function noCredentials(): Promise<never> {
  throw new Error('a call that needs no signature asked for credentials')
}
