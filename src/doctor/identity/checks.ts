import type { Check } from '../types.ts'
import { iamProvider } from './iamProvider.ts'
import { role } from './iamRole.ts'
import { issuerAddress, issuerPublished } from './issuerChecks.ts'
import { clock, exchange, region, token } from './stsChecks.ts'
import type { IdentityGround } from './types.ts'

/**
 * From the token to the credentials, in the order in which STS comes upon them: what is wrong with the issuer makes every
 * exchange fail, what is wrong with a role only its own.
 */
export const identityChecks: readonly Check<IdentityGround>[] = [
  token,
  issuerAddress,
  issuerPublished,
  iamProvider,
  region,
  clock,
  role,
  exchange,
]
