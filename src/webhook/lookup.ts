import type { Annotations } from '../injection/types.ts'

/**
 * What is said about pods beside the pods: the annotations of ServiceAccounts and namespaces, as they were at the moment of
 * the call or later; none where the object has none, or is not there. Rejects with a Failure of the area `cluster`.
 */
export type Lookup = {
  readonly serviceAccount: (namespace: string, name: string) => Promise<Annotations>
  readonly namespace: (name: string) => Promise<Annotations>
}
