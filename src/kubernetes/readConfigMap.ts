import { readObject } from './exchange.ts'
import { invalidAnswer } from './explain.ts'
import { objectAt } from './json.ts'
import { configMapPlace } from './places.ts'
import type { Cluster } from './types.ts'

/** One text of a ConfigMap. Rejects with a Failure of the area `cluster`, also where it has no such key. */
export async function readConfigMap(
  cluster: Cluster,
  { namespace, name, key }: { readonly namespace: string; readonly name: string; readonly key: string },
): Promise<string> {
  const place = configMapPlace({ namespace, name })
  const data = objectAt(await readObject(cluster, place), 'data') ?? {}
  const text = Object.hasOwn(data, key) ? data[key] : undefined
  if (typeof text === 'string') return text
  throw invalidAnswer({ verb: 'get', title: place.title, path: '' }, `it has no ${key}`)
}
