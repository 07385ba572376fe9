import { Registry } from 'prom-client'
import { buildInfo, counterOf, durationOf, gaugeOf, knownOr, type MetricsText, textOf } from './build.ts'
import { admissionReasons, type watchedResources } from './webhookTable.ts'

export type WatchedResource = (typeof watchedResources)[number]
export type AdmissionResult = keyof typeof admissionReasons

/** The recorders of the webhook. All times are in seconds, instants in Unix seconds. */
export type WebhookMetrics = {
  /** One answered review: how it ended, the (first) code of why, and how long it took. */
  admission(outcome: AdmissionResult, reason: string, seconds: number): void
  servingCertificateExpires(unixSeconds: number): void
  /** Of the built-in authority that signed the serving certificate. */
  caExpires(unixSeconds: number): void
  /** A watch held the whole truth. */
  watchSynced(resource: WatchedResource, unixSeconds: number): void
  text(): Promise<MetricsText>
}

/** The metrics of a webhook process, in a registry of their own; every known outcome exists at 0 from the start. */
export function webhookMetrics({ version }: { readonly version: string }): WebhookMetrics {
  const registry = new Registry()
  const requests = counterOf('lanyard_admission_requests_total', registry)
  const duration = durationOf('lanyard_admission_duration_seconds', registry)
  const certificate = gaugeOf('lanyard_serving_certificate_expiration_timestamp_seconds', registry)
  const ca = gaugeOf('lanyard_ca_expiration_timestamp_seconds', registry)
  const watch = gaugeOf('lanyard_watch_last_sync_timestamp_seconds', registry)
  buildInfo(version, registry)
  for (const [outcome, reasons] of Object.entries(admissionReasons)) {
    for (const reason of reasons) requests.inc({ outcome, reason }, 0)
  }
  return {
    admission(outcome, reason, seconds) {
      requests.inc({ outcome, reason: knownOr(admissionReasons[outcome], reason) })
      duration.observe({}, seconds)
    },
    servingCertificateExpires: (unixSeconds) => certificate.set(unixSeconds),
    caExpires: (unixSeconds) => ca.set(unixSeconds),
    watchSynced: (resource, unixSeconds) => watch.set({ resource }, unixSeconds),
    text: () => textOf(registry),
  }
}
