import type { Panel, Row, Target } from './dashboardModel.ts'

/** What the reader has chosen; the series of the webhook have its own namespace, and are not chosen by it. */
const chosen = '{namespace=~"$namespace"}'
const sumBy = (labels: string, series: string): string => `sum by (${labels}) (${series}${chosen})`
const over = (sum: string, count: string, labels: string): string => `${sumBy(labels, sum)} / ${sumBy(labels, count)}`

const stat = (title: string, unit: string, expr: string, more: Partial<Panel> = {}): Panel => ({
  title,
  kind: 'stat',
  unit,
  width: 4,
  targets: [{ expr }],
  ...more,
})
const graph = (title: string, unit: string, targets: readonly Target[], more: Partial<Panel> = {}): Panel => ({
  title,
  kind: 'timeseries',
  unit,
  width: 8,
  targets,
  ...more,
})

const failing = `max by (namespace) (namespace_code:lanyard_sessions_failing:count${chosen})`

const overview: Row = {
  title: 'Sidecars',
  panels: [
    stat('Sessions', 'short', `sum(namespace:lanyard_sessions:count${chosen})`, {
      about: 'A session is a role of a pod; containers with the same role share one.',
    }),
    stat(
      'Without credentials',
      'short',
      `sum(namespace:lanyard_sessions:count${chosen}) - sum(namespace:lanyard_sessions_held:count${chosen})`,
      { limits: { orange: 1, red: 10 }, about: 'Pods that begin are counted too.' },
    ),
    stat('Failing for 10 minutes', 'short', `sum(${failing}) or vector(0)`, { limits: { orange: 1, red: 10 } }),
    stat('The first to expire', 's', `min(namespace:lanyard_credentials_remaining_seconds:min${chosen})`, {
      limits: { orange: 600, red: 300, falling: true },
    }),
    stat('Greatest clock skew', 's', `max(namespace:lanyard_clock_skew_seconds:max${chosen})`, {
      limits: { orange: 60, red: 240 },
    }),
    stat('Replicas of the webhook', 'short', 'count(lanyard_admission_duration_seconds_count) or vector(0)', {
      limits: { orange: 2, red: 1, falling: true },
    }),
    graph('Sessions by namespace', 'short', [
      { expr: sumBy('namespace', 'namespace:lanyard_sessions:count'), legend: '{{namespace}}' },
    ]),
    graph(
      'Time left, of the first to expire',
      's',
      [
        {
          expr: `min by (namespace) (namespace:lanyard_credentials_remaining_seconds:min${chosen})`,
          legend: '{{namespace}}',
        },
      ],
      { about: 'Renewed at half of the life: below a third of it something is wrong.' },
    ),
    graph('Sessions that fail', 'short', [
      {
        expr: sumBy('namespace, code', 'namespace_code:lanyard_sessions_failing:count'),
        legend: '{{namespace}} {{code}}',
      },
    ]),
    graph('Refreshes', 'reqps', [
      {
        expr: sumBy('result, code', 'namespace_result_code:lanyard_credentials_refreshes:rate5m'),
        legend: '{{result}} {{code}}',
      },
    ]),
    graph('Answers of STS, average time', 's', [
      {
        expr: over(
          'namespace_operation:lanyard_sts_request_duration_seconds_sum:rate5m',
          'namespace_operation:lanyard_sts_request_duration_seconds_count:rate5m',
          'operation',
        ),
        legend: '{{operation}}',
      },
    ]),
    graph('Clock skew', 's', [
      { expr: `max by (namespace) (namespace:lanyard_clock_skew_seconds:max${chosen})`, legend: '{{namespace}}' },
    ]),
    graph('Requests for credentials by status', 'reqps', [
      { expr: sumBy('code', 'namespace_protocol_code:lanyard_endpoint_requests:rate5m'), legend: '{{code}}' },
    ]),
    graph('Requests for credentials, average time', 's', [
      {
        expr: over(
          'namespace_protocol:lanyard_endpoint_request_duration_seconds_sum:rate5m',
          'namespace_protocol:lanyard_endpoint_request_duration_seconds_count:rate5m',
          'protocol',
        ),
        legend: '{{protocol}}',
      },
    ]),
    {
      title: 'The next to expire',
      kind: 'table',
      unit: 's',
      width: 8,
      targets: [
        {
          expr: `bottomk(10, min by (namespace, pod, session) ((lanyard_credentials_expiration_timestamp_seconds${chosen} > 0) - time()))`,
        },
      ],
    },
  ],
}

