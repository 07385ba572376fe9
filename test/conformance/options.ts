import { parseArgs } from 'node:util'
import { cases } from './cases/index.ts'
import type { Client, Protocol } from './client.ts'
import { clients } from './clients.ts'
import { LOOP_CASE } from './report.ts'

const names = [...cases.map(({ name }) => name), LOOP_CASE]

export const help = `Whether AWS's clients, as their users have them, get on with the sidecar's endpoint.

Usage:
  npm run conformance -- [--only NAME,…] [--require NAME,…] [--protocol PROTOCOL]
                         [--case NAME,…] [--calls N] [--json FILE]

Flags:
  --only       These clients alone.
  --require    These clients must be there: one that cannot be made ready is a failure.
  --protocol   container or imds, instead of both.
  --case       These cases alone:
               ${names.join(', ')}.
  --calls      Signed calls of the long loops (js-v3, boto3, go-v2), 2000 by default.
  --json       Writes what was found to a file. docs/compatibility.md is made from
               test/conformance/report.json, a run of everything.
  --list       Names the clients and ends.

Every client is a process of its own that has only the variables which the webhook
injects; with the credentials that it finds it signs GetCallerIdentity for an STS that
verifies. Clients are installed below node_modules/.cache on the first run, which takes
minutes. That needs Linux, Node.js, Python 3.11 with venv, Go, Java 17 with Maven, Rust,
and of Debian's packages awscli and faketime; a client for which something is missing
is named and left out.
Exit codes: 0 all passed, 1 something failed, nothing was tried or a required client is
missing, 2 called wrongly.
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
  const calls = Number(values.calls ?? '2000')
  if (!Number.isInteger(calls) || calls < 1) throw new Error(`--calls: ${values.calls} is not a number of calls`)
  const chosen = only.length === 0 ? clients : clients.filter(({ name }) => only.includes(name))
  const tried = chosen.map(({ name }) => name)
  return {
    clients: chosen,
    required: new Set(words(values.require, tried, '--require')),
    protocols: protocols.length === 0 ? ['container', 'imds'] : protocols,
    cases: new Set(values.case === undefined ? names : words(values.case, names, '--case')),
    calls,
    json: values.json,
    list: values.list,
    help: values.help,
  }
}

/** Nothing where the flag is absent. Throws where it names what is not there, or nothing. */
function words(text: string | undefined, known: readonly string[], flag: string): string[] {
  if (text === undefined) return []
  const found = text.split(/[\s,]+/).filter((word) => word !== '')
  const unknown = found.find((word) => !known.includes(word))
  if (unknown !== undefined) throw new Error(`${flag}: there is no ${unknown}; there are ${known.join(', ')}`)
  if (found.length === 0) throw new Error(`${flag}: it names nothing; there are ${known.join(', ')}`)
  return found
}

/** Whether that is everything, so that a page can be made of it. */
export const isComplete = (options: Options): boolean =>
  options.clients.length === clients.length && options.protocols.length === 2 && options.cases.size === cases.length + 1
