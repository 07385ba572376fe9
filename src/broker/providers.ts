import type { Clock } from '../credentials/index.ts'
import type { Outbound } from '../federation/index.ts'
import type { UserProvider } from '../settings/index.ts'
import { amazonVerifier, facebookVerifier } from './accessTokens.ts'
import { idTokenVerifier } from './idToken.ts'
import { issuerKeys } from './keys.ts'
import type { Provider } from './types.ts'

/** A public issuer: where it is asked for its keys, how it calls itself in tokens, and how it signs them. */
export type LoginIssuer = {
  readonly issuer: string
  /** All of its spellings, the first being the one that users are known by. */
  readonly spellings: readonly [string, ...string[]]
  readonly algorithms: readonly string[]
}
export type LoginIssuers = Readonly<Record<'google' | 'apple', LoginIssuer>>

/** Google Identity, OpenID Connect, Validating an ID token; Sign in with Apple REST API, Verifying a user. */
export const LOGIN_ISSUERS: LoginIssuers = {
  google: {
    issuer: 'https://accounts.google.com',
    spellings: ['https://accounts.google.com', 'accounts.google.com'],
    algorithms: ['RS256'],
  },
  apple: {
    issuer: 'https://appleid.apple.com',
    spellings: ['https://appleid.apple.com'],
    algorithms: ['RS256'],
  },
}

export type ProviderParts = {
  /** The issuers of `google` and `apple`: LOGIN_ISSUERS, in everything that runs. */
  readonly issuers: LoginIssuers
  readonly outbound: Outbound
  readonly clock: Pick<Clock, 'now' | 'uptime'>
}

/** What verifies the tokens of one provider; nothing is asked of anybody yet. */
export function createProvider(declared: UserProvider, { issuers, outbound, clock }: ProviderParts): Provider {
  const { clientIds } = declared
  switch (declared.kind) {
    case 'amazon': {
      const verify = amazonVerifier({ clientIds, outbound, clock, endpoint: declared.tokenInfoEndpoint })
      return { verify, providerId: 'www.amazon.com' }
    }
    case 'facebook': {
      const endpoint = declared.graphEndpoint.replace(/\/$/, '')
      return { verify: facebookVerifier({ clientIds, outbound, endpoint }), providerId: 'graph.facebook.com' }
    }
    default: {
      const { issuer, spellings, algorithms } = issuerOf(declared, issuers)
      const { requireNonce, maxTokenAge } = declared
      const keys = issuerKeys({ issuer, outbound, clock })
      const expected = { issuers: spellings, clientIds, requireNonce, maxAge: maxTokenAge * 1_000 }
      return { verify: idTokenVerifier({ ...expected, algorithms, keys, clock }) }
    }
  }
}

type OfIdTokens = Extract<UserProvider, { kind: 'oidc' | 'google' | 'apple' }>

function issuerOf(declared: OfIdTokens, issuers: LoginIssuers): LoginIssuer {
  if (declared.kind !== 'oidc') return issuers[declared.kind]
  const { issuer, algorithms } = declared
  return { issuer, spellings: [issuer], algorithms }
}
