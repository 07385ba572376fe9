/** What is wrong with a pod, a workload, a service account or a namespace, and what to change first. */
export { checksToApp, checksToSidecar } from './cluster/checks.ts'
export { createGround, type GroundOptions } from './cluster/createGround.ts'
export { type IdentityOptions, identityGroundOf, type Outside, seenFromOutside } from './cluster/identityGround.ts'
export { readTarget, targetTextOf } from './cluster/target.ts'
export type { ClusterPort, Ground, Subject, Target } from './ground.ts'
export {
  type Exchanged,
  type Failing,
  type IdentityGround,
  identityChecks,
  intendedOf,
  type SeenToken,
} from './identity/index.ts'
export { createWatcher } from './progress.ts'
export { firstToMend, formatChecked, formatSummary, toJson } from './report.ts'
export { findingsOf, runChecks, worstOf } from './run.ts'
export type { Check, Checked, Finding, Verdict, Watcher } from './types.ts'
