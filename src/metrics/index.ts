export { type BrokerMetrics, type BrokerMetricsOptions, brokerMetrics, type UserResult } from './broker.ts'
export type { MetricsText } from './build.ts'
export type { LabelEntry, MetricEntry, MetricProcess } from './entry.ts'
export {
  type EndpointProtocol,
  type RefreshResult,
  type SessionLabels,
  type SidecarMetrics,
  type SidecarMetricsOptions,
  sidecarMetrics,
} from './sidecar.ts'
export { describeMetric, type MetricName, metrics } from './table.ts'
export { type AdmissionResult, type WatchedResource, type WebhookMetrics, webhookMetrics } from './webhook.ts'
