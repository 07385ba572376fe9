import { brokerTable } from './brokerTable.ts'
import { codesOf, type LabelEntry, type MetricEntry } from './entry.ts'
import { webhookTable } from './webhookTable.ts'

export const stsOperations = ['AssumeRoleWithWebIdentity', 'AssumeRole', 'AssumeRoleWithSAML', 'other'] as const
export const endpointProtocols = ['container', 'imds'] as const
/** The statuses that the endpoint answers. */
export const endpointStatuses = ['200', '400', '401', '403', '404', '405', '503', 'other'] as const
/** What a failed refresh can be due to. */
export const refreshCodes: readonly string[] = [...['token', 'provider', 'saml', 'sts'].flatMap(codesOf), 'Internal']

const session: LabelEntry = { from: 'the name of the container that has a role of its own, or default' }
const role: LabelEntry = { from: "the ARN of the session's last role" }

/** Every metric of Lanyard, declared once: the reference page is generated from it. Times are Unix seconds. */
export const metrics = {
  ...webhookTable,
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
  ...brokerTable,
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
