import { codesOf, type MetricEntry } from './entry.ts'

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
/** The metrics of the webhook alone. */
export const webhookTable = {
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
} as const satisfies Record<string, MetricEntry>
