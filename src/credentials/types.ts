import type { Failure } from '../errors/index.ts'

/** A point in time: milliseconds since the epoch. Whose clock it is, the name of the field says. */
export type Instant = number
export type Milliseconds = number

/**
 * Temporary credentials as STS issued them (STS API, Credentials and AssumedRoleUser).
 * `expires` and `issued` are in STS's clock; `skew` takes them to the pod's.
 */
export type SessionCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expires: Instant
  /** The Date header of the answer; the local clock where STS sent none. */
  readonly issued: Instant
  /** STS's clock minus the pod's, 0 where it is too small to be told from the network. */
  readonly skew: Milliseconds
  /** The ARN of the role that was asked for; clients want it as RoleArn. */
  readonly roleArn: string
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  readonly assumedRoleArn: string
  readonly accountId: string
}

/** How an identity becomes credentials; every call is one attempt. Throws Failure. */
export type Obtain = (signal: AbortSignal) => Promise<SessionCredentials>

/** What a session holds, judged at one instant: the only thing that the endpoint sees of it. */
export type CredentialsView =
  | {
      readonly kind: 'held'
      readonly credentials: SessionCredentials
      readonly expires: Instant /* in the pod's clock */
    }
  | { readonly kind: 'none'; readonly lastFailure: FailureNote | undefined }

/** What is remembered of a failed attempt: it survives a restart and is shown to people, so it holds no secret. */
export type FailureNote = { readonly code: Failure['code']; readonly message: string; readonly at: Instant }

/** A session as the rest of the sidecar sees it. */
export type Session = {
  /** The name of its container, or `default`. */
  readonly name: string
  view(): CredentialsView
  /** A client wants credentials: renews what is due; resolves when something changed, or after `atMost`. */
  asked(atMost: Milliseconds): Promise<void>
}
