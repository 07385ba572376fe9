import { createHash } from 'node:crypto'
import { Failure } from '../../errors/index.ts'
import type { CheckedAssertion } from './checkResponse.ts'

/** What one session has redeemed. */
export type Redeemed = {
  /** Throws Failure SamlReplayed. */
  readonly refuse: (assertion: CheckedAssertion) => void
  readonly add: (assertion: CheckedAssertion) => void
}

/** A session that is renewed every minute needs as many before the first of them is too old to be taken anyway. */
const MOST = 64

/**
 * Remembers assertions that STS gave credentials for, the latest `most` of them as digests: none is redeemed twice. One per
 * session, for two sessions of a pod may redeem the assertion in the same file, each for its own role.
 */
export function rememberRedeemed(most: number = MOST): Redeemed {
  const seen = new Set<string>()
  return {
    refuse: (assertion) => {
      if (!seen.has(digestOf(assertion))) return
      throw new Failure({ code: 'SamlReplayed', message: 'the assertion has been redeemed already' })
    },
    add: (assertion) => {
      seen.add(digestOf(assertion))
      const [oldest] = seen
      if (seen.size > most && oldest !== undefined) seen.delete(oldest)
    },
  }
}

const digestOf = ({ issuer, id }: CheckedAssertion): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, id]))
    .digest('base64url')
