/** The admission server: AdmissionReview v1 in and out, its TLS, its health and metrics port, and its end. */
export { admitPods, type Ground } from './admitPods.ts'
export { type CertificateFiles, type CertificateFilesOptions, certificateFiles } from './certificateFiles.ts'
export { type DrainOptions, drain } from './drain.ts'
export {
  type ConnectionLimits,
  type StoppableServer,
  startWebhook,
  type WebhookServer,
  type WebhookServerOptions,
} from './listen.ts'
export type { Lookup } from './lookup.ts'
export { type ObserveOptions, type ObserveServer, startObserve } from './observe.ts'
export { createWebhook, type WebhookOptions } from './server.ts'
export { type CertificatePair, type CertificateSource, checkCertificate, fixedCertificate } from './tls.ts'
export type { Admit, CertificateMetrics, ReviewMetrics, ReviewResult } from './types.ts'
