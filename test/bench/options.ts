import { openSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { wrap } from '../../src/terminal/help.ts'
import type { Bench } from './bench.ts'
import { benches } from './benches.ts'

const about = `Measures what Lanyard costs: memory, start, processor time and latency of the sidecar and the webhook, as the
image has them and as its user runs them, beside empty servers of Node in the same minutes; how all of that grows; what
each step that was taken brings; and, in a simulation of the real core, what a herd of 100,000 sidecars asks of STS.`

const output = `A line is a figure: the median, and in brackets the least and the greatest reading; what a ratio was made of,
ours / baseline; the goal, and whether it is met; what programs of Go in this place have.`

const bounds = `Nothing timed fails it, since a machine may be busy: only a fixed figure (a size, a count) that misses its
goal does, or a bench that could not be run. It takes up to 10 minutes (--short: 3), Linux, and best as root, two
processors and nothing else that runs.`

const names = benches.map(({ name }) => name).join(', ')

export const help = `${wrap(about, 0)}

Usage:
  npm run bench -- [--only NAME,…]... [--short] [--real] [--json FILE]
  npm run bench -- --list

Flags:
  --only NAME,…
${wrap(`Only these: ${names}.`, 6)}
  --short
${wrap('Fewer rounds, smaller herds, no levers: to see that all of it works, not to publish.', 6)}
  --real
${wrap('The webhook in the cluster of KUBECONFIG, with a few ServiceAccounts, then with 50,000; all are deleted at the end.', 6)}
  --json FILE
${wrap('Writes the figures to this file as well; docs/performance.md is made of docs/performance.json.', 6)}
  --list
${wrap('Names the benches and ends.', 6)}

${[output, bounds].map((text) => wrap(text, 0)).join('\n\n')}
${wrap('Exit codes: 0 measured, 1 a fixed goal was missed or a bench failed, 2 called wrongly, 130 interrupted.', 0)}
`

export class UsageError extends Error {}

export type Options = {
  readonly chosen: readonly Bench[]
  readonly short: boolean
  readonly real: boolean
  /** An open file, to be written at the end. */
  readonly json: number | undefined
  readonly list: boolean
  readonly help: boolean
}

/** Throws UsageError with a sentence for whoever called. */
export function readOptions(args: readonly string[]): Options {
  const { only, json, ...given } = parse(args)
  const { short = false, real = false, list = false, help = false } = given
  const chosen = choose(only)
  const isOpen = json !== undefined && !list && !help
  return { chosen, short, real, json: isOpen ? openForWriting(json) : undefined, list, help }
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const
  const options = {
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
    short: flag,
    real: flag,
    list: flag,
    help: flag,
  } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown))
  }
}

function choose(only: readonly string[] | undefined): readonly Bench[] {
  if (only === undefined) return benches
  const wanted = only.flatMap((text) => text.split(',')).map((name) => name.trim())
  const unknown = wanted.find((name) => !benches.some((bench) => bench.name === name))
  if (unknown !== undefined) throw new UsageError(`--only: there is no bench "${unknown}"; there are ${names}`)
  return benches.filter(({ name }) => wanted.includes(name))
}

/** Not emptied yet: what a run that fails was to replace is still there after it. */
function openForWriting(path: string): number {
  try {
    return openSync(path, 'a')
  } catch (thrown) {
    throw new UsageError(`--json: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}
