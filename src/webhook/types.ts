import type { AdmissionOutcome } from '../injection/types.ts'

/** Decides about a pod that is to be created in the namespace. Whatever it throws refuses the pod. */
export type Admit = (pod: unknown, request: { readonly namespace: string }) => AdmissionOutcome

/** How a review can end. */
export type ReviewResult = 'inject' | 'skip' | 'deny' | 'refuse' | 'error'

/** Where reviews are counted. */
export type ReviewMetrics = {
  admission(outcome: ReviewResult, reason: string, seconds: number): void
}

/** Where the expiration of the serving certificate is shown, in Unix seconds. */
export type CertificateMetrics = {
  servingCertificateExpires(unixSeconds: number): void
}
