import type { ClusterPort } from '../ground.ts'
import { type JsonObject, textAt } from './objects.ts'
import { dryRunPlace } from './places.ts'
import { isOwnLack } from './refusals.ts'

export type DryRun =
  | { readonly kind: 'made'; readonly pod: JsonObject }
  /** By whomever, with the API server's words. */
  | { readonly kind: 'refused'; readonly words: string }
  /** The caller may not make pods, so that nothing is known. */
  | { readonly kind: 'forbidden' }

/** Has the API server do everything with a pod but keep it. */
export async function dryRun(cluster: ClusterPort, namespace: string, pod: JsonObject): Promise<DryRun> {
  const { status, value } = await cluster.create(dryRunPlace(namespace), { apiVersion: 'v1', kind: 'Pod', ...pod })
  if (status >= 200 && status < 300) return { kind: 'made', pod: value }
  const words = textAt(value, 'message') ?? `HTTP ${status}`
  return status === 403 && isOwnLack(words) ? { kind: 'forbidden' } : { kind: 'refused', words }
}
