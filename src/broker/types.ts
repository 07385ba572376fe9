import type { Instant, SessionCredentials } from '../credentials/types.ts'
import type { Failure } from '../errors/index.ts'
import type { WebIdentityRequest } from '../federation/index.ts'

/** What an app asks for; names and a token, never an ARN or a policy. */
export type UserRequest = {
  /** A name of the operator's userProviders. */
  readonly provider: string
  /** A name of the operator's userRoles. */
  readonly role: string
  /** The ID token, or the access token, of the user's login: a secret. */
  readonly token: string
  /** What the app sent along with that login. */
  readonly nonce?: string
}

/** Who a provider vouches for, by a token that was verified just now. */
export type VerifiedUser = {
  /** One spelling for each provider. */
  readonly issuer: string
  /** Personal data: it goes into a hash and nowhere else. */
  readonly subject: string
  /** The client ID of the app that the token is meant for (azp, else aud). */
  readonly audience: string
  /** When the token ends, by the provider's clock; unknown of some access tokens. */
  readonly expires?: Instant
}

/** A token as it came with a request. */
export type Presented = Pick<UserRequest, 'token' | 'nonce'>

/** Verifies a token anew. Throws Failure. */
export type Verify = (presented: Presented, signal: AbortSignal) => Promise<VerifiedUser>

/** A provider of users as the broker has it. */
export type Provider = {
  readonly verify: Verify
  /** Of those whose access tokens say nothing themselves: STS is told whose they are. */
  readonly providerId?: NonNullable<WebIdentityRequest['providerId']>
}

/** What became of a request; whatever it holds but the credentials can be logged. */
export type Outcome = {
  /** Names that the operator knows, else `other`. */
  readonly provider: string
  readonly role: string
  /** The user's name for machines, once it is known who it is. */
  readonly user?: string
} & (
  | {
      readonly kind: 'granted'
      readonly user: string
      readonly credentials: SessionCredentials
      /** Whether STS was asked for them just now. */
      readonly fresh: boolean
    }
  | {
      readonly kind: 'refused'
      readonly failure: Failure
      /** In whole seconds, where it makes sense to ask again. */
      readonly retryAfter?: number
    }
)
