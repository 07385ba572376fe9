import type { Milliseconds, Obtain } from '../../src/credentials/index.ts'
import {
  type AssumeRoleRequest,
  fileTokenSource,
  type Holder,
  type IdentityRequest,
  type OpenSts,
  type Sts,
  type TokenSource,
  webIdentity,
} from '../../src/federation/index.ts'
import { readSmallFile } from '../../src/files/index.ts'
import type { SidecarSettings } from './settings.ts'

/** What is at hand for an exchange. */
export type ExchangeParts = SidecarSettings & {
  readonly sts: Sts
  readonly now: () => number
  /** A token source whose latest token's expiry is a metric. */
  readonly watch: (source: TokenSource) => TokenSource
}

/** What a program can make credentials of: the plain sidecar's knows the service account alone, so that it weighs little. */
export type Exchanges = {
  readonly openSts: OpenSts
  /** How the pod's identity becomes credentials; called once, for all sessions. */
  readonly byIdentity: (parts: ExchangeParts) => (request: IdentityRequest) => Obtain
  /** Absent where only the service account is known, and nothing is chained. */
  readonly more?: {
    readonly byRole: (holder: Holder, sts: Sts, request: AssumeRoleRequest) => Obtain
  }
}

/** The pod's own token as kubelet writes it. */
export const ownToken = ({ config, values, now }: Pick<ExchangeParts, 'config' | 'values' | 'now'>): TokenSource =>
  fileTokenSource({ path: config['identity.tokenFile'], read: readSmallFile, audience: values.audience, now })

/** The service account's token, by AssumeRoleWithWebIdentity. */
export const byServiceAccount: Exchanges['byIdentity'] = (parts) => {
  const source = parts.watch(ownToken(parts))
  return (request) => webIdentity(source, parts.sts, request)
}

/** Timeouts of calls that go out. */
export const TIMEOUTS: { readonly connectTimeout: Milliseconds; readonly totalTimeout: Milliseconds } = {
  connectTimeout: 2000,
  totalTimeout: 10_000,
}
