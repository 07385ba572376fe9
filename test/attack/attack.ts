import type { Protocol } from '../conformance/client.ts'
import { converse } from './wire.ts'

/** An endpoint under attack, and what the attacker has: it is a container of the pod, with a role of its own. */
export type Target = {
  readonly protocol: Protocol
  readonly port: number
  /** Of health and metrics. */
  readonly metricsPort: number
  /** Where that container's credentials are. */
  readonly path: string
  /** The name of the header that says who asks, and what it holds. */
  readonly proof: { readonly name: string; readonly token: string }
  /** That of the pod's other container, whose role is another; IMDS has none. */
  readonly other?: string
}

export type Attack = {
  /** `FAMILY/NAME`. */
  readonly name: string
  /** What must be seen, in the words of `converse`. */
  readonly expected: string
  /** Where it is tried; at each endpoint by default. */
  readonly only?: Protocol
  act(target: Target): Promise<Seen>
}
export type Seen = {
  readonly seen: string
  /** A figure that nothing is asserted of. */
  readonly note?: string
}

export type Row = readonly [name: string, bytes: (target: Target) => string | Uint8Array, expected: string]

/** Attacks of a conversation each: the bytes are sent at once, and the answers must be these. */
export const family = (name: string, rows: readonly Row[], only?: Protocol): readonly Attack[] =>
  rows.map(([row, bytes, expected]) => ({
    name: `${name}/${row}`,
    expected,
    ...(only === undefined ? {} : { only }),
    act: async (target) => {
      const answers = expected === 'closed' ? 0 : expected.split(', ').length
      return { seen: await converse(target.port, bytes(target), answers) }
    },
  }))

/** An HTTP message from its lines. */
export const message = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`

export type Change = {
  readonly line?: string
  /** Header lines in place of Host. */
  readonly host?: readonly string[]
  /** Header lines in place of the one that says who asks. */
  readonly proof?: readonly string[]
}

export const proofLine = ({ proof: { name, token } }: Target): string => `${name}: ${token}`

/** The request that would be answered with credentials, changed or with more header lines. */
export function ask(target: Target, { line, host, proof }: Change = {}, ...more: readonly string[]): string {
  const { path } = target
  return message(
    line ?? `GET ${path} HTTP/1.1`,
    ...(host ?? [`Host: 127.0.0.1:${target.port}`]),
    ...(proof ?? [proofLine(target)]),
    ...more,
  )
}

/** `12 × 200 web, 3 × closed`, the most frequent first. */
export function tally(seen: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const one of seen) counts.set(one, (counts.get(one) ?? 0) + 1)
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a)
  return sorted.map(([one, count]) => `${count} × ${one}`).join(', ')
}
