import type { Asked } from './asked.ts'
import type { InjectionContext, InjectionSettings, Pod, Target } from './types.ts'

/** What was found out about a pod that asks. */
export type Basis = {
  readonly pod: Pod
  readonly targets: readonly Target[]
  readonly settings: InjectionSettings
  readonly asked: Asked
  readonly context: InjectionContext
}
