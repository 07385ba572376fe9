import { applyPatch, type Operation } from 'rfc6902'
import { admit, admitEks, type InjectionContext, type JsonPatchOperation } from '../../src/injection/index.ts'
import type { AdmissionOutcome } from '../../src/injection/types.ts'
import { gen, type Json } from './gen.ts'

type Injected = Extract<AdmissionOutcome, { kind: 'inject' }>
type Denied = Extract<AdmissionOutcome, { kind: 'deny' }>

/** The pod after the patch, by a library that is not ours; the pod that came stays as it is. */
export function applied(pod: unknown, patch: readonly JsonPatchOperation[]): Json {
  const copy = structuredClone(pod) as Json
  const failed = applyPatch(copy, structuredClone(patch) as unknown as Operation[]).find((result) => result !== null)
  if (failed) throw failed
  return copy
}

/** The decision as the API server comes to it, which asks the entry for EKS's annotations last. */
export function admitByEntries(pod: unknown, context: InjectionContext): AdmissionOutcome {
  const own = admit(pod, context)
  const eks = own.kind === 'skip' ? admitEks(pod, context) : own
  return eks.kind === 'skip' ? own : eks
}

export function mutatedByEntries(pod: unknown, context: InjectionContext): Json {
  const outcome = admitByEntries(pod, context)
  if (outcome.kind !== 'inject') throw new Error(`not injected: ${JSON.stringify(outcome)}`)
  return applied(pod, outcome.patch)
}

export function injected(pod: unknown, context: InjectionContext = gen.context()): Injected {
  const outcome = admit(pod, context)
  if (outcome.kind !== 'inject') throw new Error(`not injected: ${JSON.stringify(outcome)}`)
  return outcome
}

export function denied(pod: unknown, context: InjectionContext = gen.context()): Denied {
  const outcome = admit(pod, context)
  if (outcome.kind !== 'deny') throw new Error(`not denied: ${JSON.stringify(outcome)}`)
  return outcome
}

export const mutated = (pod: unknown, context: InjectionContext = gen.context()): Json =>
  applied(pod, injected(pod, context).patch)

/** The codes of a denial, in their order. */
export const codesOf = (pod: unknown, context: InjectionContext = gen.context()): readonly string[] =>
  denied(pod, context).problems.map(({ code }) => code)
