import type { SecretStore } from '../webhook/authority/ports.ts'
import { patchObject, readObject } from './exchange.ts'
import { invalidAnswer } from './explain.ts'
import { isObject, versionOf } from './json.ts'
import { secretPlace } from './places.ts'
import type { Cluster, JsonObject } from './types.ts'

/** A Secret of the cluster: its data alone is read and written, whatever else it carries stays. */
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
    write(values, version) {
      const data = Object.fromEntries(Object.entries(values).map(([key, text]) => [key, encode(text)]))
      return patchObject(cluster, place, {
        version,
        // `add` replaces what is there as a whole (RFC 6902, section 4.1).
        operations: [{ op: 'add', path: '/data', value: data }],
        secrets: [...Object.values(data), ...Object.values(values)],
      })
    },
  }
}

/** Without `data` it is empty; undefined where it cannot be read. */
function valuesOf({ data = {} }: JsonObject): Readonly<Record<string, string>> | undefined {
  if (!isObject(data ?? {})) return undefined
  const entries = Object.entries(data ?? {})
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return undefined
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64')
