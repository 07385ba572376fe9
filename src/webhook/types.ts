import type { AdmissionOutcome } from '../injection/types.ts'

/** Who asks: the entries for our own annotations, or the one for those of the EKS pod identity webhook. */
export type Entry = 'lanyard' | 'eks'

/** Decides about a pod that is to be created in the namespace. Whatever it throws refuses the pod, but see `handleReview`. */
export type Admit = (
  pod: unknown,
  request: { readonly namespace: string; readonly entry: Entry },
) => AdmissionOutcome | Promise<AdmissionOutcome>

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
