import { Failure, type Problem } from '../errors/index.ts'
import {
  type Annotations,
  admit,
  admitEks,
  asksEks,
  type InjectionContext,
  type Sources,
  serviceAccountOf,
} from '../injection/index.ts'
import type { Lookup } from './lookup.ts'
import type { Admit, Entry } from './types.ts'

/** What is the same for every pod. */
export type Ground = Omit<InjectionContext, 'namespace' | 'sources'>

/**
 * The decision about pods, with what their ServiceAccount and namespace say; without a lookup, by what they say themselves.
 * A pod that asks for Lanyard is refused where that cannot be read; at EKS's entry the failure is thrown.
 */
export function admitPods(ground: Ground, lookup: Lookup | undefined): Admit {
  return async (pod, { namespace, entry }) => {
    try {
      const sources = lookup && (await readSources(lookup, { namespace, entry, ground, name: serviceAccountOf(pod) }))
      return (entry === 'eks' ? admitEks : admit)(pod, { ...ground, namespace, ...(sources && { sources }) })
    } catch (thrown) {
      if (entry === 'eks' || !(thrown instanceof Failure)) throw thrown
      return { kind: 'deny', problems: thrown.problems.map(unreadable), warnings: [] }
    }
  }
}

type Reading = { readonly namespace: string; readonly name: string; readonly entry: Entry; readonly ground: Ground }

async function readSources(lookup: Lookup, { namespace, name, entry, ground }: Reading): Promise<Sources> {
  // What is permitted must not be out of date where it is what the operator relies on.
  const now = ground.config['permission.mode'] === 'required'
  const ofNamespace = (): Promise<Annotations> => lookup.namespace(namespace, now)
  if (entry === 'lanyard') {
    const [annotations, permitted] = await Promise.all([lookup.serviceAccount(namespace, name), ofNamespace()])
    return { serviceAccount: { name, annotations }, namespace: permitted }
  }
  // Pods of the whole cluster come here, and nearly all of them go on from here.
  const annotations = await lookup.serviceAccount(namespace, name)
  return { serviceAccount: { name, annotations }, namespace: asksEks(annotations) ? await ofNamespace() : {} }
}

const unreadable = ({ code, field, message }: Problem): Problem => ({
  code: 'SourceUnreadable',
  ...(field !== undefined && { field }),
  message: `${code}: ${message}`,
})
