import type { JsonObject } from '../json/index.ts'
import type { TrustStore } from '../webhook/authority/ports.ts'
import { type PatchOperation, patchObject, readObject } from './exchange.ts'
import { invalidAnswer } from './explain.ts'
import { objectAt, versionOf } from './json.ts'
import { webhookConfigurationPlace } from './places.ts'
import type { Cluster } from './types.ts'

/** The caBundle of every entry of a MutatingWebhookConfiguration; nothing else of it is written. */
export function trustStore(cluster: Cluster, where: { readonly name: string }): TrustStore {
  const place = webhookConfigurationPlace(where)
  return {
    async read() {
      const configuration = await readObject(cluster, place)
      const [version, bundles] = [versionOf(configuration), bundlesOf(configuration)]
      if (version === undefined || bundles === undefined) {
        throw invalidAnswer(
          { verb: 'get', title: place.title, path: '' },
          'the answer is no MutatingWebhookConfiguration',
        )
      }
      return { bundles, version }
    },
    write: (bundles, version) =>
      patchObject(cluster, place, { version, operations: bundles.map(replace), secrets: [] }),
  }
}

const replace = (bundle: string, at: number): PatchOperation => ({
  op: 'add',
  path: `/webhooks/${at}/clientConfig/caBundle`,
  value: Buffer.from(bundle, 'utf8').toString('base64'),
})

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
