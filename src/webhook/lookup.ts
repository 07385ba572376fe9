import type { Annotations } from '../injection/types.ts'

/**
 * What is said about pods beside the pods: the annotations of ServiceAccounts and namespaces; none where the object has none,
 * or is not there, at the moment of the call or later. What there is may be as old as a watch is silent before it is given
 * up: `now` asks for what is there at the moment. Rejects with a Failure of the area `cluster`.
 */
export type Lookup = {
  readonly serviceAccount: (namespace: string, name: string) => Promise<Annotations>
  readonly namespace: (name: string, now: boolean) => Promise<Annotations>
}
