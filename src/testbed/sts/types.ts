import type { Dialect } from './dialects.ts'
import type { Parameters } from './parameters.ts'
import type { RequestFacts } from './requestFacts.ts'
import type { PolicyDocument } from './sessionPolicy.ts'
import type { SessionTags } from './tags.ts'
import type { TrustPolicyDocument } from './trustDocument.ts'
import type { XmlElement } from './xml.ts'

/** An IAM OpenID Connect provider of the account. */
export type IdentityProvider = {
  /** The issuer, exactly as in the tokens' `iss`. */
  url: string
  /** The audiences that the provider was registered with. */
  clientIds: readonly string[]
  /** PEM of the authority behind the issuer's https; without it, the public ones. */
  ca?: string
  /**
   * A token that the issuer wants to see before it shows its keys, as a cluster's API server does; asked for each time.
   * It is sent to the issuer's discovery document and to the JWKS that this document names, wherever that is, and always
   * under `ca`. An issuer could so send it anywhere: give one that it issued itself.
   */
  bearer?: () => string | Promise<string>
}

/** An IAM SAML provider of the account. */
export type SamlProvider = {
  /** The last part of its ARN, e.g. `corporate`. */
  name: string
  /** The identity provider's SAML 2.0 metadata, XML. */
  metadata: string
}

/** A SAML provider as STS uses it. */
export type KnownSamlProvider = {
  name: string
  arn: string
  /** The issuer of its responses. */
  entityId: string
  /** PEM; at least one. */
  certificates: readonly string[]
}

/** A provider whose access tokens are opaque, which STS knows without registration. */
export type LoginProvider = {
  providerId: 'www.amazon.com' | 'graph.facebook.com'
  /** Where a token is asked about: Amazon's token info address, or the base of Facebook's Graph API. */
  tokenInfoUrl: string
  /** The apps whose tokens are taken, by client ID or app ID; without it those of any, as AWS takes them. */
  clientIds?: readonly string[]
  /** PEM of the authority behind its https; without it, the public ones. */
  ca?: string
}

/** An IAM role of the account. */
export type Role = {
  name: string
  /** Begins and ends with a slash. @default '/' */
  path?: string
  /** Who may assume it. */
  trustPolicy: TrustPolicyDocument
  /** Seconds, 3600 to 43200. @default 3600 */
  maxSessionDuration?: number
  /**
   * Which roles its sessions may assume, by ARN, `*` for anything: all that is modelled of a role's permissions.
   * @default ['*']
   */
  mayAssume?: readonly string[]
}

/** A role with its defaults filled in and the id that IAM would give it. */
export type KnownRole = {
  name: string
  arn: string
  /** `AROA…`, the same for the same account and role. */
  id: string
  trustPolicy: TrustPolicyDocument
  maxSessionDuration: number
  mayAssume: readonly string[]
}

/** What a session is to be. */
export type SessionRequest = {
  role: KnownRole
  name: string
  /** Epoch milliseconds, whole seconds. */
  expiration: number
  tags?: SessionTags
  sourceIdentity?: string | undefined
  /** What narrows it: the inline session policy, and the managed ones by their ARNs. */
  policy?: PolicyDocument | undefined
  policyArns?: readonly string[]
}

/** A session that STS has issued credentials for. */
export type Session = SessionRequest & {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** The sessions by access key. */
export type SessionStore = {
  issue(request: SessionRequest): Session
  find(accessKeyId: string): Session | undefined
}

/** The account as the actions see it. */
export type Account = {
  accountId: string
  partition: string
  /** How it differs from AWS. */
  dialect: Dialect
  providers: ReadonlyMap<string, IdentityProvider>
  /** By ARN. */
  samlProviders: ReadonlyMap<string, KnownSamlProvider>
  /** By their ids. */
  logins: ReadonlyMap<string, LoginProvider>
  /** By ARN. */
  roles: ReadonlyMap<string, KnownRole>
}

/** A request as it came over the wire, its body read. */
export type StsRequest = {
  method: string
  /** The path without the query. */
  path: string
  /** The query as it was sent, without the question mark. */
  query: string
  /** Names in lower case; repeated ones joined by a comma. */
  headers: ReadonlyMap<string, string>
  body: Buffer
  /** From the form body and the query together. */
  parameters: Parameters
}

/** What an action knows besides its request. */
export type ActionContext = {
  account: Account
  sessions: SessionStore
  /** The server's time, epoch milliseconds; a fault may have skewed it. */
  now: number
  /** Seconds that a session may last at most, whatever was asked for, where a fault says so. */
  sessionLimit: number
}

/** What an action answers: the content of its `…Result` element, the role it was about, and the key it was signed with. */
type ActionResult = {
  content: readonly XmlElement[]
  role: string
  accessKeyId?: string
  /** What is worth remembering and did not stand in the parameters. */
  facts?: RequestFacts
}

/**
 * One action of the API.
 * @throws StsFailure for everything that is not a success.
 */
export type Action = (request: StsRequest, context: ActionContext) => Promise<ActionResult>
