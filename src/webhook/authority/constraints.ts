import type { ServiceName } from './types.ts'

/** The names by which the API server, and people in a pod, reach the webhook. */
export const namesOf = ({ service, namespace }: ServiceName): readonly string[] => [
  `${service}.${namespace}.svc`,
  `${service}.${namespace}.svc.cluster.local`,
]

const SEQUENCE = 0x30
/** [0] permittedSubtrees of NameConstraints, and [2] dNSName of GeneralName. */
const PERMITTED = 0xa0
const DNS_NAME = 0x82

export const NAME_CONSTRAINTS = '2.5.29.30'

/**
 * The extension's value that lets an authority sign for these DNS names and no others (RFC 5280, section 4.2.1.10): stolen,
 * it is good for nothing else. The library reads that extension, but does not write it.
 */
export function nameConstraints(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const subtrees = names.map((name) => der(SEQUENCE, der(DNS_NAME, new TextEncoder().encode(name))))
  return der(SEQUENCE, der(PERMITTED, ...subtrees))
}

/** One value in DER: X.690, sections 8.1 and 10.1. */
function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Uint8Array.from([tag, ...octets, ...contents.flatMap((part) => [...part])])
}
