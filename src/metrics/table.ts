import { codes, describe } from '../errors/index.ts'

/** The processes that have metrics. */
export type MetricProcess = 'webhook' | 'sidecar' | 'broker'

/** The values of a label, where they are a closed set; else where they come from, which must be as small. */
export type LabelEntry = { readonly values: readonly string[] } | { readonly from: string }

export type MetricEntry = {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  /** One sentence, the HELP line too. */
  readonly help: string
  readonly processes: readonly MetricProcess[]
  readonly labels: Readonly<Record<string, LabelEntry>>
  /** Upper bounds in seconds, of histograms. */
  readonly buckets?: readonly number[]
}

const codesOf = (area: string): readonly string[] =>
  (Object.keys(codes) as (keyof typeof codes)[]).filter((code) => describe(code).area === area)

/** How an admission review can end, and the reasons of each. */
export const admissionReasons = {
  inject: ['Patched', 'Unchanged'],
  skip: codesOf('skip'),
  deny: codesOf('admission'),
  refuse: codesOf('review').filter((code) => code !== 'Internal'),
  error: ['Internal'],
} as const

/** What the webhook watches, by the plural that RBAC uses. */
export const watchedResources = ['secrets', 'mutatingwebhookconfigurations', 'serviceaccounts', 'namespaces'] as const
export const stsOperations = ['AssumeRoleWithWebIdentity', 'AssumeRole', 'AssumeRoleWithSAML', 'other'] as const
export const endpointProtocols = ['container', 'imds'] as const
/** The statuses that the endpoint answers. */
export const endpointStatuses = ['200', '400', '401', '403', '404', '405', '503', 'other'] as const
/** What a failed refresh can be due to. */
export const refreshCodes: readonly string[] = [...['token', 'provider', 'saml', 'sts'].flatMap(codesOf), 'Internal']

/** How a request for credentials of a user can end. */
export const userResults: readonly string[] = [
  'Success',
  ...codesOf('user'),
  ...codesOf('provider'),
  ...codesOf('sts'),
  ...codesOf('endpoint'),
  'Internal',
]

const session: LabelEntry = { from: 'the name of the container that has a role of its own, or default' }
const role: LabelEntry = { from: "the ARN of the session's last role" }

/** Every metric of Lanyard, declared once: the reference page is generated from it. Times are Unix seconds. */
export const metrics = {
  lanyard_admission_requests_total: {
    type: 'counter',
    help: 'Admission reviews by how they ended and why; of a denial with several problems, the first.',
    processes: ['webhook'],
    labels: {
      outcome: { values: Object.keys(admissionReasons) },
      reason: { values: [...Object.values(admissionReasons).flat(), 'other'] },
    },
  },
  lanyard_admission_duration_seconds: {
    type: 'histogram',
    help: 'Time from the head of an admission review to its answer.',
    processes: ['webhook'],
    labels: {},
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  lanyard_serving_certificate_expiration_timestamp_seconds: {
    type: 'gauge',
    help: 'When the certificate of the webhook expires.',
    processes: ['webhook'],
    labels: {},
  },
  lanyard_ca_expiration_timestamp_seconds: {
    type: 'gauge',
    help: 'When the built-in authority that signed the certificate of the webhook expires.',
    processes: ['webhook'],
    labels: {},
  },
  lanyard_watch_last_sync_timestamp_seconds: {
    type: 'gauge',
    help: 'When a watch of the API server last held the whole truth.',
    processes: ['webhook'],
    labels: { resource: { values: watchedResources } },
  },
  lanyard_credentials_expiration_timestamp_seconds: {
    type: 'gauge',
    help: 'When the credentials that a session serves expire; 0 where it serves none.',
    processes: ['sidecar'],
    labels: { session, role },
  },
  lanyard_credentials_last_refresh_timestamp_seconds: {
    type: 'gauge',
    help: 'When a session last obtained credentials; 0 before the first.',
    processes: ['sidecar'],
    labels: { session, role },
  },
  lanyard_credentials_refreshes_total: {
    type: 'counter',
    help: 'Attempts of a session to obtain credentials; code is none where they succeeded.',
    processes: ['sidecar'],
    labels: {
      session,
      role,
      result: { values: ['success', 'failure'] },
      code: { values: ['none', ...refreshCodes, 'other'] },
    },
  },
  lanyard_user_credentials_requests_total: {
    type: 'counter',
    help: 'Requests for credentials of users by how they ended.',
    processes: ['broker'],
    labels: {
      provider: { from: "the names of the operator's userProviders, none where a request named none, or other" },
      role: { from: "the names of the operator's userRoles, none where a request named none, or other" },
      code: { values: [...userResults, 'other'] },
    },
  },
  lanyard_user_credentials_cache_entries: {
    type: 'gauge',
    help: 'Sessions of users that are kept.',
    processes: ['broker'],
    labels: {},
  },
  lanyard_sts_request_duration_seconds: {
    type: 'summary',
    help: 'Time that STS took to answer or to fail; a histogram where buckets are set.',
    processes: ['sidecar', 'broker'],
    labels: { operation: { values: stsOperations } },
  },
  lanyard_endpoint_requests_total: {
    type: 'counter',
    help: 'Requests for credentials by the HTTP status of the answer.',
    processes: ['sidecar'],
    labels: { protocol: { values: endpointProtocols }, code: { values: endpointStatuses } },
  },
  lanyard_endpoint_request_duration_seconds: {
    type: 'summary',
    help: 'Time from a request for credentials to its answer; a histogram where buckets are set.',
    processes: ['sidecar'],
    labels: { protocol: { values: endpointProtocols } },
  },
  lanyard_identity_token_expiration_timestamp_seconds: {
    type: 'gauge',
    help: 'When the identity token that was last read expires; 0 before the first.',
    processes: ['sidecar'],
    labels: {},
  },
  lanyard_clock_skew_seconds: {
    type: 'gauge',
    help: "The clock of STS minus the pod's; 0 where it is too small to be told from the network.",
    processes: ['sidecar'],
    labels: {},
  },
  lanyard_build_info: {
    type: 'gauge',
    help: 'Always 1; the version is in the label.',
    processes: ['webhook', 'sidecar', 'broker'],
    labels: { version: { from: 'the version of Lanyard' } },
  },
} as const satisfies Record<string, MetricEntry>

export type MetricName = keyof typeof metrics
/** The metric's entry, with its optional fields visible. */
export const describeMetric = (name: MetricName): MetricEntry => metrics[name]
