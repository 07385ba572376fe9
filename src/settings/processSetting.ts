import type { Kind } from './kinds/kind.ts'

export type ProcessSetting<T = unknown> = {
  readonly kind: Kind<T>
  readonly doc: string
  /** In the kind's own grammar. Without one the setting may be absent, or must be there if `required`. */
  readonly default?: string
  readonly required?: true
}

/** A value to copy: the default, which fits best, or the kind's example. */
export const exampleOf = ({ kind, default: fallback }: ProcessSetting): string => fallback ?? kind.example
