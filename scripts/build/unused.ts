/** What programs import, by way of others, and never call: their bundles are without. */

/**
 * Of prom-client, what measures Node itself, pushes, gathers workers, or keeps more of a duration than its sum; with it goes
 * the OpenTelemetry API. Of the AWS SDK, how settings and credentials are found in files and at metadata services,
 * signatures for several regions at once, event streams, traces, S3, and retries by a rate: the client is given what it
 * needs, and whoever holds a session repeats its attempts.
 */
const UNUSED = [
  'prom-client/lib/(defaultMetrics|pushgateway|cluster|histogram|summary)\\.js',
  '@aws-sdk/(credential-provider-node|signature-v4-multi-region)/.*',
  '@aws-sdk/client-sts/package\\.json',
  '@aws/lambda-invoke-store/.*',
  '@smithy/core/.*/event-streams/.*',
  '@smithy/core/.*/shared-ini-file-loader/.*',
  '@smithy/core/.*/getInstanceMetadataRegion\\.js',
  '@smithy/core/.*/service-customizations/s3\\.js',
  '@smithy/core/.*/util-retry/(AdaptiveRetryStrategy|DefaultRateLimiter)\\.js',
  '@smithy/core/.*/serde/(date-utils|lazy-json|parse-utils|split-header)\\.js',
  '@smithy/core/.*/util-stream/stream-collector(\\.browser)?\\.js',
  '@aws-sdk/core/.*/util-user-agent-node/defaultUserAgent\\.js',
  '@aws-sdk/core/.*/lib/aws/(isVirtualHostableS3Bucket|parseArn)\\.js',
]

/** Of these, what the SDK does without where it is not there: it signs for one region then. */
export const ABSENT = /\/@aws-sdk\/signature-v4-multi-region\//

/** Where no call is signed, since a token or an assertion stands for the caller. */
const SIGNATURES = [
  '@smithy/signature-v4/.*',
  '@smithy/core/.*/checksum/.*',
  '@aws-sdk/core/.*/aws_sdk/AwsSdkSigV4A?Signer\\.js',
  '@aws-sdk/core/.*/getUpdatedSystemClockOffset\\.js',
]

/** Tables of what other programs say and are told; those of its own a program names itself. */
export const TABLES = {
  admission: 'errors/codes/admission',
  cluster: 'errors/codes/cluster',
  review: 'errors/codes/review',
  provider: 'errors/codes/provider',
  saml: 'errors/codes/saml',
  user: 'errors/codes/user',
  operators: 'errors/codes/(issuer|trust|doctor)',
  webhookSettings: 'settings/webhookSettings',
  brokerSettings: 'settings/brokerSettings',
  identityProviders: 'settings/identity(Fields|Providers)',
  userCredentials: 'settings/userCredentials',
  webhookMetrics: 'metrics/webhookTable',
  brokerMetrics: 'metrics/brokerTable',
} as const
type Table = keyof typeof TABLES

/** Of a program that pods run: what it never does, and the tables of others but for these. */
export function unusedIn(calls: 'signed' | 'unsigned', ...own: readonly Table[]): RegExp {
  const packages = calls === 'signed' ? UNUSED : [...UNUSED, ...SIGNATURES]
  const others = (Object.keys(TABLES) as Table[]).filter((name) => !own.includes(name)).map((name) => TABLES[name])
  return new RegExp(`/(node_modules/(${packages.join('|')})|src/(${others.join('|')})\\.ts)$`)
}

/**
 * Of the Kubernetes client, the model of the whole API and all ways to authenticate but a pod's own token: no proxies, no
 * OpenID Connect, no plugins.
 */
export const UNUSED_IN_CLUSTER = new RegExp(
  `/node_modules/(${[
    '@kubernetes/client-node/dist/(gen/(index|rxjsStub)|middleware)\\.js',
    '(undici|hpagent|socks|socks-proxy-agent|jsonpath-plus|openid-client)/.*',
  ].join('|')})$`,
)
