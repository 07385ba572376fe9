import { parseArgs } from 'node:util'
import { cases } from './cases/index.ts'
import type { Client, Protocol } from './client.ts'
import { clients } from './clients.ts'
import { LOOP_CASE } from './report.ts'

export const help = `Whether AWS's clients, as their users have them, get on with the sidecar's endpoint.

Usage:
  npm run conformance -- [--only NAME,…] [--require NAME,…] [--protocol PROTOCOL] [--case NAME,…]
                         [--calls N] [--json FILE]

Flags:
  --only       These clients alone.
  --require    These clients must be there: one that cannot be made ready counts as a failure.
  --protocol   container or imds, instead of both.
  --case       These cases alone: ${[...cases.map(({ name }) => name), LOOP_CASE].join(', ')}.
  --calls      Signed calls of the long loops (js-v3, boto3, go-v2), 2000 by default.
  --json       Writes what was found to a file; docs/compatibility.md is made from test/conformance/report.json.
  --list       Names the clients and ends.

Every client is a process of its own that has only the variables which the webhook injects; with the credentials that it finds
it signs GetCallerIdentity for an STS that verifies. Clients are installed below node_modules/.cache on the first run, which
takes minutes and needs Node.js, Python, Go, Java with Maven, Rust and apt; one whose toolchain is not there is named.
Exit codes: 0 all passed, 1 something failed or a required client is missing, 2 called wrongly.
`

export type Options = {
  readonly clients: readonly Client[]
  readonly required: ReadonlySet<string>
  readonly protocols: readonly Protocol[]
  /** Names of cases, the loop's among them. */
  readonly cases: ReadonlySet<string>
  readonly calls: number
  readonly json: string | undefined
  readonly list: boolean
  readonly help: boolean
}

/** Throws with a sentence for whoever called. */
export function readOptions(argv: readonly string[]): Options {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...argv],
    options: { only: text, require: text, protocol: text, case: text, calls: text, json: text, list: flag, help: flag },
  })
  const known = clients.map(({ name }) => name)
  const only = words(values.only, known, '--only')
  const protocols = words(values.protocol, ['container', 'imds'], '--protocol') as Protocol[]
  const named = [...cases.map(({ name }) => name), LOOP_CASE]
  const calls = Number(values.calls ?? '2000')
  if (!Number.isInteger(calls) || calls < 1) throw new Error(`--calls: ${values.calls} is not a number of calls`)
  return {
    clients: only.length === 0 ? clients : clients.filter(({ name }) => only.includes(name)),
    required: new Set(words(values.require, known, '--require')),
    protocols: protocols.length === 0 ? ['container', 'imds'] : protocols,
    cases: new Set(values.case === undefined ? named : words(values.case, named, '--case')),
    calls,
    json: values.json,
    list: values.list,
    help: values.help,
  }
}

function words(text: string | undefined, known: readonly string[], flag: string): string[] {
  const found = (text ?? '').split(/[\s,]+/).filter((word) => word !== '')
  const unknown = found.find((word) => !known.includes(word))
  if (unknown !== undefined) throw new Error(`${flag}: there is no ${unknown}; there are ${known.join(', ')}`)
  return found
}
