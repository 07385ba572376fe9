import type { TrustStore } from '../webhook/authority/ports.ts'
import { type PatchOperation, patchObject, readObject } from './exchange.ts'
import { invalidAnswer } from './explain.ts'
import { objectAt, versionOf } from './json.ts'
import { webhookConfigurationPlace } from './places.ts'
import type { Cluster, JsonObject } from './types.ts'

/** The caBundle of every entry of a MutatingWebhookConfiguration; nothing else of it is written. */
export function trustStore(cluster: Cluster, where: { readonly name: string }): TrustStore {
  const place = webhookConfigurationPlace(where)
  const read: TrustStore['read'] = async () => {
    const configuration = await readObject(cluster, place)
    const [version, bundles] = [versionOf(configuration), bundlesOf(configuration)]
    if (version === undefined || bundles === undefined) {
      throw invalidAnswer(
        { verb: 'get', title: place.title, path: '' },
        'the answer is no MutatingWebhookConfiguration',
      )
    }
    return { bundles, version }
  }
  return {
    read,
    async write(bundle, version) {
      // How many entries there are is known of that version only.
      const current = await read()
      if (current.version !== version) return 'conflict'
      const value = Buffer.from(bundle, 'utf8').toString('base64')
      const operations = current.bundles.map((_, at): PatchOperation => ({ op: 'add', path: bundlePath(at), value }))
      return patchObject(cluster, place, { version, operations, secrets: [] })
    },
  }
}

const bundlePath = (at: number): string => `/webhooks/${at}/clientConfig/caBundle`

/** PEM by entry; undefined where it cannot be read. */
function bundlesOf({ webhooks = [] }: JsonObject): readonly string[] | undefined {
  const entries: unknown = webhooks ?? []
  if (!Array.isArray(entries)) return undefined
  const bundles = entries.map((entry: unknown) => {
    const bundle = objectAt(entry, 'clientConfig')?.['caBundle'] ?? ''
    return typeof bundle === 'string' ? Buffer.from(bundle, 'base64').toString('utf8') : undefined
  })
  return bundles.every((bundle) => bundle !== undefined) ? bundles : undefined
}
