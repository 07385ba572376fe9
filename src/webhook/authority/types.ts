import type { Log } from '../../terminal/log.ts'
import type { SecretStore, TrustStore } from './ports.ts'

/** Milliseconds since the epoch, by the local clock. */
export type Instant = number
export type Milliseconds = number

/** Time, as it is handed in. */
export type AuthorityClock = {
  readonly now: () => Instant
  /** Since the machine started: nobody sets it. */
  readonly uptime: () => Milliseconds
  /** Calls once, soon if the instant has passed, and returns how to cancel. */
  readonly wakeAt: (at: Instant, fn: () => void) => () => void
}

/** From when to when something is good. `created` is the real instant: what a certificate says is a little earlier. */
export type Validity = { readonly created: Instant; readonly expires: Instant }

/** A certificate authority of our own. */
export type Authority = Validity & {
  /** SHA-256 of its certificate, hex. */
  readonly id: string
  /** PEM. */
  readonly cert: string
  /** PKCS #8, PEM; without it the authority signs no more. */
  readonly key: string | undefined
  /** Until when an authority without key is trusted, for certificates that are served still. */
  readonly until: Instant | undefined
}

/** How long things last, in milliseconds. */
export type Terms = {
  readonly caLifetime: Milliseconds
  /** Of a serving certificate, at most. */
  readonly certificateLifetime: Milliseconds
  /** How long an authority has been in every caBundle before a certificate of it is served. */
  readonly settle: Milliseconds
}

/** Where the API server reaches the webhook. */
export type ServiceName = { readonly service: string; readonly namespace: string }

export type AuthoritySettings = ServiceName & Terms

/** Where the expiration of the authority is shown that signed the serving certificate, in Unix seconds. */
export type AuthorityMetrics = {
  caExpires(unixSeconds: number): void
}

/** What an authority runs on. */
export type AuthorityParts = {
  readonly secret: SecretStore
  readonly trust: TrustStore
  readonly clock: AuthorityClock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly settings: AuthoritySettings
  readonly log: Log
  readonly metrics: AuthorityMetrics
}
