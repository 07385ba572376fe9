import type { Instant } from '../credentials/types.ts'

/** STS API, AssumeRoleWithWebIdentity. */
export type WebIdentityRequest = {
  readonly roleArn: string
  /** 2 to 64 characters of `[\w+=,.@-]`. */
  readonly roleSessionName: string
  /** The identity token itself. */
  readonly token: string
  /** 900 to 43200, and no longer than the role allows. */
  readonly durationSeconds: number
  /** An inline session policy, JSON. */
  readonly policy?: string
  /** Managed session policies, at most 10. */
  readonly policyArns?: readonly string[]
}

/** What STS answered, not judged yet: any field may be missing, whatever the API reference says. */
export type StsAnswer = {
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: string | undefined
  readonly sessionToken?: string | undefined
  /** By STS's clock. */
  readonly expires?: Instant | undefined
  readonly assumedRoleArn?: string | undefined
  /** The Date header of the answer: STS's clock, in whole seconds. */
  readonly date?: Instant | undefined
  /** The local clock when the answer came. */
  readonly localTime: Instant
}

/**
 * What federation needs of AWS STS or of a server that speaks like it. One call is one attempt: no retries inside.
 * Throws Failure, made by `toStsFailure` or `toNetworkFailure`. An exchange takes the one operation it needs
 * (`Pick<Sts, …>`), so that further operations (AssumeRole, AssumeRoleWithSAML) join without touching it.
 */
export type Sts = {
  assumeRoleWithWebIdentity(request: WebIdentityRequest, signal: AbortSignal): Promise<StsAnswer>
}
