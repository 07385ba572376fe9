/** How whoever retries goes about it: see `credentials/schedule.ts` for the schedules. */
export type Retry = 'backoff' | 'rereadToken' | 'slow'

/**
 * Where a code is met: at admission, as a skip, by the webhook's client, at the sidecar's sources of identity, at STS, at the
 * endpoint, at the broker, at the API server, at start; at the cluster's issuer, in a trust policy, by the doctor.
 */
export type Area =
  | 'admission'
  | 'skip'
  | 'review'
  | 'token'
  | 'provider'
  | 'saml'
  | 'sts'
  | 'endpoint'
  | 'user'
  | 'cluster'
  | 'process'
  | 'issuer'
  | 'trust'
  | 'doctor'

export type CodeEntry = {
  readonly area: Area
  /** What happened, one sentence. */
  readonly cause: string
  /** What to change. */
  readonly fix: string
  /** Only where somebody retries. */
  readonly retry?: Retry
}
