import type { Instant, SessionCredentials } from '../credentials/types.ts'

/** What is asked for by every operation that gives a role's credentials. */
export type RoleRequest = {
  readonly roleArn: string
  /** 900 to 43200, and no longer than the role allows; 3600 at most for AssumeRole by a role (role chaining). */
  readonly durationSeconds: number
  /** An inline session policy, JSON. */
  readonly policy?: string
  /** Managed session policies, at most 10. */
  readonly policyArns?: readonly string[]
}

/** STS API, AssumeRoleWithWebIdentity. */
export type WebIdentityRequest = RoleRequest & {
  /** 2 to 64 characters of `[\w+=,.@-]`. */
  readonly roleSessionName: string
  /** The identity token itself. */
  readonly token: string
  /** For access tokens of these two alone, never for OIDC. */
  readonly providerId?: 'www.amazon.com' | 'graph.facebook.com'
}

/** STS API, AssumeRoleWithSAML: the session's name stands in the assertion. */
export type SamlRequest = RoleRequest & {
  /** ARN of the IAM SAML provider. */
  readonly principalArn: string
  /** The response with the assertion as base64, 4 to 100,000 characters: a secret. */
  readonly assertion: string
}

/** STS API, AssumeRole. */
export type AssumeRoleRequest = RoleRequest & {
  readonly roleSessionName: string
  /** 2 to 1224 characters. */
  readonly externalId?: string
  /** Session tags, at most 50. */
  readonly tags?: ReadonlyMap<string, string>
  /** 2 to 64 characters; it stays for all that is assumed from then on. */
  readonly sourceIdentity?: string
}

/** What a request is signed with. */
export type SigningKeys = Pick<SessionCredentials, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>

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
 * (`Pick<Sts, …>`).
 */
export type Sts = {
  assumeRoleWithWebIdentity(request: WebIdentityRequest, signal: AbortSignal): Promise<StsAnswer>
  assumeRoleWithSaml(request: SamlRequest, signal: AbortSignal): Promise<StsAnswer>
  assumeRole(request: AssumeRoleRequest, keys: SigningKeys, signal: AbortSignal): Promise<StsAnswer>
}

export type StsOperation = 'AssumeRoleWithWebIdentity' | 'AssumeRoleWithSAML' | 'AssumeRole'
