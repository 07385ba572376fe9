/** How whoever retries goes about it: see `credentials/schedule.ts` for the schedules. */
export type Retry = 'backoff' | 'rereadToken' | 'slow'

/** Where a code is met: at admission, as a skip, by the webhook's client, at the sidecar's sources, at the endpoint, at the API server, at start. */
export type Area = 'admission' | 'skip' | 'review' | 'token' | 'sts' | 'endpoint' | 'cluster' | 'process'

export type CodeEntry = {
  readonly area: Area
  /** What happened, one sentence. */
  readonly cause: string
  /** What to change. */
  readonly fix: string
  /** Only where somebody retries. */
  readonly retry?: Retry
}
