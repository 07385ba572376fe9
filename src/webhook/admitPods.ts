import { Failure, type Problem } from '../errors/index.ts'
import { admit, admitEks, type InjectionContext, type Sources, serviceAccountOf } from '../injection/index.ts'
import type { Lookup } from './lookup.ts'
import type { Admit } from './types.ts'

/** What is the same for every pod. */
export type Ground = Omit<InjectionContext, 'namespace' | 'sources'>

/**
 * The decision about pods, with what their ServiceAccount and namespace say; without a lookup, by what they say themselves.
 * A pod that asks for Lanyard is refused where that cannot be read; at EKS's entry the failure is thrown.
 */
export function admitPods(ground: Ground, lookup: Lookup | undefined): Admit {
  return async (pod, { namespace, entry }) => {
    try {
      const sources =
        lookup === undefined ? {} : { sources: await readSources(lookup, namespace, serviceAccountOf(pod)) }
      return (entry === 'eks' ? admitEks : admit)(pod, { ...ground, namespace, ...sources })
    } catch (thrown) {
      if (entry === 'eks' || !(thrown instanceof Failure)) throw thrown
      return { kind: 'deny', problems: thrown.problems.map(unreadable), warnings: [] }
    }
  }
}

async function readSources(lookup: Lookup, namespace: string, name: string): Promise<Sources> {
  const [annotations, ofNamespace] = await Promise.all([
    lookup.serviceAccount(namespace, name),
    lookup.namespace(namespace),
  ])
  return { serviceAccount: { name, annotations }, namespace: ofNamespace }
}

const unreadable = ({ code, field, message }: Problem): Problem => ({
  code: 'SourceUnreadable',
  ...(field !== undefined && { field }),
  message: `${code}: ${message}`,
})
