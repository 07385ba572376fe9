import type { Kind, ValueOf } from './kinds/kind.ts'

export type ProcessSetting<T = unknown> = {
  readonly kind: Kind<T>
  readonly doc: string
  /** In the kind's own grammar. Without one the setting may be absent, or must be there if `required`. */
  readonly default?: string
  readonly required?: true
}

/** Settings by their names. */
export type Fields = Readonly<Record<string, ProcessSetting>>

type HasValue<S> = S extends { default: string } | { required: true } ? true : false

/** What a table of settings is read as. */
export type ValuesOf<T> = {
  readonly [K in keyof T]:
    | (T[K] extends { kind: infer Kind } ? ValueOf<Kind> : never)
    | (HasValue<T[K]> extends true ? never : undefined)
}

/** A value to copy: the default, which fits best, or the kind's example. */
export const exampleOf = ({ kind, default: fallback }: ProcessSetting): string => fallback ?? kind.example
