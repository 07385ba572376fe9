import type { Instant } from '../../credentials/index.ts'
import { type Code, Failure } from '../../errors/index.ts'
import { type FileTokenOptions, fileTokenSource, type TokenSource } from '../index.ts'
import type { FileProvider } from './provider.ts'

/** What is the same trouble with the pod's own token is another with a file that somebody else writes. */
const codes: Readonly<Partial<Record<Code, Code>>> = {
  TokenFileMissing: 'ProviderFileMissing',
  TokenFileUnreadable: 'ProviderFileUnreadable',
  TokenEmpty: 'ProviderFileUnreadable',
  TokenNotJwt: 'ProviderFileUnreadable',
  TokenTooLarge: 'ProviderTokenTooLarge',
  TokenExpired: 'ProviderFileStale',
  TokenAudience: 'ProviderTokenAudience',
  TokenIssuer: 'ProviderTokenIssuer',
}

export type FileParts = Pick<FileTokenOptions, 'path' | 'read'> & { readonly now: () => Instant }

/**
 * An OIDC token that another container of the pod keeps fresh in a file, read anew at every call; its issuer, azp or aud, and
 * expiry are checked before it is sent. Its signature only STS verifies. Throws Failure.
 */
export function verifiedFile({ issuer, stsAudience }: FileProvider, parts: FileParts): TokenSource {
  const source = fileTokenSource({ ...parts, audience: stsAudience, issuer })
  return async (signal) => {
    try {
      return await source(signal)
    } catch (thrown) {
      throw thrown instanceof Failure ? translated(thrown) : thrown
    }
  }
}

function translated(failure: Failure): Failure {
  const code = codes[failure.code]
  const [problem] = failure.problems
  return code === undefined || problem === undefined ? failure : new Failure({ code, message: problem.message })
}
