import { type Annotations, admitEks, type InjectionContext } from '../../../src/injection/index.ts'
import { applied } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'

/** Annotations as they are on a ServiceAccount. */
export const eks = (of: Annotations): Annotations =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [`eks.amazonaws.com/${name}`, value]))

export type Given = { readonly account?: Annotations; readonly namespace?: Annotations; readonly settings?: Json }

/** Compatibility is on, and the account has a role. */
export function contextOf({ account = {}, namespace = {}, settings = {} }: Given = {}): InjectionContext {
  const annotations = { ...eks({ 'role-arn': ROLE }), ...account }
  const sources = { serviceAccount: { name: 'web', annotations }, namespace }
  return gen.context({ 'compatibility.eks': true, ...settings }, { sources })
}

/** A pod that says nothing to us. */
export const podOf = (spec: Json = {}, annotations?: Annotations): Json => ({
  ...gen.pod({}, spec),
  metadata: { name: 'web', ...(annotations && { annotations }) },
})

/** The pod as EKS's entry has it. */
export function granted(pod: Json, given: Given = {}): Json {
  const outcome = admitEks(pod, contextOf(given))
  if (outcome.kind !== 'inject') throw new Error(JSON.stringify(outcome))
  return applied(pod, outcome.patch)
}
