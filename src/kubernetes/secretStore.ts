import { isObject, type JsonObject } from '../json/index.ts'
import type { SecretStore } from '../webhook/authority/ports.ts'
import { type PatchOperation, patchObject, readObject } from './exchange.ts'
import { invalidAnswer } from './explain.ts'
import { versionOf } from './json.ts'
import { secretPlace } from './places.ts'
import type { Cluster } from './types.ts'

/** A Secret of the cluster: of its data alone the values that change are written, whatever else it carries stays. */
export function secretStore(
  cluster: Cluster,
  where: { readonly namespace: string; readonly name: string },
): SecretStore {
  const place = secretPlace(where)
  return {
    async read() {
      const secret = await readObject(cluster, place)
      const [version, values] = [versionOf(secret), valuesOf(secret)]
      if (version === undefined || values === undefined) {
        throw invalidAnswer({ verb: 'get', title: place.title, path: '' }, 'the answer is no Secret')
      }
      return { values, version }
    },
    write(changes, { values, version }) {
      // An empty map is not kept, and nothing can be added to what is not there.
      const empty: PatchOperation[] = Object.keys(values).length > 0 ? [] : [{ op: 'add', path: '/data', value: {} }]
      const operations = [...empty, ...Object.entries(changes).flatMap(([key, text]) => operationsOf(key, text))]
      const texts = Object.values(changes).flatMap((text) => text ?? [])
      return patchObject(cluster, place, { version, operations, secrets: [...texts, ...texts.map(encode)] })
    },
  }
}

/** What another has removed meanwhile cannot be removed (422, where it should be 409): so it is added first. */
function operationsOf(key: string, text: string | undefined): readonly PatchOperation[] {
  const path = `/data/${key}`
  const added: PatchOperation = { op: 'add', path, value: encode(text ?? '') }
  return text === undefined ? [added, { op: 'remove', path }] : [added]
}

/** Without `data` it is empty; undefined where it cannot be read. */
function valuesOf({ data = {} }: JsonObject): Readonly<Record<string, string>> | undefined {
  if (!isObject(data ?? {})) return undefined
  const entries = Object.entries(data ?? {})
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return undefined
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
