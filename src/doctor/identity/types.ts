import type { Problem } from '../../errors/index.ts'
import type { IdentityToken, Outbound } from '../../federation/index.ts'

/** A role that is to be had by the pod's identity itself, at the beginning of a chain or alone. */
export type IntendedRole = {
  readonly session: string
  readonly roleArn: string
  readonly durationSeconds: number
}

/** What a pod's sidecar is told, as far as its identity and AWS are concerned. */
export type Intended = {
  /** `pod/web` and the like, for messages. */
  readonly title: string
  readonly namespace: string
  readonly roles: readonly IntendedRole[]
  readonly audience: string
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject: string
  readonly region: string
  /** Where the operator or the pod named one. */
  readonly stsEndpoint: string | undefined
  /** Whether AWS itself verifies the token: then the issuer must be public. */
  readonly isAws: boolean
  /** The name of the operator's identity provider, where the pod does not come by its service account alone. */
  readonly provider: string | undefined
}

/** A token that is there, and the key that signed it. */
export type SeenToken = { readonly token: IdentityToken; readonly kid: string | undefined }

/** What an exchange from here came to. */
export type Exchanged = {
  readonly session: string
  readonly roleArn: string
  /** The ARN that STS, asked with the credentials, answers: whose they are. */
  readonly callerArn: string
}

/** A session that gets no credentials, and why. */
export type Failing = {
  readonly session: string
  readonly problem: Problem
  /** Whether what it has got before is still served. */
  readonly isHeld?: boolean
}

/** What the checks of the identity go by; what a place does not have is undefined, and its checks are skipped. */
export type IdentityGround = {
  /** Undefined where no pod asks for a role. */
  readonly intended: () => Promise<Intended | undefined>
  /** The issuer and its keys as the API server publishes them. */
  readonly live: (() => Promise<{ readonly discovery: string; readonly keys: string }>) | undefined
  /** Reads the pod's token. Rejects with the Failure that the sidecar would have. */
  readonly token: (() => Promise<SeenToken>) | undefined
  /** What the sidecar fails with, by its session. */
  readonly failing: (() => Promise<readonly Failing[]>) | undefined
  /** STS's clock minus the pod's, in milliseconds; undefined where nobody knows. */
  readonly skew: () => Promise<number | undefined>
  /** For the two public documents of an issuer. */
  readonly fetchPublic: Outbound
  /** Exchanges for real; a Failure for each session that fails. */
  readonly exchange: ((signal: AbortSignal) => Promise<readonly (Exchanged | Failing)[]>) | undefined
  /** What `aws iam get-role` printed, of each role that was given. */
  readonly roleFile: string | undefined
  /** What `aws iam get-open-id-connect-provider` printed. */
  readonly providerFile: string | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Goes on evenly, in milliseconds. */
  readonly uptime: () => number
}