const quantile = (q: number): Target => ({
  expr: `histogram_quantile(${q}, sum by (le) (rate(lanyard_admission_duration_seconds_bucket[$__rate_interval])))`,
  legend: `p${q * 100}`,
})

const webhook: Row = {
  title: 'Webhook',
  panels: [
    graph('Reviews by outcome', 'reqps', [
      {
        expr: 'sum by (outcome) (rate(lanyard_admission_requests_total[$__rate_interval]))',
        legend: '{{outcome}}',
      },
    ]),
    graph('Reviews that were not injected, by reason', 'reqps', [
      {
        expr: 'sum by (outcome, reason) (rate(lanyard_admission_requests_total{outcome!="inject"}[$__rate_interval])) > 0',
        legend: '{{outcome}} {{reason}}',
      },
    ]),
    graph('Time of a review', 's', [quantile(0.5), quantile(0.9), quantile(0.99)]),
    graph('Certificates, time left', 's', [
      {
        expr: 'min by (pod) (lanyard_serving_certificate_expiration_timestamp_seconds - time())',
        legend: '{{pod}} certificate',
      },
      { expr: 'min by (pod) (lanyard_ca_expiration_timestamp_seconds - time())', legend: '{{pod}} authority' },
    ]),
    graph('Watches, time since they held the whole truth', 's', [
      {
        expr: 'max by (pod, resource) (time() - lanyard_watch_last_sync_timestamp_seconds)',
        legend: '{{pod}} {{resource}}',
      },
    ]),
    graph(
      'Processes by version',
      'short',
      [
        {
          expr: 'count by (version) (lanyard_build_info and on (namespace, pod) lanyard_admission_duration_seconds_count)',
          legend: 'webhook {{version}}',
        },
        {
          // By the instance: a pod with a broker has two processes.
          expr: 'count by (version) (lanyard_build_info unless on (namespace, pod) lanyard_admission_duration_seconds_count unless on (instance) lanyard_user_credentials_cache_entries)',
          legend: 'sidecar {{version}}',
        },
        {
          expr: 'count by (version) (lanyard_build_info and on (instance) lanyard_user_credentials_cache_entries)',
          legend: 'broker {{version}}',
        },
      ],
      { about: 'Sidecars keep the version that their pod was created with.' },
    ),
  ],
}

const userRequests = 'namespace_provider_code:lanyard_user_credentials_requests:rate5m'

const brokers: Row = {
  title: 'Brokers of users',
  panels: [
    graph('Requests for credentials of users, by provider', 'reqps', [
      { expr: sumBy('provider', userRequests), legend: '{{provider}}' },
    ]),
    graph('Those that got none, by reason', 'reqps', [
      {
        expr: `sum by (namespace, code) (${userRequests}{namespace=~"$namespace", code!="Success"}) > 0`,
        legend: '{{namespace}} {{code}}',
      },
    ]),
    graph(
      'Sessions of users that are kept',
      'short',
      [{ expr: sumBy('namespace', 'namespace:lanyard_user_credentials_cache_entries:sum'), legend: '{{namespace}}' }],
      { about: 'Flat at its limit, users lose theirs to others: STS is asked more often than it need be.' },
    ),
  ],
}

export const rows: readonly Row[] = [overview, brokers, webhook]
