import { Failure } from '../errors/index.ts'
import type { Annotations } from '../injection/index.ts'
import { isObject, type JsonObject } from '../json/index.ts'
import { textAt, valueAt } from './json.ts'
import { titleOf } from './parse.ts'
import type { Manifest } from './types.ts'
import { objectsIn } from './workloads.ts'

/** What manifests say about pods beside the pods: undefined where an object is not among them. */
export type Said = {
  readonly namespace: (name: string) => Annotations | undefined
  readonly serviceAccount: (namespace: string, name: string) => Annotations | undefined
}

/**
 * The annotations of Namespaces and ServiceAccounts among the documents; the last one of a name counts, as it does when they
 * are applied. `namespace` is of ServiceAccounts that name none.
 * @throws Failure ManifestMalformed where annotations are no texts, which the API server refuses as well.
 */
export function readSaid(manifests: readonly Manifest[], namespace: string): Said {
  const namespaces = new Map<string, Annotations>()
  const accounts = new Map<string, Annotations>()
  const located = manifests.flatMap((manifest) =>
    manifest.value === undefined ? [] : objectsIn(manifest.value).map((each) => ({ ...each, manifest })),
  )
  for (const { object, kind, manifest } of located) {
    if (textAt(object, 'apiVersion') !== 'v1') continue
    const name = textAt(object, 'metadata', 'name') ?? ''
    const home = textAt(object, 'metadata', 'namespace') || namespace
    if (kind === 'Namespace') namespaces.set(name, annotationsOf(object, manifest))
    if (kind === 'ServiceAccount') accounts.set(`${home}/${name}`, annotationsOf(object, manifest))
  }
  return {
    namespace: (name) => namespaces.get(name),
    serviceAccount: (of, name) => accounts.get(`${of}/${name}`),
  }
}

function annotationsOf(object: JsonObject, manifest: Manifest): Annotations {
  const annotations = valueAt(object, ['metadata', 'annotations']) ?? {}
  const isRight = isObject(annotations) && Object.values(annotations).every((value) => typeof value === 'string')
  if (isRight) return annotations as Annotations
  const message = `the annotations of ${textAt(object, 'kind')} ${textAt(object, 'metadata', 'name')} are not all texts`
  throw new Failure({ code: 'ManifestMalformed', field: titleOf(manifest), message })
}
