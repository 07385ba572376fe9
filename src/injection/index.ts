/**
 * What happens to a pod that asks for credentials: `decide` says it, `toPatch` writes it. Pure: no I/O, no clock.
 */
import { decide } from './decide.ts'
import { toPatch } from './patch.ts'
import type { AdmissionOutcome, InjectionContext, Pod } from './types.ts'

export { speaksItself } from './asked.ts'
export { decide } from './decide.ts'
export { admitEks, asksEks } from './eks.ts'
export * as layout from './layout.ts'
export { toPatch } from './patch.ts'
export { catchAllPatterns } from './permission.ts'
export { serviceAccountOf } from './sources.ts'
export type {
  AdmissionOutcome,
  Annotations,
  Decision,
  InjectionContext,
  JsonPatchOperation,
  Plan,
  Pod,
  Sources,
  Target,
} from './types.ts'

/** The decision with its patch, as an admission webhook answers it. */
export function admit(raw: unknown, context: InjectionContext): AdmissionOutcome {
  const decision = decide(raw, context)
  if (decision.kind !== 'inject') return decision
  const { plan, warnings } = decision
  const patch = toPatch(raw as Pod, plan)
  return {
    kind: 'inject',
    patch,
    warnings,
    audit: { roles: JSON.stringify(plan.roles) },
  }
}
