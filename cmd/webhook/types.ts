import type { WebhookMetrics } from '../../src/metrics/index.ts'
import type { Log } from '../../src/terminal/log.ts'
import type { CertificateSource } from '../../src/webhook/index.ts'

/** What every way to a certificate needs; `certificatePoll` in milliseconds. */
export type CertificateParts = { readonly log: Log; readonly metrics: WebhookMetrics; readonly certificatePoll: number }
/** A certificate to serve. */
export type Certificates = {
  readonly source: CertificateSource
  /** Whether the API server trusts what is served, as far as it can be known here. */
  readonly trusted: () => boolean
  stop(): Promise<void>
}
