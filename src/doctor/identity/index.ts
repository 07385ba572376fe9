/** Whether the pod's identity can become credentials: the issuer, its keys, the role, the way to STS, the exchange. */
export { identityChecks } from './checks.ts'
export { intendedOf } from './intended.ts'
export type { Exchanged, Failing, IdentityGround, Intended, SeenToken } from './types.ts'
