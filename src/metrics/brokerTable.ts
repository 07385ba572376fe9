import { codesOf, type MetricEntry } from './entry.ts'

/** How a request for credentials of a user can end. */
export const userResults: readonly string[] = [
  'Success',
  ...codesOf('user'),
  ...codesOf('provider'),
  ...codesOf('sts'),
  ...codesOf('endpoint'),
  'Internal',
]

/** The metrics of the broker alone. */
export const brokerTable = {
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
} as const satisfies Record<string, MetricEntry>
